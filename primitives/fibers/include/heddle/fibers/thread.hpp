// std's threads, modelled: a fiber that runs when the strategy says so.
//
//   heddle::fibers::thread worker([&] { counter.fetch_add(1); });
//   worker.join();
//
// Contents: thread, jthread (joins in its destructor; no stop token yet), this_thread. All live in
// `heddle::modelled`; use them through `heddle::fibers` or `heddle::shim`.
//
// Threads may create threads, to any depth, 64 in one execution. The callable and its arguments
// live at the base of the thread's stack: creating a thread allocates nothing. An exception that
// leaves the callable is the finding `exception`; joining oneself, joining or detaching what is not
// joinable, and destroying what still is: `misuse`.
//
// Limits: callable and arguments take at most 4 KiB, aligned to at most 64 bytes; a site is known
// for a thread without arguments only (the others are resolved on the explained re-run).
#pragma once

#include <chrono>
#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <heddle/fibers/clock.hpp>
#include <heddle/scheduler/hooks.hpp>
#include <memory>
#include <new>
#include <ostream>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

namespace heddle::detail {

inline constexpr std::size_t callable_bytes_limit = 4096;
inline constexpr std::size_t callable_alignment_limit = 64;

// Called in a handler: ends the execution by what the handler caught.
[[noreturn]] void fail_current_exception() noexcept;

void sleep_until(std::int64_t deadline, trace::site where);

// A thread's descent as bits: main is 1; the k-th child of a thread appends k - 1 zeros and a one.
// No two threads have the same, and 64 threads fit, since a k-th child has k - 1 elder siblings. 0:
// none.
std::uint64_t descent_of(scheduler::thread_id thread) noexcept;
std::string show_descent(std::uint64_t descent);

// A callable with its arguments, as the new thread finds them at the base of its stack.
template <class F, class... Args>
struct package {
    F function;
    [[no_unique_address]] std::tuple<Args...> arguments;

    template <class Function, class... Arguments>
    explicit package(Function&& f, Arguments&&... args)
        : function(std::forward<Function>(f)), arguments(std::forward<Arguments>(args)...) {}

    static void run(void* storage) {
        auto* const self = std::launder(static_cast<package*>(storage));
        try {
            std::apply(
                [self](Args&... args) {
                    std::invoke(std::move(self->function), std::move(args)...);
                },
                self->arguments);
        } catch (...) {
            fail_current_exception();
        }
        std::destroy_at(self);
    }
};

template <class F, class... Args>
scheduler::thread_id spawn(trace::site where, F&& f, Args&&... args) {
    static_assert(
        std::is_invocable_v<std::decay_t<F>, std::decay_t<Args>...>,
        "heddle: a thread's callable must take its arguments as rvalues of their decayed types");
    using packed = package<std::decay_t<F>, std::decay_t<Args>...>;
    static_assert(sizeof(packed) <= callable_bytes_limit,
                  "heddle: a modelled thread's callable and arguments take at most 4 KiB: capture "
                  "by reference");
    static_assert(
        alignof(packed) <= callable_alignment_limit,
        "heddle: a modelled thread's callable and arguments are aligned to at most 64 bytes");
    const scheduler::hooks::new_thread made =
        scheduler::hooks::reserve_thread(sizeof(packed), alignof(packed), where);
    ::new (made.storage) packed(std::forward<F>(f), std::forward<Args>(args)...);
    scheduler::hooks::start_thread(made.id, &packed::run, where);
    return made.id;
}

}  // namespace heddle::detail

namespace heddle::modelled {

class thread {
    using site = trace::site;

public:
    // Made of the thread's descent alone, so it is the same in every execution, search and replay:
    // the third child of the second child of main prints as "2.3", main as "0".
    class id {
    public:
        id() noexcept = default;
        explicit id(std::uint64_t descent) noexcept : descent_(descent) {}
        friend bool operator==(id, id) noexcept = default;
        friend std::strong_ordering operator<=>(id, id) noexcept = default;
        template <class Char, class Traits>
        friend std::basic_ostream<Char, Traits>& operator<<(std::basic_ostream<Char, Traits>& out,
                                                            id i) {
            for (const char c : detail::show_descent(i.descent_)) out << out.widen(c);
            return out;
        }

    private:
        friend struct std::hash<id>;
        std::uint64_t descent_ = 0;
    };
    using native_handle_type = scheduler::thread_id;

    thread() noexcept = default;
    template <class F>
    requires(!std::same_as<std::remove_cvref_t<F>, thread>) explicit thread(
        F&& f, site where = site::current())
        : id_(detail::spawn(where, std::forward<F>(f))) {}
    template <class F, class First, class... Rest>
    requires(!std::same_as<std::remove_cvref_t<First>, site>) explicit thread(F&& f, First&& first,
                                                                              Rest&&... rest)
        : id_(detail::spawn({}, std::forward<F>(f), std::forward<First>(first),
                            std::forward<Rest>(rest)...)) {}
    ~thread() { release(); }

    thread(thread&& other) noexcept : id_(std::exchange(other.id_, scheduler::no_thread)) {}
    thread& operator=(thread&& other) noexcept {
        release();
        id_ = std::exchange(other.id_, scheduler::no_thread);
        return *this;
    }
    void swap(thread& other) noexcept { std::swap(id_, other.id_); }
    friend void swap(thread& a, thread& b) noexcept { a.swap(b); }

    bool joinable() const noexcept { return id_ != scheduler::no_thread; }
    id get_id() const noexcept { return id(detail::descent_of(id_)); }
    native_handle_type native_handle() const noexcept { return id_; }

    // Blocks: until the thread has exited.
    void join(site where = site::current());
    void detach(site where = site::current());

    // Two, on every machine: programs size their pools by it, and a schedule means the same
    // everywhere.
    static unsigned hardware_concurrency() noexcept { return 2; }

private:
    // Fails: misuse, if it is still joinable. Does not return then.
    void release() noexcept;

    scheduler::thread_id id_ = scheduler::no_thread;
};

class jthread {
    using site = trace::site;

public:
    using id = thread::id;
    using native_handle_type = thread::native_handle_type;

    jthread() noexcept = default;
    template <class F>
    requires(!std::same_as<std::remove_cvref_t<F>, jthread>) explicit jthread(
        F&& f, site where = site::current())
        : thread_(std::forward<F>(f), where) {}
    template <class F, class First, class... Rest>
    requires(!std::same_as<std::remove_cvref_t<First>, site>) explicit jthread(F&& f, First&& first,
                                                                               Rest&&... rest)
        : thread_(std::forward<F>(f), std::forward<First>(first), std::forward<Rest>(rest)...) {}
    // Blocks: until the thread has exited, unless it was joined or detached before.
    ~jthread() {
        if (joinable()) join({});
    }

    jthread(jthread&&) noexcept = default;
    // Blocks: until the thread held so far has exited.
    jthread& operator=(jthread&& other) noexcept {
        if (this != &other) {
            if (joinable()) join({});
            thread_ = std::move(other.thread_);
        }
        return *this;
    }
    void swap(jthread& other) noexcept { thread_.swap(other.thread_); }
    friend void swap(jthread& a, jthread& b) noexcept { a.swap(b); }

    bool joinable() const noexcept { return thread_.joinable(); }
    id get_id() const noexcept { return thread_.get_id(); }
    native_handle_type native_handle() const noexcept { return thread_.native_handle(); }
    void join(site where = site::current()) { thread_.join(where); }
    void detach(site where = site::current()) { thread_.detach(where); }
    static unsigned hardware_concurrency() noexcept { return thread::hardware_concurrency(); }

private:
    thread thread_;
};

namespace this_thread {

inline thread::id get_id() noexcept {
    return thread::id(detail::descent_of(scheduler::hooks::self()));
}

// Hints that this thread has nothing to do for now: other threads go first.
inline void yield(trace::site where = trace::site::current()) noexcept {
    scheduler::hooks::yield(scheduler::operation::yield, where);
}
// The hint of a spin loop; the same as yield, since a modelled core has nothing else to run.
inline void pause(trace::site where = trace::site::current()) noexcept {
    scheduler::hooks::yield(scheduler::operation::yield, where);
}
// A timed wait for nothing. The first `options::early_timeout_bound` sleeps of a thread end at any
// moment: others may have run as long, or as briefly, as the strategy likes. Those after them end
// when nothing else can run.
template <class Rep, class Period>
void sleep_for(const std::chrono::duration<Rep, Period>& duration,
               trace::site where = trace::site::current()) {
    if (duration <= duration.zero()) return yield(where);
    detail::sleep_until(detail::deadline_after(duration), where);
}
template <class Clock, class Duration>
void sleep_until(const std::chrono::time_point<Clock, Duration>& time,
                 trace::site where = trace::site::current()) {
    detail::sleep_until(detail::deadline_at(time), where);
}

}  // namespace this_thread

}  // namespace heddle::modelled

template <>
struct std::hash<heddle::modelled::thread::id> {
    std::size_t operator()(heddle::modelled::thread::id i) const noexcept {
        return std::hash<std::uint64_t>{}(i.descent_);
    }
};
