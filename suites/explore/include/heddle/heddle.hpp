// heddle: explores the schedules of a concurrent body, and says what it found.
//
//   heddle::result r = heddle::explore([] {
//       heddle::fibers::atomic<int> x{0};
//       heddle::fibers::thread t([&] { x.store(1); });
//       HEDDLE_ASSERT(x.load() <= 1);
//       t.join();
//   });
//   // r.verdict == heddle::verdict::ok, r.exhausted, r.executions == 2
//
// Contents: explore, init, HEDDLE_ASSERT, name, name_thread, await, choose, assume, record, log,
// outside; and through its includes options, result, strategies and the modelled types
// (`heddle::fibers`).
//
// Limits: the body is deterministic but for its modelled operations; see docs/limitations.md.
#pragma once

#include <heddle/fibers/fibers.hpp>
#include <heddle/detail/format.hpp>
#include <heddle/primitives/real_threads.hpp>
#include <heddle/scheduler/heap.hpp>
#include <heddle/scheduler/hooks.hpp>
#include <heddle/scheduler/options.hpp>
#include <heddle/scheduler/result.hpp>
#include <heddle/scheduler/strategy.hpp>

#include <atomic>
#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <thread>
#include <type_traits>
#include <utility>

namespace heddle {

namespace detail {

result explore(const options& o, void (*body)(void*), void* data);
void assertion_failed(const char* condition, std::string_view message, trace::site where);
std::uint32_t choose_on_real_threads(std::uint32_t n);
void log_on_real_threads(std::string_view text);

}  // namespace detail

// Runs `body` once per execution, on the main modelled thread, until the strategy of `o` is done or
// an execution fails. Requires: the body builds its state afresh; threads it makes are joined or
// detached by its end. Flags and environment variables override `o`. Fails: std::invalid_argument
// for options out of range or a malformed replay; std::logic_error inside an execution.
template <class Body>
requires std::invocable<Body&> result explore(const options& o, Body&& body) {
    auto call = [&body] { static_cast<void>(body()); };
    return detail::explore(
        o, [](void* data) { (*static_cast<decltype(call)*>(data))(); }, &call);
}

template <class Body>
requires std::invocable<Body&> result explore(Body&& body) {
    return explore(options{}, std::forward<Body>(body));
}

// Takes --heddle_* flags out of the arguments and reads the HEDDLE_* environment. A bad value is
// reported on stderr and ends the process with exit code 2. `--help` prints the options and leaves
// the flag in place.
void init(int* argc, char** argv);

// Fails the execution unless the condition holds: `HEDDLE_ASSERT(x.load() == 1)`,
// `HEDDLE_ASSERT(ok, "lost an item")`. Works on every modelled thread, in destructors and in
// noexcept functions. Outside an execution it prints and aborts.
#define HEDDLE_ASSERT(condition, ...)                                                      \
    (static_cast<bool>(condition)                                                          \
         ? static_cast<void>(0)                                                            \
         : ::heddle::detail::assertion_failed(#condition, ::std::string_view{__VA_ARGS__}, \
                                              ::heddle::trace::site::current()))

// Names an object, or the calling thread, in reports. Without effect on real threads.
template <class Object>
void name(const Object& object, std::string_view text) {
    if constexpr (requires { object.heddle_object(); })
        scheduler::hooks::name_object(object.heddle_object(), text);
}
inline void name_thread(std::string_view text) {
    if (scheduler::hooks::active()) scheduler::hooks::name_thread(scheduler::hooks::self(), text);
}

// Blocks until the value of `object` satisfies `predicate`, and returns it. Explored as one
// blocking read: no spinning. Requires: the predicate is a pure function of the value. It is kept
// by value, in at most 16 bytes, and also called while this thread is not running: capture by copy,
// not by reference.
template <class T, class Predicate>
requires std::predicate<const Predicate&, T> T
await(const modelled::atomic<T>& object, Predicate predicate,
      std::memory_order order = std::memory_order_seq_cst,
      trace::site where = trace::site::current()) {
    static_assert(std::is_trivially_copyable_v<Predicate> && sizeof(Predicate) <= 16,
                  "heddle::await keeps its predicate by value: trivially copyable, at most 16 "
                  "bytes of captures");
    std::uint64_t state[2] = {};
    std::memcpy(state, &predicate, sizeof predicate);
    const auto call = [](std::uint64_t bits, const std::uint64_t(&kept)[2]) {
        struct bytes {
            unsigned char value[sizeof(Predicate)];
        } raw;
        std::memcpy(&raw, kept, sizeof raw);
        return static_cast<bool>(std::bit_cast<Predicate>(raw)(detail::from_word<T>(bits)));
    };
    return detail::from_word<T>(scheduler::hooks::await_predicate(
        object.heddle_object(), call, state, detail::to_order(order), where));
}
template <class T, class Predicate>
requires std::predicate<const Predicate&, T> T
await(const std::atomic<T>& object, Predicate predicate,
      std::memory_order order = std::memory_order_seq_cst) {
    for (;;) {
        const T value = object.load(order);
        if (predicate(value)) return value;
        std::this_thread::yield();
    }
}

// A value in [0, n), every one explored. On real threads: a random one. Requires: n >= 1.
inline std::uint32_t choose(std::uint32_t n, trace::site where = trace::site::current()) {
    return scheduler::hooks::active() ? scheduler::hooks::choose(n, where)
                                      : detail::choose_on_real_threads(n);
}

// Drops the execution unless the condition holds: it counts as `pruned`. Without effect on real
// threads.
inline void assume(bool condition) {
    if (!condition && scheduler::hooks::active()) scheduler::hooks::drop_thread();
}

// Adds an outcome to `result.outcomes`; several of one execution are joined by a space:
// record("r0={}", r0).
template <class... Values>
void record(std::string_view format, const Values&... values) {
    if (scheduler::hooks::active()) scheduler::hooks::record(detail::format(format, values...));
}

// Keeps a line with its step and thread, shown in the report of a failing run. On real threads:
// prints it.
template <class... Values>
void log(std::string_view format, const Values&... values) {
    if (!scheduler::hooks::active())
        detail::log_on_real_threads(detail::format(format, values...));
    else if (scheduler::hooks::explaining())
        scheduler::hooks::log(detail::format(format, values...), {});
}

// Runs `f`, allocating from the process's own heap: for data that outlives the execution.
template <class F>
decltype(auto) outside(F&& f) {
    const scheduler::heap::outside_scope scope;
    return std::forward<F>(f)();
}

}  // namespace heddle
