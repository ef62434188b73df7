// The finding `leak`: memory that the body allocated with `new` is still there when all of its
// threads have ended. Asked for by the option `detect_leaks`.
//
//   trace::diagnostic d = checkers::explain_leak(trace);   // trace.why == stop::leak
//
// Each place that allocated is marked once, with the number of its blocks.
#pragma once

#include <heddle/trace/diagnostic.hpp>

namespace heddle::checkers {

trace::diagnostic explain_leak(const trace::execution_trace& trace);

}  // namespace heddle::checkers
