// Plain data whose accesses are race-checked: two accesses of one `var`, one of them a write, that
// nothing orders are the finding `data_race`.
//
//   heddle::fibers::var<int> balance{100};
//   balance -= 30;                                            // a read and a write
//   balance.update([](int& b) { b = b > 30 ? b - 30 : b; });  // a read and a write, of any form
//
// An access is checked where it stands and is no schedule point: under data-race freedom nobody can
// tell. Not copy-constructible, so that a capture by value does not make a second variable unseen;
// `a = b` reads and writes. Outside an execution a var is a bare T.
//
// Limits: a reference to the value, held on, would escape the check: `update` gives one only for
// the time of its call.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <heddle/fibers/detail/operand.hpp>
#include <heddle/fibers/detail/representation.hpp>
#include <heddle/scheduler/hooks.hpp>
#include <type_traits>
#include <utility>

namespace heddle::modelled {
template <class T>
class var;
}

namespace heddle::detail {

// The right-hand side of `v = x`: anything that converts to T, another var of T included.
template <class T>
struct var_operand : operand<modelled::var<T>, T> {
    using base = operand<modelled::var<T>, T>;
    using base::base;
    var_operand(const modelled::var<T>& from, trace::site at = trace::site::current())
        : base(from.load(at), at) {}
};

// Whether a T wide enough takes every U, or wraps as the built-in operators do.
template <class U, class T>
inline constexpr bool integer_fits = std::unsigned_integral<T> || std::signed_integral<U> ||
                                     sizeof(U) < sizeof(T);

// Whether `t += u` means the same if u becomes a T first. What does not (an int by a double, a
// short by an int) is taken as it is, and the re-run of a failing execution finds its place.
template <class U, class T>
inline constexpr bool same_when_converted = [] {
    if constexpr (std::same_as<U, T> || std::same_as<U, modelled::var<T>>)
        return true;
    else if constexpr (std::integral<U> && std::integral<T>)
        return sizeof(U) <= sizeof(T) && integer_fits<U, T> && !std::same_as<T, bool>;
    else if constexpr (std::floating_point<U> && std::floating_point<T>)
        return sizeof(U) <= sizeof(T);
    else
        return std::integral<U> && std::floating_point<T>;
}();

template <class U, class T>
concept addend_of = same_when_converted<std::remove_cvref_t<U>, T>;

template <class T>
struct var_addend : var_operand<T> {
    template <addend_of<T> U>
    var_addend(U&& from, trace::site at = trace::site::current())
        : var_operand<T>(std::forward<U>(from), at) {}
};

template <class>
inline constexpr bool never = false;

}  // namespace heddle::detail

namespace heddle::modelled {

template <class T>
class var {
    static_assert(std::is_same_v<T, std::remove_cvref_t<T>>,
                  "heddle: var<T> holds an unqualified object type");
    static_assert(std::is_copy_constructible_v<T>, "heddle: var<T> needs a copyable T");

    using site = trace::site;

public:
    using value_type = T;

    var(detail::made_at made = site::current()) requires std::default_initializable<T> : value_() {
        make(made.where);
    }
    var(T value, site where = site::current()) : value_(std::move(value)) { make(where); }
    ~var() { scheduler::hooks::destroy_object(shadow_.object, {}); }
    var(const var&) = delete;
    // Left to `operator=(var_operand)`, which knows the site; a plain one would also compete with
    // it for `v = 1`.
    var& operator=(const var&) requires detail::never<T>
    = delete;

    T load(site where = site::current()) const {
        read(where);
        return value_;
    }
    operator T() const { return load({}); }

    void store(T value, site where = site::current()) {
        write(value, where);
        value_ = std::move(value);
    }
    var& operator=(detail::var_operand<T> from) {
        store(std::move(from.value), from.where);
        return *this;
    }

    // f changes its argument and returns nothing, or returns the new value. One read and one write.
    template <class F>
    void update(F&& f, site where = site::current()) {
        using made = std::invoke_result_t<F, T&>;
        static_assert(std::is_void_v<made> || std::is_convertible_v<made, T>,
                      "heddle: what var<T>::update calls returns the new value, or nothing");
        change(where, [&f](T& value) {
            if constexpr (std::is_void_v<made>)
                std::invoke(std::forward<F>(f), value);
            else
                value = std::invoke(std::forward<F>(f), value);
        });
    }

    var& operator+=(detail::var_addend<T> u) {
        return change(u.where, [&u](T& t) { add(t, u.value); });
    }
    var& operator-=(detail::var_addend<T> u) {
        return change(u.where, [&u](T& t) { subtract(t, u.value); });
    }
    template <class U>
    requires(!detail::addend_of<U, T>) var& operator+=(const U& u) {
        return change({}, [&u](T& t) { add(t, u); });
    }
    template <class U>
    requires(!detail::addend_of<U, T>) var& operator-=(const U& u) {
        return change({}, [&u](T& t) { subtract(t, u); });
    }

#define HEDDLE_VAR_OPERATOR_(op)                   \
    template <class U>                             \
    var& operator op##=(const U& u) {              \
        return change({}, [&u](T& t) {             \
            if constexpr (std::is_arithmetic_v<T>) \
                t = static_cast<T>(t op u);        \
            else                                   \
                t op## = u;                        \
        });                                        \
    }
    HEDDLE_VAR_OPERATOR_(*)
    HEDDLE_VAR_OPERATOR_(/)
    HEDDLE_VAR_OPERATOR_(%)
    HEDDLE_VAR_OPERATOR_(&)
    HEDDLE_VAR_OPERATOR_(|)
    HEDDLE_VAR_OPERATOR_(^)
    HEDDLE_VAR_OPERATOR_(<<)
    HEDDLE_VAR_OPERATOR_(>>)
#undef HEDDLE_VAR_OPERATOR_

    T operator++() {
        return changed([](T& t) { ++t; });
    }
    T operator--() {
        return changed([](T& t) { --t; });
    }
    T operator++(int) {
        T before = value_;
        change({}, [](T& t) { ++t; });
        return before;
    }
    T operator--(int) {
        T before = value_;
        change({}, [](T& t) { --t; });
        return before;
    }

    scheduler::object_id heddle_object() const noexcept { return shadow_.object; }

private:
    void make(site where) noexcept {
        scheduler::hooks::make_plain(shadow_, sizeof(T), detail::format_of<T>(), where);
    }
    void read(site where) const {
        scheduler::hooks::plain_read(shadow_, detail::bits_to_show(value_), where);
    }
    void write(const T& value, site where) {
        scheduler::hooks::plain_write(shadow_, detail::bits_to_show(value), where);
    }

    // A small value is changed in a copy, so that the trace can show what is written; a large one
    // in its place.
    template <class F>
    var& change(site where, const F& f) {
        read(where);
        if constexpr (detail::fits_word<T>) {
            T next = value_;
            f(next);
            write(next, where);
            value_ = next;
        } else {
            write(value_, where);
            f(value_);
        }
        return *this;
    }
    template <class F>
    T changed(const F& f) {
        change({}, f);
        return value_;
    }

    // Arithmetic is cast back as the built-in operators do, without their warning in the user's
    // name.
    template <class U>
    static void add(T& t, const U& u) {
        if constexpr (std::is_arithmetic_v<T>)
            t = static_cast<T>(t + u);
        else
            t += u;
    }
    template <class U>
    static void subtract(T& t, const U& u) {
        if constexpr (std::is_arithmetic_v<T>)
            t = static_cast<T>(t - u);
        else
            t -= u;
    }

    T value_;
    mutable scheduler::access_shadow shadow_;  // right behind it, where the engine expects it
};

}  // namespace heddle::modelled
