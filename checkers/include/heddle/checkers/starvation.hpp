// The finding `starvation`: an execution that goes on for ever, is fair, and leaves a thread out.
//
//   trace::diagnostic d = checkers::explain_starvation(trace);  // trace.why == stop::starvation
//
// The steps from `trace.cycle_from` to the end repeat. In each round every thread that can run
// does, some change data, and `trace.thread` changes nothing but locks that it gives back: it never
// gets what it waits for. A warning, since the rounds were run up to the step limit and no further.
#pragma once

#include <heddle/trace/diagnostic.hpp>

namespace heddle::checkers {

trace::diagnostic explain_starvation(const trace::execution_trace& trace);

}  // namespace heddle::checkers
