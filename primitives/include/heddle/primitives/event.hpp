// A flag that threads wait for: set lets all of them go on, and those that come later, until clear.
//
//   heddle::event<heddle::real_threads> ready;
//   if (!ready.wait_for(50ms)) return;   // false: it was not set in time
#pragma once

#include <chrono>
#include <mutex>

#include <heddle/primitives/backend.hpp>

namespace heddle {

template <class Backend>
requires has_condition_variable<Backend> && has_var<Backend>
class event {
public:
    void set() {
        const std::lock_guard guard(mutex_);
        set_ = true;
        changed_.notify_all();
    }
    // Threads that `set` has let go but that have not run yet wait again.
    void clear() {
        const std::lock_guard guard(mutex_);
        set_ = false;
    }
    bool is_set() const {
        const std::lock_guard guard(mutex_);
        return set_;
    }

    void wait() const {
        std::unique_lock lock(mutex_);
        while (!set_) changed_.wait(lock);
    }
    // False: the time was over, and it was not set.
    template <class Rep, class Period>
    requires has_timed_wait<Backend>
    bool wait_for(std::chrono::duration<Rep, Period> time) const {
        return wait_until(Backend::steady_clock::now() + time);
    }
    template <class Clock, class Duration>
    requires has_timed_wait<Backend>
    bool wait_until(std::chrono::time_point<Clock, Duration> time) const {
        std::unique_lock lock(mutex_);
        return changed_.wait_until(lock, time, [this] { return set_.load(); });
    }

private:
    mutable typename Backend::mutex mutex_;
    mutable typename Backend::condition_variable changed_;
    typename Backend::template var<bool> set_{false};
};

}  // namespace heddle
