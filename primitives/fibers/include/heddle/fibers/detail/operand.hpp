// Arguments that know where they were written: operators cannot have defaulted arguments, but the converting
// constructor of their argument can.
#pragma once

#include <concepts>
#include <type_traits>
#include <utility>

#include <heddle/trace/site.hpp>

namespace heddle::detail {

// The right-hand side of `x = v` and `x += v` for an x of type Owner. Another Owner is refused, as std refuses to
// assign one atomic to another.
template <class Owner, class T>
struct operand {
    T value;
    trace::site where;

    template <class U>
        requires(!std::same_as<std::remove_cvref_t<U>, Owner> && std::convertible_to<U, T>)
    operand(U&& from, trace::site at = trace::site::current()) noexcept(std::is_nothrow_convertible_v<U, T>)
        : value(static_cast<T>(std::forward<U>(from))), where(at) {}
};

// The site of a default constructor. Unlike `trace::site` it cannot be made from braces, which would make
// `atomic<tagged_pointer> head{{nullptr, 0}}` ambiguous.
struct made_at {
    trace::site where;
    constexpr made_at(trace::site at) noexcept : where(at) {}
};

}  // namespace heddle::detail
