// Which mutexes a thread holds at a step of a recorded execution.
#pragma once

#include <vector>

#include <heddle/trace/execution_trace.hpp>

namespace heddle::checkers {

// In the order in which they were taken.
std::vector<int> held_mutexes(const trace::execution_trace& trace, int thread, unsigned step);

// How `thread` took `mutex`, which it holds when it performs `step`; nullptr: it does not.
// Two steps of one hold have the same.
const trace::event* acquisition(const trace::execution_trace& trace, int thread, unsigned step,
                                int mutex);

bool holds(const trace::execution_trace& trace, int thread, unsigned step, int mutex);

// The mutex that a wait on a condition variable gives back: the one unlocked right after the entry
// into the set at step `enqueue`; `none` for an atomic wait.
int mutex_of_wait(const trace::execution_trace& trace, unsigned enqueue);

}  // namespace heddle::checkers
