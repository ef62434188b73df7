// A mutex that is taken in the order in which threads asked for it. None is overtaken.
//
//   heddle::fair_lock<heddle::real_threads> lock;
//   std::lock_guard guard(lock);
//
// Cost: each unlock wakes all that wait, so that the right one is among them.
#pragma once

#include <cstdint>
#include <mutex>

#include <heddle/primitives/backend.hpp>

namespace heddle {

template <class Backend>
requires has_condition_variable<Backend> && has_var<Backend> && has_misuse<Backend>
class fair_lock {
public:
    void lock() {
        std::unique_lock guard(mutex_);
        const std::uint64_t ticket = next_ticket_;
        next_ticket_ += 1;
        while (ticket != serving_) turn_.wait(guard);
    }
    bool try_lock() {
        const std::lock_guard guard(mutex_);
        if (next_ticket_ != serving_) return false;
        next_ticket_ += 1;
        return true;
    }
    void unlock() {
        const std::lock_guard guard(mutex_);
        if (next_ticket_ == serving_) Backend::misuse("a fair lock is unlocked that nobody holds");
        serving_ += 1;
        turn_.notify_all();
    }

    // Threads that hold the lock or wait for it.
    std::uint64_t queued() const {
        const std::lock_guard guard(mutex_);
        return next_ticket_ - serving_;
    }

private:
    mutable typename Backend::mutex mutex_;
    typename Backend::condition_variable turn_;
    typename Backend::template var<std::uint64_t> next_ticket_{0}, serving_{0};
};

}  // namespace heddle
