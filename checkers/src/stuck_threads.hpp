// Threads that wait when an execution stops: since when, and notes on those that a finding is not
// about.
#pragma once

#include <string>
#include <vector>

#include "report_writer.hpp"

namespace heddle::checkers {

// "no thread can ...: `main` waits to join `worker` (pool_test.cpp:33)": what every other thread
// does, after `lead`; nothing if there are no others.
void note_other_threads(report_writer& w, const std::vector<int>& explained,
                        const std::string& lead);

// The step in which the wait of `t` begins, as its user wrote it: a wait on a condition variable or
// an atomic is several steps, of which the last one blocks. 0: unknown.
unsigned first_step_of_wait(const execution_trace& trace, int t);

// The last event that matches; nullptr: none.
template <class Matches>
const event* last_event(const execution_trace& trace, Matches matches) {
    for (auto e = trace.events.rbegin(); e != trace.events.rend(); ++e)
        if (matches(*e)) return &*e;
    return nullptr;
}

}  // namespace heddle::checkers
