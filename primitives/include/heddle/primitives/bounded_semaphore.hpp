// Permits that threads take and give back. To give back more than were taken is an error: it
// would let more threads in than the bound says.
//
//   heddle::bounded_semaphore<heddle::real_threads> connections(2);
//   connections.acquire();
//   ...
//   connections.release();   // std::logic_error, or misuse when explored: above the bound
#pragma once

#include <chrono>
#include <cstddef>
#include <mutex>

#include <heddle/primitives/backend.hpp>

namespace heddle {

template <class Backend>
requires has_condition_variable<Backend> && has_var<Backend> && has_misuse<Backend>
class bounded_semaphore {
public:
    explicit bounded_semaphore(std::size_t permits) : bound_(permits), free_(permits) {}

    void acquire() {
        std::unique_lock lock(mutex_);
        while (free_ == 0) released_.wait(lock);
        free_ -= 1;
    }
    bool try_acquire() {
        const std::lock_guard guard(mutex_);
        if (free_ == 0) return false;
        free_ -= 1;
        return true;
    }
    // False: no permit came free in time.
    template <class Rep, class Period>
    requires has_timed_wait<Backend>
    bool try_acquire_for(std::chrono::duration<Rep, Period> time) {
        std::unique_lock lock(mutex_);
        if (!released_.wait_for(lock, time, [this] { return free_ != 0; })) return false;
        free_ -= 1;
        return true;
    }
    void release() {
        const std::lock_guard guard(mutex_);
        if (free_ == bound_) Backend::misuse("a bounded semaphore is released above its bound");
        free_ += 1;
        released_.notify_one();
    }

    std::size_t available() const {
        const std::lock_guard guard(mutex_);
        return free_;
    }

private:
    const std::size_t bound_;
    mutable typename Backend::mutex mutex_;
    typename Backend::condition_variable released_;
    typename Backend::template var<std::size_t> free_;
};

}  // namespace heddle
