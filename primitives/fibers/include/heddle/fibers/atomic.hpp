// std's atomics, modelled: every operation is one step, and a load may return any write that the
// memory model allows.
//
//   heddle::fibers::atomic<int> ready{0};
//   ready.store(1, std::memory_order_release);
//   if (ready.load(std::memory_order_acquire) == 1) { ... }
//
// Contents: atomic<T>, atomic_flag, atomic_thread_fence, atomic_signal_fence. All live in
// `heddle::modelled`; use them through `heddle::fibers` or `heddle::shim`. Signatures and orders
// are std's, with the place of the call as a last, defaulted argument. An order that std forbids
// for an operation is the finding `misuse`.
//
// Limits: T is trivially copyable, at most 8 bytes. A T with padding compares by it under a
// compiler without `__builtin_clear_padding` (Clang 14). `consume` counts as acquire. No `volatile`
// members.
#pragma once

#include <atomic>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <heddle/fibers/detail/operand.hpp>
#include <heddle/fibers/detail/orders.hpp>
#include <heddle/fibers/detail/representation.hpp>
#include <heddle/scheduler/hooks.hpp>
#include <type_traits>

namespace heddle::detail {

template <class T>
concept modelled_integer = std::integral<T> && !std::same_as<T, bool>;

template <class T>
concept modelled_pointer = std::is_pointer_v<T> && std::is_object_v<std::remove_pointer_t<T>>;

template <class T>
concept counting = modelled_integer<T> || modelled_pointer<T>;

template <class T>
concept adding = counting<T> || std::floating_point<T>;

// The waiter set beside an atomic: the engine reserves the id after the atomic's own.
constexpr scheduler::object_id waiters_of(scheduler::object_id object) noexcept {
    return object == scheduler::no_object ? scheduler::no_object : object + 1;
}

}  // namespace heddle::detail

namespace heddle::modelled {

template <class T>
class atomic {
    static_assert(std::is_trivially_copyable_v<T> && std::is_copy_constructible_v<T> &&
                      std::is_copy_assignable_v<T>,
                  "heddle: atomic<T> needs a trivially copyable T");
    static_assert(sizeof(T) <= 8, "heddle: the modelled atomic<T> holds at most 8 bytes");
    static_assert(std::is_same_v<T, std::remove_cv_t<T>>,
                  "heddle: atomic<T> needs an unqualified T");

    using site = trace::site;
    using delta = std::conditional_t<std::is_pointer_v<T>, std::ptrdiff_t, T>;
    using operand = detail::operand<atomic, T>;
    using delta_operand = detail::operand<atomic, delta>;

public:
    using value_type = T;
    using difference_type = delta;
    static constexpr bool is_always_lock_free = std::atomic<T>::is_always_lock_free;

    // The value is initialised, not stored: as in std, that is no atomic operation.
    atomic(detail::made_at made = site::current()) noexcept(
        std::is_nothrow_default_constructible_v<T>) requires std::default_initializable<T>
        : atomic(T(), made.where) {}
    atomic(T value, site where = site::current()) noexcept
        : object_(scheduler::hooks::make_object(scheduler::object_kind::atomic,
                                                detail::to_word(value), sizeof(T),
                                                detail::format_of<T>(), where)) {}
    ~atomic() { scheduler::hooks::destroy_object(object_, {}); }
    atomic(const atomic&) = delete;
    // Not of a const atomic: that one would compete with `x = v` through the converting
    // constructor.
    atomic& operator=(atomic&) = delete;

    bool is_lock_free() const noexcept { return is_always_lock_free; }

    T load(std::memory_order order = std::memory_order_seq_cst,
           site where = site::current()) const noexcept {
        return value(
            scheduler::hooks::load(object_, detail::read_order(order, object_, where), where));
    }
    operator T() const noexcept { return load(std::memory_order_seq_cst, {}); }

    void store(T desired, std::memory_order order = std::memory_order_seq_cst,
               site where = site::current()) noexcept {
        scheduler::hooks::store(object_, word(desired), detail::write_order(order, object_, where),
                                where);
    }
    T operator=(operand desired) noexcept {
        store(desired.value, std::memory_order_seq_cst, desired.where);
        return desired.value;
    }

    T exchange(T desired, std::memory_order order = std::memory_order_seq_cst,
               site where = site::current()) noexcept {
        return modify(scheduler::operation::exchange, word(desired), order, where);
    }

    // A failed exchange is a plain read with the failure order; a weak one may fail although the
    // value matched.
    bool compare_exchange_weak(T& expected, T desired, std::memory_order success,
                               std::memory_order failure, site where = site::current()) noexcept {
        return compare_exchange(scheduler::operation::compare_exchange_weak, expected, desired,
                                success, failure, where);
    }
    bool compare_exchange_weak(T& expected, T desired,
                               std::memory_order order = std::memory_order_seq_cst,
                               site where = site::current()) noexcept {
        return compare_exchange_weak(expected, desired, order, detail::failure_order_of(order),
                                     where);
    }
    bool compare_exchange_strong(T& expected, T desired, std::memory_order success,
                                 std::memory_order failure, site where = site::current()) noexcept {
        return compare_exchange(scheduler::operation::compare_exchange_strong, expected, desired,
                                success, failure, where);
    }
    bool compare_exchange_strong(T& expected, T desired,
                                 std::memory_order order = std::memory_order_seq_cst,
                                 site where = site::current()) noexcept {
        return compare_exchange_strong(expected, desired, order, detail::failure_order_of(order),
                                       where);
    }

    // Blocks: until a notification, or at once, finds the value different from `old`.
    void wait(T old, std::memory_order order = std::memory_order_seq_cst,
              site where = site::current()) const noexcept {
        scheduler::hooks::atomic_wait(object_, detail::waiters_of(object_), word(old),
                                      detail::read_order(order, object_, where), where);
    }
    // Wakes any one of the waiting threads: which one is explored.
    void notify_one(site where = site::current()) noexcept {
        scheduler::hooks::notify_one(detail::waiters_of(object_), where);
    }
    void notify_all(site where = site::current()) noexcept {
        scheduler::hooks::notify_all(detail::waiters_of(object_), where);
    }

    T fetch_add(delta d, std::memory_order order = std::memory_order_seq_cst,
                site where = site::current()) noexcept requires detail::adding<T> {
        return modify(add_operation, step(d), order, where);
    }
    T fetch_sub(delta d, std::memory_order order = std::memory_order_seq_cst,
                site where = site::current()) noexcept requires detail::adding<T> {
        if constexpr (std::is_floating_point_v<T>)
            return modify(add_operation, step(-d), order,
                          where);  // x - d is x + (-d) in IEEE arithmetic
        else
            return modify(scheduler::operation::fetch_sub, step(d), order, where);
    }
    T fetch_and(T bits, std::memory_order order = std::memory_order_seq_cst,
                site where = site::current()) noexcept requires detail::modelled_integer<T> {
        return modify(scheduler::operation::fetch_and, word(bits), order, where);
    }
    T fetch_or(T bits, std::memory_order order = std::memory_order_seq_cst,
               site where = site::current()) noexcept requires detail::modelled_integer<T> {
        return modify(scheduler::operation::fetch_or, word(bits), order, where);
    }
    T fetch_xor(T bits, std::memory_order order = std::memory_order_seq_cst,
                site where = site::current()) noexcept requires detail::modelled_integer<T> {
        return modify(scheduler::operation::fetch_xor, word(bits), order, where);
    }

    T operator+=(delta_operand d) noexcept requires detail::adding<T> {
        return plus(fetch_add(d.value, std::memory_order_seq_cst, d.where), d.value);
    }
    T operator-=(delta_operand d) noexcept requires detail::adding<T> {
        return minus(fetch_sub(d.value, std::memory_order_seq_cst, d.where), d.value);
    }
    T operator&=(operand bits) noexcept requires detail::modelled_integer<T> {
        return static_cast<T>(fetch_and(bits.value, std::memory_order_seq_cst, bits.where) &
                              bits.value);
    }
    T operator|=(operand bits) noexcept requires detail::modelled_integer<T> {
        return static_cast<T>(fetch_or(bits.value, std::memory_order_seq_cst, bits.where) |
                              bits.value);
    }
    T operator^=(operand bits) noexcept requires detail::modelled_integer<T> {
        return static_cast<T>(fetch_xor(bits.value, std::memory_order_seq_cst, bits.where) ^
                              bits.value);
    }
    T operator++() noexcept requires detail::counting<T> {
        return plus(fetch_add(1, std::memory_order_seq_cst, {}), 1);
    }
    T operator--() noexcept requires detail::counting<T> {
        return minus(fetch_sub(1, std::memory_order_seq_cst, {}), 1);
    }
    T operator++(int) noexcept requires detail::counting<T> {
        return fetch_add(1, std::memory_order_seq_cst, {});
    }
    T operator--(int) noexcept requires detail::counting<T> {
        return fetch_sub(1, std::memory_order_seq_cst, {});
    }

    scheduler::object_id heddle_object() const noexcept { return object_; }

private:
    static constexpr scheduler::operation add_operation =
        !std::is_floating_point_v<T> ? scheduler::operation::fetch_add
        : sizeof(T) == 4             ? scheduler::operation::fetch_add_float
                                     : scheduler::operation::fetch_add_double;

    static std::uint64_t word(const T& v) noexcept { return detail::to_word(v); }
    static T value(std::uint64_t w) noexcept { return detail::from_word<T>(w); }

    // The operand of an addition: a pointer moves by whole objects.
    static std::uint64_t step(delta d) noexcept {
        if constexpr (std::is_pointer_v<T>)
            return static_cast<std::uint64_t>(d) * sizeof(std::remove_pointer_t<T>);
        else
            return detail::to_word(d);
    }

    // Integers wrap without undefined behaviour, as atomic arithmetic does.
    static T plus(T before, delta d) noexcept {
        if constexpr (std::is_integral_v<T>)
            return value(detail::to_word(before) + detail::to_word(d));
        else
            return before + d;
    }
    static T minus(T before, delta d) noexcept {
        if constexpr (std::is_integral_v<T>)
            return value(detail::to_word(before) - detail::to_word(d));
        else
            return before - d;
    }

    T modify(scheduler::operation op, std::uint64_t bits, std::memory_order order,
             site where) noexcept {
        return value(
            scheduler::hooks::read_modify_write(object_, op, bits, detail::to_order(order), where));
    }
    bool compare_exchange(scheduler::operation op, T& expected, const T& desired,
                          std::memory_order success, std::memory_order failure,
                          site where) noexcept {
        std::uint64_t seen = word(expected);
        if (scheduler::hooks::compare_exchange(object_, op, seen, word(desired),
                                               detail::to_order(success),
                                               detail::read_order(failure, object_, where), where))
            return true;
        expected = value(seen);
        return false;
    }

    scheduler::object_id object_;
};

class atomic_flag {
    using site = trace::site;

public:
    atomic_flag(site where = site::current()) noexcept
        : object_(scheduler::hooks::make_object(scheduler::object_kind::atomic_flag, 0, 1,
                                                trace::value_format::boolean, where)) {}
    ~atomic_flag() { scheduler::hooks::destroy_object(object_, {}); }
    atomic_flag(const atomic_flag&) = delete;
    atomic_flag& operator=(const atomic_flag&) = delete;

    bool test_and_set(std::memory_order order = std::memory_order_seq_cst,
                      site where = site::current()) noexcept {
        return scheduler::hooks::read_modify_write(object_, scheduler::operation::exchange, 1,
                                                   detail::to_order(order), where) != 0;
    }
    void clear(std::memory_order order = std::memory_order_seq_cst,
               site where = site::current()) noexcept {
        scheduler::hooks::store(object_, 0, detail::write_order(order, object_, where), where);
    }
    bool test(std::memory_order order = std::memory_order_seq_cst,
              site where = site::current()) const noexcept {
        return scheduler::hooks::load(object_, detail::read_order(order, object_, where), where) !=
               0;
    }

    // Blocks: until a notification, or at once, finds the flag different from `old`.
    void wait(bool old, std::memory_order order = std::memory_order_seq_cst,
              site where = site::current()) const noexcept {
        scheduler::hooks::atomic_wait(object_, detail::waiters_of(object_), old ? 1 : 0,
                                      detail::read_order(order, object_, where), where);
    }
    void notify_one(site where = site::current()) noexcept {
        scheduler::hooks::notify_one(detail::waiters_of(object_), where);
    }
    void notify_all(site where = site::current()) noexcept {
        scheduler::hooks::notify_all(detail::waiters_of(object_), where);
    }

    scheduler::object_id heddle_object() const noexcept { return object_; }

private:
    scheduler::object_id object_;
};

inline void atomic_thread_fence(std::memory_order order,
                                trace::site where = trace::site::current()) noexcept {
    if (order != std::memory_order_relaxed) scheduler::hooks::fence(detail::to_order(order), where);
}

// No signal handlers are modelled: a modelled thread is never interrupted by itself.
inline void atomic_signal_fence(std::memory_order) noexcept {}

}  // namespace heddle::modelled
