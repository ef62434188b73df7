// The finding `misuse`: a call that its type does not allow.
//
//   trace::diagnostic d = checkers::explain_object_misuse(trace);   // trace.why == stop::misuse
//
// Each precondition has its own sentence, the clause of the standard it comes from, and, where a
// step of the execution made the call wrong (the holder of the mutex, an earlier join), that step.
#pragma once

#include <heddle/trace/diagnostic.hpp>

namespace heddle::checkers {

// Requires: `trace.misuse` names the precondition, `trace.where` the call.
trace::diagnostic explain_object_misuse(const trace::execution_trace& trace);

}  // namespace heddle::checkers
