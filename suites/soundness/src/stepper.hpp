// One step from one state: a state that is changed, and the knowledge of its threads.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>

#include "machine.hpp"

namespace heddle::soundness {

// What is known to have happened before: for race-checked data which accesses (a bit each), for
// atomics the newest write (its place in the order of those that somebody knows, a byte each).
struct knowledge {
    std::uint32_t accesses = 0, writes = 0;

    void join(knowledge other) noexcept;
    unsigned write(unsigned atomic) const noexcept { return writes >> (8 * atomic) & 0xff; }
    void set_write(unsigned atomic, unsigned place) noexcept;
};

class stepper {
public:
    stepper(const machine& m, state s, steps& out) : m_(m), s_(std::move(s)), out_(out) {}

    // All steps of a thread that is before a step that others see. `active`: one of them needs
    // neither bounds nor time.
    void visible(unsigned thread, bool& active, bool& timed);
    // Nothing else can run: the earliest deadline is reached.
    void let_time_pass();
    // Takes the steps that nobody else sees, and hands over what comes of it.
    void settle();
    // Whether one more wakeup lets the waiter go on. The state is spent.
    bool leaves_wait(unsigned thread);

private:
    using word = std::int32_t;

    const instruction& next() const { return m_.next_of(s_, t_); }
    word& of_thread(unsigned w) { return s_[m_.threads_[t_] + w]; }
    word& of_atomic(unsigned x, unsigned w) {
        return s_[m_.atomics_ + x * machine::atomic_words + w];
    }
    word& of_mutex(unsigned m, unsigned w) {
        return s_[m_.mutexes_ + m * machine::mutex_words + w];
    }
    word& condition_time(unsigned c) { return s_[m_.conditions_ + c]; }
    word& var(unsigned v) { return s_[m_.vars_ + v]; }
    knowledge get(const word& first) const;
    void put(word& first, knowledge k) const;

    word& result(int slot) { return of_thread(machine::results + static_cast<unsigned>(slot)); }
    int operand_of(const statement& s);
    void advance() { ++of_thread(machine::at); }
    void jump() { of_thread(machine::at) = static_cast<word>(next().target); }
    void after(bool jumps) { jumps ? jump() : advance(); }

    // A copy with `change` applied, settled, is one of the next states.
    template <class F>
    void branch(F&& change) {
        stepper copy(m_, s_, out_);
        copy.t_ = t_;
        change(copy);
        copy.settle();
    }

    // The steps. Each begins at `next()` of the thread `t_`.
    void local_step();
    bool is_local();
    void access(bool writes);
    void fence();
    void atomic_step(bool& active);
    void exchange_if(bool& active);
    void wait_step(bool& active);
    void notify_waiters();
    void mutex_step(bool& active, bool& timed);
    void condition_step(bool& active, bool& timed);
    void notify_condition();

    void see(unsigned x, order o);  // reads the newest write
    void make_write(unsigned x, word value, order o, bool update);
    void renumber_writes();
    bool is_free(unsigned m) { return of_mutex(m, machine::owner) < 0; }
    bool is_mine(unsigned m) { return of_mutex(m, machine::owner) == static_cast<word>(t_); }
    void take(unsigned m);
    void give_back(unsigned m);
    void leave(machine::wait_end end);
    void time_out_early(bool& timed);
    void not_before(word time) {
        of_thread(machine::time) = std::max(of_thread(machine::time), time);
    }
    void update_time(word& object_time) {
        not_before(object_time);
        object_time = of_thread(machine::time);
    }
    template <class F>
    void each_knowledge(F&& f);

    const machine& m_;
    state s_;
    steps& out_;
    unsigned t_ = 0;
    bool ended_ = false;  // by a race, an assertion or an assumption
};

}  // namespace heddle::soundness
