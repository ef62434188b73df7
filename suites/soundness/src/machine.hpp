// The rules of one step under sequential consistency, written from the standard and from what the
// documentation says of bounds and of time. A state is a list of words; every step makes a new one.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "instructions.hpp"
#include "program.hpp"

namespace heddle::soundness {

struct bounds {
    unsigned spurious = 0;        // wakeups and weak failures of an execution
    unsigned early_timeouts = 2;  // of a thread; sleeps apart from other timed waits
};

using state = std::vector<std::int32_t>;

// Where the steps of one state lead.
struct steps {
    std::vector<state> next;
    // Executions that end in the middle of a step.
    bool race = false, assertion = false, dropped = false;
    // What is left of steps are spurious wakeups, early timeouts, and the end of timed waits.
    bool idle = false;
    bool timed = false;  // somebody is in a timed wait
};

class machine {
public:
    machine(const program& p, bounds b);

    void begin(steps& out) const;
    void expand(const state& s, steps& out) const;
    // The earliest deadline that somebody waits for is reached.
    void let_time_pass(const state& s, steps& out) const;
    // Whether the step from one state to the other was a spurious or an early one.
    bool spends_a_bound(const state& from, const state& to) const;

    bool complete(const state& s) const;
    // Of a state that is idle, with nobody in a timed wait: "deadlock" or "lost_notification".
    std::string stuck(const state& s) const;
    // A lock of several mutexes stands half way: where that stays so, std would have backed off.
    bool holds_a_part(const state& s) const;
    // What the threads that have ended recorded.
    std::string outcome(const state& s) const;

private:
    friend class stepper;

    // Where the words of an object or a thread lie, from its base. Knowledge takes two words.
    enum global_word : unsigned { spurious_left, accesses_made, globals };
    enum atomic_word : unsigned {
        value,
        newest,
        notified,
        message,
        atomic_time = message + 2,
        waiters_time,
    };
    enum mutex_word : unsigned { owner, depth, passed_on, mutex_time = passed_on + 2 };
    enum thread_word : unsigned {
        status,
        at,
        waiting,
        wait_write,  // the write that an atomic wait has seen
        patient,     // time has passed over it: this wait ends neither early nor spuriously
        woken_at,
        end,  // of the last wait on a condition variable
        early_timeouts,
        early_sleeps,
        time,
        deadline,
        clock_reads,
        tries,
        known,
        known_at_release_fence = known + 2,
        seen_by_relaxed = known + 4,
        results = known + 6,
    };
    static constexpr unsigned atomic_words = waiters_time + 1, mutex_words = mutex_time + 1;

    enum thread_status : std::int32_t { not_started, running, exited };
    enum wait_status : std::int32_t { nowhere, in_set, taken_out, expired };
    enum wait_end : std::int32_t { by_notification, by_timeout, spuriously };

    const instruction& next_of(const state& s, unsigned thread) const {
        return code_[thread].instructions[static_cast<unsigned>(s[threads_[thread] + at])];
    }

    const program& program_;
    bounds bounds_;
    std::vector<code> code_;
    unsigned atomics_ = 0, mutexes_ = 0, conditions_ = 0, vars_ = 0, size_ = 0;  // first words
    std::vector<unsigned> threads_;
    unsigned accesses_of_var_ = 0;  // bits: one for the last write, one for each thread's last read
    bool has_atomic_waits_ = false;
    std::vector<bool> unlooked_atomics_, unlooked_vars_;  // they count rounds: no part of a state
};

}  // namespace heddle::soundness
