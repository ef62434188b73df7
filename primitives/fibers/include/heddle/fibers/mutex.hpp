// std's mutexes, modelled: lock is one step that waits until the mutex is free; which waiter gets
// it is explored.
//
//   heddle::fibers::mutex a, b;
//   std::lock_guard guard(a);                        // std's guards are used as they are
//   auto both = heddle::fibers::lock_all(a, b);      // takes both, and deadlocks with no other
//
// Contents: mutex, recursive_mutex, lock, scoped_lock. All live in `heddle::modelled`;
// use them through `heddle::fibers` or `heddle::shim`.
//
// | finding             | what makes it | | `deadlock`          | a cycle of waiting and holding,
// the moment it closes; lock by the holder of a mutex;    | |                     | lock of a mutex
// whose holder has exited                                                 | | `misuse`            |
// unlock by another thread than the holder; try_lock by the holder of a mutex;            | | |
// destruction while held or waited for; recursion deeper than `recursive_mutex::max_depth` |
//
// Limits: `std::lock` and `std::scoped_lock` work too, as the try-and-back-off loop that they are,
// which has many more executions than the one step of `lock` here; so does `lock` here as soon as
// one of its arguments is of another type than those of this header and `std::unique_lock` over
// them.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <heddle/scheduler/hooks.hpp>
#include <mutex>
#include <system_error>
#include <tuple>
#include <type_traits>

namespace heddle::modelled {

class mutex {
    using site = trace::site;

public:
    mutex(site where = site::current()) noexcept
        : object_(scheduler::hooks::make_object(scheduler::object_kind::mutex, 0, 8,
                                                trace::value_format::unsigned_integer, where)) {}
    ~mutex() { scheduler::hooks::destroy_object(object_, {}); }
    mutex(const mutex&) = delete;
    mutex& operator=(const mutex&) = delete;

    // Blocks: until no thread holds it.
    void lock(site where = site::current()) { scheduler::hooks::lock(object_, where); }
    bool try_lock(site where = site::current()) {
        return scheduler::hooks::try_lock(object_, where);
    }
    void unlock(site where = site::current()) { scheduler::hooks::unlock(object_, where); }

    scheduler::object_id heddle_object() const noexcept { return object_; }

private:
    scheduler::object_id object_;
};

// Only the outermost lock and unlock are steps: the inner ones concern nobody else.
class recursive_mutex {
    using site = trace::site;

public:
    static constexpr unsigned max_depth = 65'535;

    recursive_mutex(site where = site::current()) noexcept
        : object_(scheduler::hooks::make_object(scheduler::object_kind::recursive_mutex, 0, 8,
                                                trace::value_format::unsigned_integer, where)) {}
    ~recursive_mutex() { scheduler::hooks::destroy_object(object_, {}); }
    recursive_mutex(const recursive_mutex&) = delete;
    recursive_mutex& operator=(const recursive_mutex&) = delete;

    // Blocks: until no other thread holds it.
    void lock(site where = site::current());
    bool try_lock(site where = site::current());
    void unlock(site where = site::current());

    // For locks that several mutexes share in one step: whether the caller holds it, and that the
    // caller now does, once more.
    bool heddle_held() const noexcept { return depth_ != 0 && owner_ == scheduler::hooks::self(); }
    void heddle_taken(site where);

    scheduler::object_id heddle_object() const noexcept { return object_; }

private:
    // Invariant: owner_ is set exactly while depth_ > 0, by the owner alone; no other thread's id
    // ever equals it.
    scheduler::object_id object_;
    scheduler::thread_id owner_ = scheduler::no_thread;
    unsigned depth_ = 0;
};

}  // namespace heddle::modelled

namespace heddle::detail {

template <class M>
inline constexpr bool is_modelled_mutex = false;
template <>
inline constexpr bool is_modelled_mutex<modelled::mutex> = true;
template <>
inline constexpr bool is_modelled_mutex<modelled::recursive_mutex> = true;

template <class M>
concept modelled_mutex = is_modelled_mutex<M>;

template <class M>
concept recursively_held = modelled_mutex<M> && requires(const M& m) {
    m.heddle_held();
};

template <class M>
inline constexpr bool taken_in_one_step = modelled_mutex<M>;
template <class M>
inline constexpr bool taken_in_one_step<std::unique_lock<M>> = modelled_mutex<M>;

template <class M>
concept lockable_argument = requires(M& m) {
    m.lock();
    m.unlock();
};

// The lock words that one step is to take.
template <std::size_t N>
class lock_words {
public:
    template <modelled_mutex M>
    void add(M& m) {
        words_[count_++] = m.heddle_object();
    }
    template <recursively_held M>
    void add(M& m) {
        if (m.heddle_held()) return;
        for (std::size_t k = 0; k < count_; ++k)
            if (words_[k] == m.heddle_object()) return;
        words_[count_++] = m.heddle_object();
    }
    template <class M>
    void add(std::unique_lock<M>& lock) {
        if (!lock.mutex())
            throw std::system_error(std::make_error_code(std::errc::operation_not_permitted));
        if (lock.owns_lock())
            throw std::system_error(std::make_error_code(std::errc::resource_deadlock_would_occur));
        add(*lock.mutex());
    }

    void take(trace::site where) const {
        if (count_ == 1)
            scheduler::hooks::lock(words_[0], where);
        else if (count_ > 1)
            scheduler::hooks::lock_all(words_.data(), count_, where);
    }

private:
    std::array<scheduler::object_id, N> words_{};
    std::size_t count_ = 0;
};

template <modelled_mutex M>
void note_taken(M&, trace::site) noexcept {}
template <recursively_held M>
void note_taken(M& m, trace::site where) {
    m.heddle_taken(where);
}
template <class M>
void note_taken(std::unique_lock<M>& lock, trace::site where) {
    note_taken(*lock.mutex(), where);
    lock = std::unique_lock<M>(*lock.release(), std::adopt_lock);
}

template <class... Ms>
void take_all(trace::site where, Ms&... ms) {
    if constexpr ((taken_in_one_step<Ms> && ...)) {
        lock_words<sizeof...(Ms)> words;
        (words.add(ms), ...);
        words.take(where);
        (note_taken(ms, where), ...);
    } else if constexpr (sizeof...(Ms) == 1) {
        (ms.lock(), ...);
    } else {
        std::lock(ms...);
    }
}

template <class M>
void give_back(M& m) {
    if constexpr (modelled_mutex<M>)
        m.unlock({});  // no site: the guard's own line would say nothing
    else
        m.unlock();
}

template <class... Ms>
struct guard_types {};
template <class M>
struct guard_types<M> {
    using mutex_type = M;
};

}  // namespace heddle::detail

namespace heddle::modelled {

// Takes all of them, each in a step of its own. While others hold some it holds none, or those that
// come first: it deadlocks with no other, and a `try_lock` sees it half done.
// Throws: std::system_error for a `std::unique_lock` that is empty or owns its mutex already.
template <detail::lockable_argument A, detail::lockable_argument B>
void lock(A& a, B& b, trace::site where = trace::site::current()) {
    detail::take_all(where, a, b);
}
template <detail::lockable_argument A, detail::lockable_argument B, detail::lockable_argument C,
          detail::lockable_argument... Rest>
void lock(A& a, B& b, C& c, Rest&... rest) {
    detail::take_all({}, a, b, c, rest...);
}

// Holds all its mutexes from its construction, one step, to its destruction, an unlock each.
template <class... Ms>
class [[nodiscard]] scoped_lock : public detail::guard_types<Ms...> {
public:
    explicit scoped_lock(Ms&... ms, trace::site where = trace::site::current()) : mutexes_(ms...) {
        if constexpr (sizeof...(Ms) > 0) detail::take_all(where, ms...);
    }
    explicit scoped_lock(std::adopt_lock_t, Ms&... ms) noexcept : mutexes_(ms...) {}
    ~scoped_lock() {
        std::apply([](Ms&... ms) { (detail::give_back(ms), ...); }, mutexes_);
    }
    scoped_lock(const scoped_lock&) = delete;
    scoped_lock& operator=(const scoped_lock&) = delete;

private:
    std::tuple<Ms&...> mutexes_;
};

template <class... Ms>
scoped_lock(Ms&...) -> scoped_lock<Ms...>;
template <class... Ms>
scoped_lock(std::adopt_lock_t, Ms&...) -> scoped_lock<Ms...>;

}  // namespace heddle::modelled
