// The finding `data-race`: two accesses of one object, at least one a write, at least one not
// atomic, and neither happens before the other.
//
//   trace::diagnostic d = checkers::explain_data_race(trace);   // trace.why == stop::data_race
//
// The report names both accesses and the missing edge between them: the pair of a store and a load
// that nearly synchronized, the mutex that only one side holds, or the last the later thread knew
// of the earlier one. It advises only where the advised program orders these two accesses.
#pragma once

#include <heddle/trace/diagnostic.hpp>

namespace heddle::checkers {

// Requires: `trace.step` is the later access, `trace.other_step` the earlier.
// Cost: O(steps * threads).
trace::diagnostic explain_data_race(const trace::execution_trace& trace);

}  // namespace heddle::checkers
