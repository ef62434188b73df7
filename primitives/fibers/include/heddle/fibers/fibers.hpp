// The explored backend: std's surface, modelled. Every operation of these types is a step that the
// strategy orders.
//
//   template <class Backend> class account { typename Backend::mutex mutex_; ... };
//   heddle::explore([] { account<heddle::fibers> a; ... });
//
// The types themselves live in `heddle::modelled` (so do their names in compiler messages). std's
// guards (`std::lock_guard`, `std::unique_lock`) work on them and are used as they are.
//
// Limits: no stop tokens, semaphores and futures yet. The types work inside an
// execution only: built outside they are inert, and using them is the finding `misuse`, or, with no
// execution at all, ends the process.
#pragma once

#include <atomic>
#include <chrono>
#include <heddle/fibers/atomic.hpp>
#include <heddle/fibers/clock.hpp>
#include <heddle/fibers/condition_variable.hpp>
#include <heddle/fibers/mutex.hpp>
#include <heddle/fibers/thread.hpp>
#include <heddle/fibers/timed_mutex.hpp>
#include <heddle/fibers/var.hpp>
#include <heddle/primitives/backend.hpp>
#include <heddle/scheduler/hooks.hpp>

namespace heddle {

struct fibers {
    using site = trace::site;

    using thread = modelled::thread;
    using jthread = modelled::jthread;

    using mutex = modelled::mutex;
    using recursive_mutex = modelled::recursive_mutex;
    using timed_mutex = modelled::timed_mutex;
    using recursive_timed_mutex = modelled::recursive_timed_mutex;
    using condition_variable = modelled::condition_variable;
    using cv_status = modelled::cv_status;
    // No alias: Clang before 19 deduces no arguments through one.
    template <class... Ms>
    class [[nodiscard]] scoped_lock : public modelled::scoped_lock<Ms...> {
    public:
        using modelled::scoped_lock<Ms...>::scoped_lock;
    };
    template <class... Ms>
    scoped_lock(Ms&...) -> scoped_lock<Ms...>;
    template <class... Ms>
    scoped_lock(std::adopt_lock_t, Ms&...) -> scoped_lock<Ms...>;

    using steady_clock = modelled::steady_clock;
    using system_clock = modelled::system_clock;

    template <class T>
    using atomic = modelled::atomic<T>;
    using atomic_flag = modelled::atomic_flag;
    template <class T>
    using var = modelled::var<T>;

    template <detail::lockable_argument A, detail::lockable_argument B>
    static void lock(A& a, B& b, site where = site::current()) {
        modelled::lock(a, b, where);
    }
    template <detail::lockable_argument A, detail::lockable_argument B, detail::lockable_argument C,
              detail::lockable_argument... Rest>
    static void lock(A& a, B& b, C& c, Rest&... rest) {
        modelled::lock(a, b, c, rest...);
    }
    // The guard itself, for code whose backend is a parameter: `auto guard = Backend::lock_all(a,
    // b);`
    template <detail::lockable_argument A>
    [[nodiscard]] static scoped_lock<A> lock_all(A& a, site where = site::current()) {
        return scoped_lock<A>(a, where);
    }
    template <detail::lockable_argument A, detail::lockable_argument B>
    [[nodiscard]] static scoped_lock<A, B> lock_all(A& a, B& b, site where = site::current()) {
        return scoped_lock<A, B>(a, b, where);
    }
    template <detail::lockable_argument A, detail::lockable_argument B, detail::lockable_argument C,
              detail::lockable_argument... Rest>
    [[nodiscard]] static scoped_lock<A, B, C, Rest...> lock_all(A& a, B& b, C& c, Rest&... rest) {
        return scoped_lock<A, B, C, Rest...>(a, b, c, rest..., site{});
    }

    static void atomic_thread_fence(std::memory_order order,
                                    site where = site::current()) noexcept {
        modelled::atomic_thread_fence(order, where);
    }
    static void atomic_signal_fence(std::memory_order order) noexcept {
        modelled::atomic_signal_fence(order);
    }

    // The finding `misuse`.
    [[noreturn]] static void misuse(const char* what, site where = site::current()) {
        scheduler::hooks::fail_precondition(what, where);
    }

    struct this_thread {
        static thread::id get_id() noexcept { return modelled::this_thread::get_id(); }
        static void yield(site where = site::current()) noexcept {
            modelled::this_thread::yield(where);
        }
        static void pause(site where = site::current()) noexcept {
            modelled::this_thread::pause(where);
        }
        template <class Rep, class Period>
        static void sleep_for(const std::chrono::duration<Rep, Period>& duration,
                              site where = site::current()) {
            modelled::this_thread::sleep_for(duration, where);
        }
        template <class Clock, class Duration>
        static void sleep_until(const std::chrono::time_point<Clock, Duration>& time,
                                site where = site::current()) {
            modelled::this_thread::sleep_until(time, where);
        }
    };
};

static_assert(backend<fibers>);

}  // namespace heddle
