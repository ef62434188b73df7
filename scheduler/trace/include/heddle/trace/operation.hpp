// The vocabulary of steps: what one operation of a modelled thread is, and what it acts on.
//
// The engine uses these values as its operation codes, the trace as its event kinds, and the
// schedule string hashes them, so their numbers are part of the schedule format: append, never
// renumber.
#pragma once

#include <cstdint>
#include <string_view>

namespace heddle::trace {

enum class operation : std::uint8_t {
    // atomics
    load = 0,
    store = 1,
    exchange = 2,
    fetch_add = 3,
    fetch_sub = 4,
    fetch_or = 5,
    fetch_and = 6,
    fetch_xor = 7,
    fetch_add_float = 8,
    fetch_add_double = 9,
    compare_exchange_strong = 10,
    compare_exchange_weak = 11,
    // reads that block until the value satisfies a predicate
    await_equal = 12,
    await_not_equal = 13,
    await_predicate = 14,
    await_compare_exchange = 15,
    // lock words: a blocking read-modify-write, a try, a release
    lock = 16,
    try_lock = 17,
    unlock = 18,
    // waiter sets of condition variables and atomic waits
    wait_enqueue = 19,   // joins the set of waiters
    wait_wake = 20,      // leaves the wait: reads from the notification that removed it
    wait_spurious = 21,  // leaves the set without a notification
    notify_one = 22,
    notify_all = 23,
    // order and threads
    fence = 24,
    spawn = 25,
    join = 26,
    detach = 27,
    thread_start = 28,
    thread_end = 29,
    // the rest
    choose = 30,
    plain_read = 31,
    plain_write = 32,
    yield = 33,
    sleep = 34,
    log = 35,
    lock_all = 36,  // takes several lock words in one step (`lock(ms...)`, `scoped_lock`)
    // timed waits
    timed_try_lock = 37,  // takes a lock word, or times out where it is taken
    timed_lock = 38,      // takes a lock word once it is free; times out by `expire` alone
    wait_timed = 39,      // leaves a timed wait: timed out, or reads from its notification
    wait_late = 40,       // notified: did the time run out as well?
    expire = 41,          // nothing else could run: the earliest timed waits time out
    clock_read = 42,
    timed_choice = 43,  // whether the wait that follows is early or late; in no trace
};

// The word used in traces and reports: "load", "compare_exchange_weak", "wait", ...
std::string_view name_of(operation op) noexcept;

enum class object_kind : std::uint8_t {
    thread,
    atomic,
    atomic_flag,
    var,
    mutex,
    recursive_mutex,
    condition_variable,
};

std::string_view name_of(object_kind kind) noexcept;

// How the 64 stored bits of an object are shown.
enum class value_format : std::uint8_t {
    unsigned_integer,
    signed_integer,
    boolean,
    pointer,
    floating,
    bits
};

// Memory orders as bits: acquire and release halves, and the total order of seq_cst.
enum class order : std::uint8_t { relaxed = 0, acquire = 1, release = 2, acq_rel = 3, seq_cst = 7 };

std::string_view name_of(order o) noexcept;

}  // namespace heddle::trace
