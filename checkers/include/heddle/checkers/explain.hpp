// Why an execution failed: from its trace to a finding.
//
//   trace::diagnostic d = checkers::explain(failure.trace);
//   d.found = ..., d.replay = ...;   // the search knows these
//   std::string report = trace::render(failure.trace, d);
#pragma once

#include <heddle/trace/diagnostic.hpp>

namespace heddle::checkers {

// The finding of what stopped the execution (`trace.why`). A complete execution has none: the
// result then has an empty slug.
trace::diagnostic explain(const trace::execution_trace& trace);

}  // namespace heddle::checkers
