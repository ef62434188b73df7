// The finding `nondeterminism`: the same schedule, run again, did not do the same.
//
//   trace::diagnostic d = checkers::explain_nondeterminism(trace);
//
// Exploration replays the beginning of an execution to reach its end, so a body must depend on
// nothing but its schedule. The report names the first step that differs and the usual causes.
#pragma once

#include <heddle/trace/diagnostic.hpp>

namespace heddle::checkers {

trace::diagnostic explain_nondeterminism(const trace::execution_trace& trace);

}  // namespace heddle::checkers
