// The finding `crash`: the body was about to end the process, by a fatal signal, std::terminate or
// exit. And a thread that runs for ever without a step, which is a `livelock`.
//
//   trace::diagnostic d = checkers::explain_crash(trace);          // trace.why == stop::crash
//   trace::diagnostic e = checkers::explain_endless_loop(trace);   // stop::endless_loop
//
// The place is that of the instruction, found on the run that is explained. What the thread had
// read last is shown as for an assertion: a pointer that was published too early is the usual
// cause.
#pragma once

#include <heddle/trace/diagnostic.hpp>

namespace heddle::checkers {

trace::diagnostic explain_crash(const trace::execution_trace& trace);
trace::diagnostic explain_endless_loop(const trace::execution_trace& trace);

}  // namespace heddle::checkers
