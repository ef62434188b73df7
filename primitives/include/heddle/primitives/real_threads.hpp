// The backend that ships: every member is the std type itself, so a primitive over it costs what
// std costs.
//
//   heddle::real_threads::mutex mutex;                 // std::mutex
//   auto guard = heddle::real_threads::lock_all(a, b); // std::scoped_lock<...>
//
// `var<T>` is a bare T behind the surface that `fibers::var<T>` checks.
// Limits: no stop tokens, semaphores and futures yet: what `backend` asks for and no
// more.
#pragma once

#include <atomic>
#include <chrono>
#include <concepts>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <type_traits>
#include <utility>

namespace heddle {

namespace detail {

// Plain data of a real program. Not copyable, so that what compiles over it compiles over the
// race-checked one. Cost: none beyond T.
template <class T>
class plain_var {
    static_assert(std::is_same_v<T, std::remove_cvref_t<T>>,
                  "heddle: var<T> holds an unqualified object type");

public:
    using value_type = T;

    plain_var() requires std::default_initializable<T>
    = default;
    plain_var(T value) : value_(std::move(value)) {}
    plain_var(const plain_var&) = delete;

    T load() const { return value_; }
    void store(T value) { value_ = std::move(value); }
    operator T() const { return value_; }

    plain_var& operator=(const plain_var& other) {
        value_ = other.value_;
        return *this;
    }
    plain_var& operator=(T value) {
        value_ = std::move(value);
        return *this;
    }

    // f changes its argument and returns nothing, or returns the new value.
    template <class F>
    void update(F&& f) {
        if constexpr (std::is_void_v<std::invoke_result_t<F, T&>>)
            std::invoke(std::forward<F>(f), value_);
        else
            value_ = std::invoke(std::forward<F>(f), value_);
    }

// Arithmetic is cast back as the built-in compound operators do, without their warning in the
// user's name.
#define HEDDLE_PLAIN_VAR_OPERATOR_(op)            \
    template <class U>                            \
    plain_var& operator op##=(const U& u) {       \
        if constexpr (std::is_arithmetic_v<T>)    \
            value_ = static_cast<T>(value_ op u); \
        else                                      \
            value_ op## = u;                      \
        return *this;                             \
    }
    HEDDLE_PLAIN_VAR_OPERATOR_(+)
    HEDDLE_PLAIN_VAR_OPERATOR_(-)
    HEDDLE_PLAIN_VAR_OPERATOR_(*)
    HEDDLE_PLAIN_VAR_OPERATOR_(/)
    HEDDLE_PLAIN_VAR_OPERATOR_(%)
    HEDDLE_PLAIN_VAR_OPERATOR_(&)
    HEDDLE_PLAIN_VAR_OPERATOR_(|)
    HEDDLE_PLAIN_VAR_OPERATOR_(^)
    HEDDLE_PLAIN_VAR_OPERATOR_(<<)
    HEDDLE_PLAIN_VAR_OPERATOR_(>>)
#undef HEDDLE_PLAIN_VAR_OPERATOR_

    T operator++() { return ++value_; }
    T operator--() { return --value_; }
    T operator++(int) { return value_++; }
    T operator--(int) { return value_--; }

private:
    T value_{};
};

}  // namespace detail

struct real_threads {
    using thread = std::thread;
    using jthread = std::jthread;

    using mutex = std::mutex;
    using recursive_mutex = std::recursive_mutex;
    using timed_mutex = std::timed_mutex;
    using recursive_timed_mutex = std::recursive_timed_mutex;
    using condition_variable = std::condition_variable;
    using cv_status = std::cv_status;
    template <class... Ms>
    using scoped_lock = std::scoped_lock<Ms...>;

    using steady_clock = std::chrono::steady_clock;
    using system_clock = std::chrono::system_clock;

    template <class T>
    using atomic = std::atomic<T>;
    using atomic_flag = std::atomic_flag;
    template <class T>
    using var = detail::plain_var<T>;

    template <class A, class B, class... Rest>
    static void lock(A& a, B& b, Rest&... rest) {
        std::lock(a, b, rest...);
    }
    template <class... Ms>
    [[nodiscard]] static std::scoped_lock<Ms...> lock_all(Ms&... ms) {
        return std::scoped_lock<Ms...>(ms...);
    }

    static void atomic_thread_fence(std::memory_order order) noexcept {
        std::atomic_thread_fence(order);
    }
    static void atomic_signal_fence(std::memory_order order) noexcept {
        std::atomic_signal_fence(order);
    }

    // Throws std::logic_error.
    [[noreturn]] static void misuse(const char* what) { throw std::logic_error(what); }

    struct this_thread {
        static std::thread::id get_id() noexcept { return std::this_thread::get_id(); }
        static void yield() noexcept { std::this_thread::yield(); }
        template <class Rep, class Period>
        static void sleep_for(const std::chrono::duration<Rep, Period>& duration) {
            std::this_thread::sleep_for(duration);
        }
        template <class Clock, class Duration>
        static void sleep_until(const std::chrono::time_point<Clock, Duration>& time) {
            std::this_thread::sleep_until(time);
        }
        // Tells the core that it spins, so that a sibling hardware thread gets the pipeline.
        static void pause() noexcept {
#if defined(__x86_64__) || defined(__i386__)
            __builtin_ia32_pause();
#elif defined(__aarch64__)
            asm volatile("yield");
#else
            std::this_thread::yield();
#endif
        }
    };
};

}  // namespace heddle
