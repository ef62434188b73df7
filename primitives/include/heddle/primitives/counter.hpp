// Counters: one under a lock, one without.
//
//   heddle::counter<heddle::real_threads> hits;
//   hits.add(1);
//   heddle::atomic_integer<int, heddle::real_threads> next;
//   int mine = next.increment_and_get();
#pragma once

#include <concepts>
#include <mutex>

#include <heddle/primitives/backend.hpp>

namespace heddle {

// A number that only changes with its lock held.
template <class Backend>
requires has_mutex<Backend> && has_var<Backend>
class counter {
public:
    counter() = default;
    explicit counter(long initial) : value_(initial) {}

    // Returns the new value.
    long add(long by) {
        const std::lock_guard guard(mutex_);
        value_ += by;
        return value_;
    }
    long get() const {
        const std::lock_guard guard(mutex_);
        return value_;
    }

private:
    mutable typename Backend::mutex mutex_;
    typename Backend::template var<long> value_{0};
};

// An integer changed by compare-and-swap alone: each change is one step of the modification order,
// and lock-free: somebody gets ahead.
template <std::integral T, class Backend>
requires has_atomic<Backend>
class atomic_integer {
public:
    atomic_integer() = default;
    explicit atomic_integer(T initial) : value_(initial) {}

    T get() const { return value_.load(std::memory_order_acquire); }
    void set(T value) { value_.store(value, std::memory_order_release); }

    T increment_and_get() {
        return update([](T v) { return static_cast<T>(v + 1); });
    }
    T decrement_and_get() {
        return update([](T v) { return static_cast<T>(v - 1); });
    }

    // Whether the value was `expected`, and is `desired` now.
    bool compare_and_swap(T expected, T desired) {
        return value_.compare_exchange_strong(expected, desired, std::memory_order_acq_rel,
                                              std::memory_order_acquire);
    }

    // `change` computes the new value from the old one; it may run more than once.
    template <std::invocable<T> Change>
    T update(Change change) {
        T seen = value_.load(std::memory_order_relaxed);
        for (;;) {
            const T next = change(seen);
            if (value_.compare_exchange_weak(seen, next, std::memory_order_acq_rel,
                                             std::memory_order_relaxed))
                return next;
        }
    }

private:
    typename Backend::template atomic<T> value_{0};
};

}  // namespace heddle
