// What a primitive may ask of the things that run its threads: std's surface as members of a type.
//
//   template <class Backend>
//       requires heddle::has_mutex<Backend> && heddle::has_var<Backend>
//   class counter {
//       typename Backend::mutex mutex_;
//       typename Backend::template var<int> value_{0};
//   };
//
// `real_threads` gives the std types themselves, `fibers` their models. A primitive names only the
// concepts that it uses, so a backend may lack the rest; `backend<B>` is all of them. Names,
// arguments and meaning are those of std where std has the thing; free functions are static members
// (`B::atomic_thread_fence(order)`). Where a backend falls short the compiler names the concept and
// the expression that is missing.
//
// Limits: a concept sees that an operation exists and what it returns, not what it does.
#pragma once

#include <atomic>
#include <chrono>
#include <compare>
#include <concepts>
#include <cstddef>
#include <functional>
#include <mutex>
#include <type_traits>
#include <utility>

namespace heddle {

// Version 14 of the formatter takes requires-expressions for references.
// clang-format off

namespace detail {

// What an object that threads share has in common: made by default, never copied.
template <class T>
concept shared_object = !std::copyable<T> && std::default_initializable<T>;

// What std's own guards need: lock blocks until the mutex is taken, unlock gives it back.
template <class M>
concept lockable_type = shared_object<M> && requires(M& m) {
    m.lock();
    { m.try_lock() } -> std::same_as<bool>;
    m.unlock();
};

// A lock that may be given up when the time is over.
template <class M, class Clock>
concept timed_lockable_type = lockable_type<M> &&
    requires(M& m, std::chrono::nanoseconds duration, typename Clock::time_point time) {
        { m.try_lock_for(duration) } -> std::same_as<bool>;
        { m.try_lock_until(time) } -> std::same_as<bool>;
    };

template <class C>
concept clock_type = requires(typename C::time_point time, typename C::duration duration) {
    { C::now() } -> std::same_as<typename C::time_point>;
    { time - time } -> std::same_as<typename C::duration>;
    { time + duration } -> std::same_as<typename C::time_point>;
    { C::is_steady } -> std::convertible_to<bool>;
};

template <class Id>
concept thread_id_type = std::regular<Id> && std::totally_ordered<Id> && requires(const Id& id) {
    { std::hash<Id>{}(id) } -> std::same_as<std::size_t>;
};

// A handle of a thread: movable, empty by default.
template <class Thread>
concept thread_type = shared_object<Thread> && std::movable<Thread> &&
    std::constructible_from<Thread, void (*)()> &&
    std::constructible_from<Thread, void (*)(int), int> && thread_id_type<typename Thread::id> &&
    requires(Thread& t, const Thread& c) {
        { c.joinable() } -> std::same_as<bool>;
        { c.get_id() } -> std::same_as<typename Thread::id>;
        t.join();
        t.detach();
        t.swap(t);
        { Thread::hardware_concurrency() } -> std::convertible_to<unsigned>;
    };

// One atomic location of type T: every read sees some write of its modification order, coherently.
template <class A, class T>
concept atomic_type = shared_object<A> && std::constructible_from<A, T> &&
    std::same_as<typename A::value_type, T> &&
    requires(A& a, const A& c, T value, T& expected, std::memory_order order) {
        { c.load() } -> std::same_as<T>;
        { c.load(order) } -> std::same_as<T>;
        { c.operator T() } -> std::same_as<T>;
        a.store(value);
        a.store(value, order);
        { a = value } -> std::same_as<T>;
        { a.exchange(value) } -> std::same_as<T>;
        { a.exchange(value, order) } -> std::same_as<T>;
        { a.compare_exchange_weak(expected, value) } -> std::same_as<bool>;
        { a.compare_exchange_weak(expected, value, order) } -> std::same_as<bool>;
        { a.compare_exchange_weak(expected, value, order, order) } -> std::same_as<bool>;
        { a.compare_exchange_strong(expected, value) } -> std::same_as<bool>;
        { a.compare_exchange_strong(expected, value, order) } -> std::same_as<bool>;
        { a.compare_exchange_strong(expected, value, order, order) } -> std::same_as<bool>;
        c.wait(value);
        c.wait(value, order);
        a.notify_one();
        a.notify_all();
        { c.is_lock_free() } -> std::same_as<bool>;
        { A::is_always_lock_free } -> std::convertible_to<bool>;
    };

// Addition and subtraction in one step; `Delta` is the type of the difference.
template <class A, class T, class Delta>
concept adding_atomic_type = atomic_type<A, T> &&
    requires(A& a, Delta delta, std::memory_order order) {
        { a.fetch_add(delta) } -> std::same_as<T>;
        { a.fetch_add(delta, order) } -> std::same_as<T>;
        { a.fetch_sub(delta) } -> std::same_as<T>;
        { a.fetch_sub(delta, order) } -> std::same_as<T>;
        { a += delta } -> std::same_as<T>;
        { a -= delta } -> std::same_as<T>;
    };

template <class A, class T, class Delta>
concept counting_atomic_type = adding_atomic_type<A, T, Delta> && requires(A& a) {
    { ++a } -> std::same_as<T>;
    { --a } -> std::same_as<T>;
    { a++ } -> std::same_as<T>;
    { a-- } -> std::same_as<T>;
};

template <class A, class T>
concept bitwise_atomic_type = counting_atomic_type<A, T, T> &&
    requires(A& a, T bits, std::memory_order order) {
        { a.fetch_and(bits) } -> std::same_as<T>;
        { a.fetch_and(bits, order) } -> std::same_as<T>;
        { a.fetch_or(bits) } -> std::same_as<T>;
        { a.fetch_or(bits, order) } -> std::same_as<T>;
        { a.fetch_xor(bits) } -> std::same_as<T>;
        { a.fetch_xor(bits, order) } -> std::same_as<T>;
        { a &= bits } -> std::same_as<T>;
        { a |= bits } -> std::same_as<T>;
        { a ^= bits } -> std::same_as<T>;
    };

// Plain data of type T: two accesses, one of them a write, that nothing orders are a data race.
template <class V, class T>
concept var_type = !std::copy_constructible<V> && std::constructible_from<V, T> &&
    std::same_as<typename V::value_type, T> && requires(V& v, const V& c, T value) {
        { c.load() } -> std::same_as<T>;
        { c.operator T() } -> std::same_as<T>;
        v.store(value);
        { v = value } -> std::same_as<V&>;
        { v = c } -> std::same_as<V&>;
        v.update([](T& current) { static_cast<void>(current); });
        v.update([](const T& current) { return current; });
    };

template <class V, class T>
concept counting_var_type = var_type<V, T> && std::default_initializable<V> &&
    requires(V& v, T value) {
        { v += value } -> std::same_as<V&>;
        { v -= value } -> std::same_as<V&>;
        { v *= value } -> std::same_as<V&>;
        { v /= value } -> std::same_as<V&>;
        { v %= value } -> std::same_as<V&>;
        { v &= value } -> std::same_as<V&>;
        { v |= value } -> std::same_as<V&>;
        { v ^= value } -> std::same_as<V&>;
        { v <<= value } -> std::same_as<V&>;
        { v >>= value } -> std::same_as<V&>;
        { ++v } -> std::same_as<T>;
        { --v } -> std::same_as<T>;
        { v++ } -> std::same_as<T>;
        { v-- } -> std::same_as<T>;
    };

// An arbitrary class type, for the surfaces that must take one.
struct any_class {
    int number;
};

}  // namespace detail

// `B::mutex`: held by at most one thread; what its holder did before unlock is visible after the
// next lock.
template <class B>
concept has_mutex = requires { typename B::mutex; } && detail::lockable_type<typename B::mutex>;

// `B::recursive_mutex`: as mutex, and its holder may lock it again; given back by as many unlocks.
template <class B>
concept has_recursive_mutex =
    requires { typename B::recursive_mutex; } && detail::lockable_type<typename B::recursive_mutex>;

// `B::steady_clock` never goes back; `B::system_clock` shows the date. Deadlines of the backend's timed
// waits are times of these.
template <class B>
concept has_clocks = requires {
    typename B::steady_clock;
    typename B::system_clock;
} && detail::clock_type<typename B::steady_clock> && detail::clock_type<typename B::system_clock>;

// `B::timed_mutex`: as mutex, and a lock of it may be given up: `try_lock_for`, `try_lock_until`.
template <class B>
concept has_timed_mutex = has_clocks<B> && requires { typename B::timed_mutex; } &&
    detail::timed_lockable_type<typename B::timed_mutex, typename B::steady_clock>;

// `B::recursive_timed_mutex`: both.
template <class B>
concept has_recursive_timed_mutex = has_clocks<B> &&
    requires { typename B::recursive_timed_mutex; } &&
    detail::timed_lockable_type<typename B::recursive_timed_mutex, typename B::steady_clock>;

// `B::lock(a, b, ...)` takes all of them without deadlock, `B::scoped_lock<A, B>` is the guard that
// does so, `B::lock_all(a, b, ...)` returns that guard: a dependent alias cannot deduce its template
// arguments everywhere.
template <class B>
concept has_lock = has_mutex<B> &&
    requires { typename B::template scoped_lock<typename B::mutex, typename B::mutex>; } &&
    std::constructible_from<typename B::template scoped_lock<typename B::mutex, typename B::mutex>,
                            typename B::mutex&, typename B::mutex&> &&
    requires(typename B::mutex& m) {
        B::lock(m, m);
        B::lock(m, m, m);
        { B::lock_all(m, m) }
            -> std::same_as<typename B::template scoped_lock<typename B::mutex, typename B::mutex>>;
    };

// `B::condition_variable`: wait gives up the lock and sleeps in one step, and holds the lock again
// when it returns; it may return without a notification. A notification with nobody waiting is lost.
template <class B>
concept has_condition_variable = has_mutex<B> && requires { typename B::condition_variable; } &&
    detail::shared_object<typename B::condition_variable> &&
    requires(typename B::condition_variable& c, std::unique_lock<typename B::mutex>& lock,
             bool (*predicate)()) {
        c.wait(lock);
        c.wait(lock, predicate);
        c.notify_one();
        c.notify_all();
    };

// The condition variable's `wait_for` and `wait_until`, with and without a predicate. Without one they
// say whether the time was over, which says nothing about a notification.
template <class B>
concept has_timed_wait = has_condition_variable<B> && has_clocks<B> &&
    requires(typename B::condition_variable& c, std::unique_lock<typename B::mutex>& lock,
             bool (*predicate)(), std::chrono::nanoseconds duration,
             typename B::steady_clock::time_point time) {
        { c.wait_for(lock, duration) } -> std::same_as<typename B::cv_status>;
        { c.wait_for(lock, duration, predicate) } -> std::same_as<bool>;
        { c.wait_until(lock, time) } -> std::same_as<typename B::cv_status>;
        { c.wait_until(lock, time, predicate) } -> std::same_as<bool>;
    };

// `B::thread`: what its creator did before is visible to it, what it did is visible after join.
// Neither joined nor detached at its end of life: an error.
template <class B>
concept has_thread = requires { typename B::thread; } && detail::thread_type<typename B::thread>;

// `B::jthread`: a thread that its destructor joins.
template <class B>
concept has_jthread =
    has_thread<B> && requires { typename B::jthread; } && detail::thread_type<typename B::jthread>;

// `B::this_thread`: a type whose static members speak of the calling thread. `pause` is the hint of
// a spin loop.
template <class B>
concept has_this_thread = has_thread<B> && has_clocks<B> &&
    requires(std::chrono::nanoseconds duration, typename B::steady_clock::time_point time) {
    { B::this_thread::get_id() } -> std::same_as<typename B::thread::id>;
    B::this_thread::yield();
    B::this_thread::pause();
    B::this_thread::sleep_for(duration);
    B::this_thread::sleep_until(time);
};

// `B::atomic<T>` for integral types, bool, enumerations, pointers, floating types and trivially
// copyable classes.
template <class B>
concept has_atomic = requires { typename B::template atomic<int>; } &&
    detail::bitwise_atomic_type<typename B::template atomic<int>, int> &&
    detail::bitwise_atomic_type<typename B::template atomic<unsigned char>, unsigned char> &&
    detail::counting_atomic_type<typename B::template atomic<int*>, int*, std::ptrdiff_t> &&
    detail::adding_atomic_type<typename B::template atomic<double>, double, double> &&
    detail::atomic_type<typename B::template atomic<bool>, bool> &&
    detail::atomic_type<typename B::template atomic<std::memory_order>, std::memory_order> &&
    detail::atomic_type<typename B::template atomic<detail::any_class>, detail::any_class>;

// `B::atomic_flag`: clear at first; the one atomic that is never emulated by a lock.
template <class B>
concept has_atomic_flag =
    requires { typename B::atomic_flag; } && detail::shared_object<typename B::atomic_flag> &&
    requires(typename B::atomic_flag& f, const typename B::atomic_flag& c,
             std::memory_order order) {
        { f.test_and_set() } -> std::same_as<bool>;
        { f.test_and_set(order) } -> std::same_as<bool>;
        { c.test() } -> std::same_as<bool>;
        { c.test(order) } -> std::same_as<bool>;
        f.clear();
        f.clear(order);
        c.wait(true);
        c.wait(true, order);
        f.notify_one();
        f.notify_all();
    };

// `B::atomic_thread_fence(order)` orders the atomic accesses around it;
// `B::atomic_signal_fence(order)` only those of a signal handler on the same thread.
template <class B>
concept has_fence = requires(std::memory_order order) {
    B::atomic_thread_fence(order);
    B::atomic_signal_fence(order);
};

// `B::var<T>`: plain data, race-checked where the backend can. `update(f)` reads and writes once: f
// changes its argument, or returns the new value.
template <class B>
concept has_var = requires { typename B::template var<int>; } &&
    detail::counting_var_type<typename B::template var<int>, int> &&
    detail::var_type<typename B::template var<bool>, bool> &&
    detail::var_type<typename B::template var<detail::any_class>, detail::any_class>;

// `B::misuse(what)`: a primitive was used as it must not be. Does not return: it throws
// std::logic_error, or ends the execution with this finding.
template <class B>
concept has_misuse = requires(const char* what) { B::misuse(what); };

// The whole surface.
template <class B>
concept backend = has_mutex<B> && has_recursive_mutex<B> && has_timed_mutex<B> &&
    has_recursive_timed_mutex<B> && has_lock<B> && has_condition_variable<B> && has_timed_wait<B> &&
    has_thread<B> && has_jthread<B> && has_this_thread<B> &&
    has_atomic<B> && has_atomic_flag<B> && has_fence<B> && has_var<B> && has_misuse<B>;

// clang-format on

}  // namespace heddle
