// The findings `livelock` and `step-limit`: an execution that does not end.
//
//   trace::diagnostic d = checkers::explain_livelock(trace);    // trace.why == stop::livelock
//   trace::diagnostic d = checkers::explain_step_limit(trace);  // trace.why == stop::step_limit
//
// A livelock is an error where every thread that could run repeats the same reads and nobody else
// can change what they read: it goes on for ever. It is a warning where threads were only seen to
// get nowhere up to the step limit. A step limit says no more than that the execution was long.
#pragma once

#include <heddle/trace/diagnostic.hpp>

namespace heddle::checkers {

trace::diagnostic explain_livelock(const trace::execution_trace& trace);
trace::diagnostic explain_step_limit(const trace::execution_trace& trace);

}  // namespace heddle::checkers
