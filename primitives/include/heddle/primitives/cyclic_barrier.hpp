// A point where a number of threads wait for each other, phase after phase.
//
//   heddle::cyclic_barrier<heddle::real_threads> barrier(3, [] { swap_buffers(); });
//   if (barrier.wait() == 0) report();   // one of them, in each phase
//
// A barrier breaks when one of its threads gives up (a timeout, `abort`) or when `reset` sends away
// those that wait: all of them, and all that come later, get `broken_barrier`, until `reset`.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <utility>

#include <heddle/primitives/backend.hpp>

namespace heddle {

// Thrown by the waits on a barrier that is, or gets, broken.
struct broken_barrier : std::runtime_error {
    broken_barrier() : std::runtime_error("the barrier is broken") {}
};

template <class Backend>
requires has_condition_variable<Backend> && has_var<Backend>
class cyclic_barrier {
public:
    // `action` is run by the last thread to arrive, before any goes on.
    explicit cyclic_barrier(std::size_t parties, std::function<void()> action = {})
        : parties_(parties), action_(std::move(action)) {
        if (parties == 0) throw std::invalid_argument("a barrier needs at least one party");
    }

    // Returns the thread's place in this phase, each of 0 to parties - 1 once: 0 is the first to
    // arrive. Throws broken_barrier.
    std::size_t wait() {
        std::unique_lock lock(mutex_);
        const arrival a = arrive();
        while (a.phase->state == state::open) changed_.wait(lock);
        return leave(a);
    }
    // A thread that the others let wait for so long breaks the barrier.
    template <class Rep, class Period>
    requires has_timed_wait<Backend> std::size_t wait_for(std::chrono::duration<Rep, Period> time) {
        std::unique_lock lock(mutex_);
        const arrival a = arrive();
        if (!changed_.wait_for(lock, time, [&] { return a.phase->state != state::open; }))
            break_phase();
        return leave(a);
    }

    // Breaks the barrier until `reset`.
    void abort() {
        const std::lock_guard guard(mutex_);
        break_phase();
    }
    // As new. Threads that wait get broken_barrier.
    void reset() {
        const std::lock_guard guard(mutex_);
        break_phase();
        phase_ = std::make_shared<phase>();
    }
    bool is_broken() const {
        const std::lock_guard guard(mutex_);
        return phase_->state == state::broken;
    }
    // Threads that have arrived in this phase.
    std::size_t waiting() const {
        const std::lock_guard guard(mutex_);
        return phase_->state == state::open ? phase_->arrived.load() : 0;
    }
    std::size_t parties() const { return parties_; }

private:
    enum class state { open, passed, broken };
    // Kept by those that waited in it: how it ended stays true for them, whatever comes after.
    struct phase {
        typename Backend::template var<std::size_t> arrived{0};
        typename Backend::template var<cyclic_barrier::state> state{cyclic_barrier::state::open};
    };
    struct arrival {
        std::shared_ptr<cyclic_barrier::phase> phase;
        std::size_t place;
    };

    arrival arrive() {
        if (phase_->state == state::broken) throw broken_barrier();
        arrival a{phase_, phase_->arrived};
        phase_->arrived += 1;
        if (a.place + 1 == parties_) {
            if (action_) run_action();
            phase_->state = state::passed;
            phase_ = std::make_shared<phase>();
            changed_.notify_all();
        }
        return a;
    }
    // An action that throws breaks the barrier: the others must not wait for what will not come.
    void run_action() {
        try {
            action_();
        } catch (...) {
            break_phase();
            throw;
        }
    }
    static std::size_t leave(const arrival& a) {
        if (a.phase->state == state::broken) throw broken_barrier();
        return a.place;
    }
    void break_phase() {
        phase_->state = state::broken;
        changed_.notify_all();
    }

    const std::size_t parties_;
    const std::function<void()> action_;
    mutable typename Backend::mutex mutex_;
    typename Backend::condition_variable changed_;
    std::shared_ptr<phase> phase_ = std::make_shared<phase>();
};

}  // namespace heddle
