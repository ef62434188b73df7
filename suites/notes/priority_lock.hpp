// The notes' priority lock, as it stands there: it cannot be taken with high priority at all.
//
// The number of high-priority waiters is kept under the very lock that `acquire` hands out. So
// `acquire` comes to decrement it when it already owns that lock, and the lock is not a recursive
// one.
#pragma once

#include <mutex>

#include <heddle/heddle.hpp>

namespace heddle::notes {

enum class priority { low, high };

template <class Backend>
class priority_lock {
public:
    priority_lock() {
        heddle::name(mutex_, "priority_lock.mutex");
        heddle::name(high_waiting_, "high_waiting");
    }

    void acquire(priority wanted) {
        if (wanted == priority::high) {
            std::lock_guard guard(mutex_);
            high_waiting_ += 1;
        }
        mutex_.lock();
        if (wanted == priority::high) {
            std::lock_guard guard(mutex_);
            high_waiting_ -= 1;
        }
    }

    void release() { mutex_.unlock(); }

private:
    typename Backend::mutex mutex_;
    typename Backend::template var<int> high_waiting_{0};
};

template <class Backend>
void priority_lock_taken_high() {
    priority_lock<Backend> lock;
    lock.acquire(priority::high);
    lock.release();
}

}  // namespace heddle::notes
