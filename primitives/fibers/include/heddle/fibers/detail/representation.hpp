// How a value of type T travels through the engine: its object representation in 64 bits,
// zero-extended.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <heddle/trace/operation.hpp>
#include <memory>
#include <type_traits>

namespace heddle::detail {

template <class T>
inline constexpr bool fits_word = std::is_trivially_copyable_v<T> &&
                                  sizeof(T) <= sizeof(std::uint64_t);

template <class T>
constexpr trace::value_format format_of() noexcept {
    if constexpr (std::is_same_v<T, bool>)
        return trace::value_format::boolean;
    else if constexpr (std::is_enum_v<T>)
        return format_of<std::underlying_type_t<T>>();
    else if constexpr (std::is_pointer_v<T>)
        return trace::value_format::pointer;
    else if constexpr (std::is_floating_point_v<T>)
        return trace::value_format::floating;
    else if constexpr (std::is_integral_v<T>)
        return std::is_signed_v<T> ? trace::value_format::signed_integer
                                   : trace::value_format::unsigned_integer;
    else
        return trace::value_format::bits;
}

// Padding is cleared where the compiler can: it takes no part in comparisons, and what happens to
// stand there would differ from one execution to the next.
template <class T>
std::uint64_t to_word(const T& value) noexcept {
    static_assert(fits_word<T>);
    std::uint64_t word = 0;
    if constexpr (std::is_scalar_v<T> || std::has_unique_object_representations_v<T>) {
        std::memcpy(&word, std::addressof(value), sizeof(T));
    } else if constexpr (!std::is_empty_v<T>) {
        T copy = value;
#if defined(__has_builtin)
#if __has_builtin(__builtin_clear_padding)
        __builtin_clear_padding(std::addressof(copy));
#endif
#endif
        std::memcpy(&word, std::addressof(copy), sizeof(T));
    }
    return word;
}

template <class T>
T from_word(std::uint64_t word) noexcept {
    static_assert(fits_word<T>);
    std::array<std::byte, sizeof(T)> bytes;
    std::memcpy(bytes.data(), &word, sizeof(T));
    return std::bit_cast<T>(bytes);
}

// What a trace shows of a value: its bits where they fit.
template <class T>
std::uint64_t bits_to_show(const T& value) noexcept {
    if constexpr (fits_word<T>)
        return to_word(value);
    else
        return 0;
}

}  // namespace heddle::detail
