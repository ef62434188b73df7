// What led to a wait that never ends: the test before it, the change of what was tested, the
// notifications around it.
#pragma once

#include <string>
#include <vector>

#include "report_writer.hpp"

namespace heddle::checkers {

enum class loss {
    before_the_wait,  // notified when the waiter had tested the state but did not wait yet
    swallowed,        // woke another waiter, which went back to wait on the same thing
    timed_out,        // woke another waiter, whose time was over: it reported a timeout
    one_of_several,   // woke one thread, and the state lets another go on too
    not_notified,     // the state changed, and no notification followed
    unknown,
};

struct wait_history {
    int waiter = none;
    int condition = none;  // the condition variable, or the waiter set of an atomic
    bool on_atomic = false;
    int mutex = none;                // of the wait; `none` for an atomic wait
    const event* enqueue = nullptr;  // the entry into the set of waiters
    const event* test = nullptr;     // its last read of the state it waits for, before its sleep
    const event* change =
        nullptr;  // the last change of that state after the test, by another thread
    const event* notify = nullptr;         // the notification that was lost
    const event* back_to_sleep = nullptr;  // swallowed: where the thread woken waits again
    const event* timeout = nullptr;        // timed_out: where the thread woken finds its time over
    int woken = none;                      // the thread it woke instead
    std::vector<int> waiting;              // all threads in the set when the execution stops
    loss kind = loss::unknown;
};

// "notified-before-wait", "swallowed", ...
std::string word_of(loss kind);

wait_history history_of_wait(const execution_trace& trace, int waiter);

}  // namespace heddle::checkers
