// std's timed mutexes, modelled: a lock that may be given up.
//
//   heddle::fibers::timed_mutex m;
//   if (m.try_lock_for(10ms)) ...
//   std::unique_lock lock(m, 10ms);                  // std's guards are used as they are
//
// Contents: timed_mutex, recursive_timed_mutex. Both live in `heddle::modelled`; use them through
// `heddle::fibers` or `heddle::shim`.
//
// A timed lock takes the mutex or times out while another thread holds it; never while it is free,
// although std allows that. Which of the two comes first is explored, for the first
// `options::early_timeout_bound` timeouts of a thread; after them it times out where nothing else
// can run. A wait that ends by itself is never part of a `deadlock`.
//
// Findings are those of mutex.hpp. A timed lock by the holder of a timed_mutex is `misuse`, as
// try_lock is.
#pragma once

#include <chrono>
#include <heddle/fibers/clock.hpp>
#include <heddle/fibers/mutex.hpp>

namespace heddle::modelled {

class timed_mutex : private mutex {
    using site = trace::site;

public:
    timed_mutex(site where = site::current()) noexcept : mutex(where) {}

    using mutex::heddle_object;
    using mutex::lock;
    using mutex::try_lock;
    using mutex::unlock;

    // Blocks: until no thread holds it, or the time is over. Returns whether the caller holds it.
    template <class Rep, class Period>
    bool try_lock_for(const std::chrono::duration<Rep, Period>& duration,
                      site where = site::current()) {
        return take(detail::deadline_after(duration), where);
    }
    template <class Clock, class Duration>
    bool try_lock_until(const std::chrono::time_point<Clock, Duration>& time,
                        site where = site::current()) {
        return take(detail::deadline_at(time), where);
    }

private:
    bool take(std::int64_t deadline, site where) {
        const scheduler::hooks::timed_scope scope(deadline);
        return scheduler::hooks::try_lock_until(heddle_object(), deadline, where);
    }
};

class recursive_timed_mutex : private recursive_mutex {
    using site = trace::site;

public:
    using recursive_mutex::max_depth;

    recursive_timed_mutex(site where = site::current()) noexcept : recursive_mutex(where) {}

    using recursive_mutex::heddle_held;
    using recursive_mutex::heddle_object;
    using recursive_mutex::heddle_taken;
    using recursive_mutex::lock;
    using recursive_mutex::try_lock;
    using recursive_mutex::unlock;

    // Blocks: until no other thread holds it, or the time is over. Returns whether the caller holds
    // it.
    template <class Rep, class Period>
    bool try_lock_for(const std::chrono::duration<Rep, Period>& duration,
                      site where = site::current()) {
        return take(detail::deadline_after(duration), where);
    }
    template <class Clock, class Duration>
    bool try_lock_until(const std::chrono::time_point<Clock, Duration>& time,
                        site where = site::current()) {
        return take(detail::deadline_at(time), where);
    }

private:
    bool take(std::int64_t deadline, site where) {
        const scheduler::hooks::timed_scope scope(deadline);
        if (!heddle_held() && !scheduler::hooks::try_lock_until(heddle_object(), deadline, where))
            return false;
        heddle_taken(where);
        return true;
    }
};

}  // namespace heddle::modelled

namespace heddle::detail {

template <>
inline constexpr bool is_modelled_mutex<modelled::timed_mutex> = true;
template <>
inline constexpr bool is_modelled_mutex<modelled::recursive_timed_mutex> = true;

}  // namespace heddle::detail
