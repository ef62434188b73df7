// Text of a fixed width: wrapping, padding, widths in columns.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace heddle::trace {

inline constexpr std::size_t report_width = 100;

// Columns a text takes: its code points. Wide characters of East Asian scripts count as one.
std::size_t display_width(std::string_view text) noexcept;

// Padded with blanks on the right, or on the left, to a width.
std::string padded(std::string_view text, std::size_t width);
std::string right_aligned(std::string_view text, std::size_t width);

// At most `width` columns of a text; the last three are dots where something was cut.
std::string shortened(std::string_view text, std::size_t width);

// A step of the trace, `call(arguments) -> result`, in at most `width` columns. What a reader looks
// for is the result: dots stand for the arguments, then for the end of the call.
std::string shortened_step(std::string_view text, std::size_t width);

// The columns that a step needs to be understood: its result, and the beginning of its call.
std::size_t least_width_of_step(std::string_view text) noexcept;

// Lines of at most `width` columns, broken at blanks, not inside of `back quotes` while those are
// short. The blanks that a text begins with begin each of its lines.
std::vector<std::string> wrapped(std::string_view text, std::size_t width);

}  // namespace heddle::trace
