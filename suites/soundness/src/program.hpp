// A concurrent test body as data: what the generator makes, both searches run, and the shrinker
// takes apart.
//
// Thread 0 is main, which makes the objects. Every other thread is started by one `start` of its
// parent. The results of a thread's operations go to its own `a[...]`, which it records when it
// ends; main records the final values of the atomics too.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace heddle::soundness {

enum class order : std::uint8_t { relaxed, acquire, release, acq_rel, seq_cst };

enum class comparison : std::uint8_t { equal, not_equal, at_least, below };

enum class mutex_kind : std::uint8_t { plain, recursive, timed, recursive_timed };

enum class kind : std::uint8_t {
    // Atomics. `object` is the atomic.
    load,                     // a[s] = x.load(o)
    store,                    // x.store(v, o)
    fetch_add,                // a[s] = x.fetch_add(v, o)
    fetch_or,                 //
    fetch_xor,                //
    exchange,                 //
    compare_exchange_strong,  // a[s + 1] = x.compare_exchange_strong(a[s] = e, v, o, f)
    compare_exchange_weak,    //
    weak_loop,                // for (a[s] = e; !x.compare_exchange_weak(a[s], a[s] + v, o, f);) {}
    weak_lock,                // for (a[s] = e; !x.compare_exchange_weak(a[s], v, o, f);) a[s] = e
    fence,                    // atomic_thread_fence(o)
    wait,                     // x.wait(e, o)
    notify_one,               // x.notify_one()
    notify_all,               //
    await,                    // a[s] = await(x, compare e, o)
    poll,                     // while (!((a[s] = x.load(o)) compare e)) body
    poll_update,              // while (!((a[s] = x.exchange(v, o)) compare e)) body

    // Mutexes. `object` is the mutex, which the body holds.
    lock,         // m.lock(), with no guard
    unlock,       //
    guard,        // { unique_lock hold(m); body }
    try_guard,    // if (unique_lock hold(m, try_to_lock); a[s] = hold.owns_lock()) body
    timed_guard,  // the same with a duration
    poll_guard,   // { unique_lock hold(m, defer_lock); while (!hold.try_lock()) otherwise; body }
    lock_all,     // { auto both = lock_all(m, n); body }
    scoped_lock,  // fibers::scoped_lock
    lock_both,    // fibers::lock of two deferred guards
    std_scoped_lock,  // std::scoped_lock, which tries and backs off
    poll_var,  // for (;;) { unique_lock hold(m); if ((a[s] = v) compare e) break; hold.unlock();
               // body }

    // Condition variables. `object` is the condition variable, `other` the plain mutex, held.
    condition_wait,            // c.wait(hold)
    condition_wait_until,      // c.wait(hold, [&] { return v compare e; })
    condition_wait_for,        // a[s] = c.wait_for(hold, d) == timeout
    condition_wait_for_until,  // a[s] = c.wait_for(hold, d, [&] { return v compare e; })
    condition_notify_one,      //
    condition_notify_all,      //

    // Plain data. `object` is the var.
    read,   // a[s] = v
    write,  // v = value
    add,    // v += value

    // The thread's own.
    choose,      // a[s] = choose(e)
    assume,      // assume(a[s] compare e)
    assertion,   // HEDDLE_ASSERT(a[s] compare e)
    branch,      // if (a[s] compare e) body else otherwise
    sleep,       // sleep_for(d)
    read_clock,  // a[s] = now, in microseconds
    yield,       //
    count,       // ++n, which nobody looks at: the counter of a loop

    // Threads. `object` is the thread.
    start,   //
    join,    //
    detach,  //
};

// A constant, or a result of this thread and a constant.
struct operand {
    int slot = -1;
    int constant = 0;

    friend bool operator==(const operand&, const operand&) = default;
};

struct statement {
    kind what = kind::yield;
    unsigned object = 0;
    unsigned other = 0;  // a second mutex, or the var of a predicate
    unsigned held = 0;   // the mutex that a wait on a condition variable gives back
    int slot = -1;       // of a[...] for the result; -1: none
    order success = order::seq_cst;
    order failure = order::seq_cst;
    operand value{};
    comparison compare = comparison::equal;
    int expected = 0;
    unsigned milliseconds = 0;
    unsigned tries = 0;  // of a loop that gives up; 0: it does not
    unsigned line = 0;   // in a program that runs: each statement has a place of its own
    std::vector<statement> body, otherwise;

    friend bool operator==(const statement&, const statement&) = default;
};

using block = std::vector<statement>;

struct program {
    unsigned atomics = 0;
    std::vector<mutex_kind> mutexes;
    unsigned conditions = 0;
    unsigned vars = 0;
    std::vector<block> threads{1};

    friend bool operator==(const program&, const program&) = default;
};

bool holds(comparison c, int value, int expected) noexcept;

// One past the largest slot of `a[...]` that the thread uses.
unsigned slots_of(const block& thread);

// Calls `f(statement)` for each statement, in the order of the text, nested ones after the one that
// holds them.
template <class Block, class F>
void for_each(Block& statements, F&& f) {
    for (auto& s : statements) {
        f(s);
        for_each(s.body, f);
        for_each(s.otherwise, f);
    }
}
template <class Program, class F>
void for_each_statement(Program& p, F&& f) {
    for (auto& thread : p.threads) for_each(thread, f);
}

std::size_t size_of(const program& p);  // in statements

}  // namespace heddle::soundness
