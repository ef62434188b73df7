// Which mutexes a thread holds at a step of a recorded execution.
#pragma once

#include <vector>

#include <heddle/trace/execution_trace.hpp>

namespace heddle::checkers {

// In the order in which they were taken.
std::vector<int> held_mutexes(const trace::execution_trace& trace, int thread, unsigned step);

bool holds(const trace::execution_trace& trace, int thread, unsigned step, int mutex);

// The mutex that a wait on a condition variable gives back: the one unlocked right after the entry
// into the set at step `enqueue`; `none` for an atomic wait.
int mutex_of_wait(const trace::execution_trace& trace, unsigned enqueue);

}  // namespace heddle::checkers
