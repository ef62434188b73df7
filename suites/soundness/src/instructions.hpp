// A program as the enumerator runs it: each thread a list of small steps with jumps.
//
// Nothing here or in `machine` and `state_space` knows heddle: they are a second reading of the
// standard, for comparison.
#pragma once

#include <vector>

#include "program.hpp"

namespace heddle::soundness {

enum class action : std::uint8_t {
    // Seen by other threads: each is a step of its own. `at` names the atomic, mutex or condition.
    load,
    store,
    update,       // fetch_*, exchange; `jumps` if the comparison of a poll holds
    exchange_if,  // compare_exchange; jumps if it succeeds
    await,
    wait_load,   // the load of an atomic wait; jumps if the value differs
    wait_enter,  // jumps back to the load if a notification was missed
    wait_block,
    notify,
    lock,
    unlock,
    try_lock,        // jumps if it fails
    timed_lock,      // jumps if it times out
    lock_both_free,  // waits until both are free, and takes the first
    lock_second,
    condition_enter,  // enters the set of waiters and gives the mutex back
    condition_block,
    condition_notify,
    sleep_block,  // a sleep that lasts until nothing else can run
    join,

    // Seen by nobody else, but for the race check: they follow the step before at once.
    set_deadline,
    begin_tries,
    next_try,  // jumps if there are none left
    jump,
    set,  // a[s] = expected
    read,
    write,
    add,
    test_var,       // jumps if the comparison holds
    test_result,    // jumps unless the comparison holds
    test_timeout,   // jumps unless the wait timed out
    notified_late,  // jumps if a notified waiter finds its time over
    fence,
    choose,
    assume,
    assertion,
    sleep,
    read_clock,
    start,
    detach,
    exit,
};

struct instruction {
    action what;
    const statement* of = nullptr;  // operands and orders; its program outlives this
    unsigned at = 0;
    int slot = -1;
    unsigned target = 0;  // where it jumps
    int expected = 0;
};

struct code {
    unsigned results = 0;  // of the thread, with main's last look at the atomics
    std::vector<instruction> instructions;
};

// Refers to the statements of `p`.
std::vector<code> compile(const program& p);

}  // namespace heddle::soundness
