// Seeded random bodies over everything the engine models, small enough for a plain depth-first
// search.
#pragma once

#include <heddle/heddle.hpp>

#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

namespace heddle::generated {

enum class statement_kind {
    load,
    store,
    store_last_plus_one,
    fetch_add,
    exchange,
    compare_exchange,
    fence,
    lock,
    unlock,
    lock_both,
    try_lock,
    await_not_zero,
    await_below_two,
    skip_next_if_equal,  // a branch on a value read
    wait_for_flag,       // condition variable, with its predicate
    wait_once,           // condition variable, without one
    raise_flag_one,
    raise_flag_all,
    choose,
    timed_lock,           // locks for a while, and gives back at once what it got
    wait_for_flag_timed,  // as above, for a while
    wait_once_timed,
    sleep,
    read_clock,
};

struct statement {
    statement_kind kind;
    unsigned object;  // which atomic or mutex
    std::memory_order order, failure;
    int value;
};

struct program {
    std::vector<std::vector<statement>> threads;
    bool has_waits = false;
    bool timed = false;  // locks are those of timed mutexes; the outcome has the time
};

// What the statements may be: the generator of one seed draws from one of these mixes.
enum class mix { atomics, locks, waits, timed_locks, timed_waits };

program generate(std::uint64_t seed, mix what);
std::string to_string(const program& p);

// One execution of the program; records what each thread read last and the final values. It fails
// if the threads read last what `refused` says: their values, a blank after each.
void run(const program& p, const std::string& refused = {});

}  // namespace heddle::generated
