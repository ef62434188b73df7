// Arguments that know where they were written: operators cannot have defaulted arguments, but the
// converting constructor of their argument can.
#pragma once

#include <concepts>
#include <heddle/trace/site.hpp>
#include <type_traits>
#include <utility>

namespace heddle::detail {

// What may stand on the right-hand side for an Owner that holds a T. Not another Owner: std refuses
// to assign one atomic to another.
template <class U, class Owner, class T>
concept operand_of = !std::same_as<std::remove_cvref_t<U>, Owner> && std::convertible_to<U, T>;

// The right-hand side of `x = v` and `x += v` for an x of type Owner.
template <class Owner, class T>
struct operand {
    T value;
    trace::site where;

    template <operand_of<Owner, T> U>
    operand(U&& from, trace::site at = trace::site::current())
        : value(static_cast<T>(std::forward<U>(from))), where(at) {}
};

// The site of a default constructor. Unlike `trace::site` it cannot be made from braces, which
// would make `atomic<tagged_pointer> head{{nullptr, 0}}` ambiguous.
struct made_at {
    trace::site where;
    constexpr made_at(trace::site at) noexcept : where(at) {}
};

}  // namespace heddle::detail
