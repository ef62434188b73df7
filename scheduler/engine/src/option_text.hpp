// Small text helpers of the option errors: quoting, lists, and the name that was probably meant.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace heddle::scheduler {

// The text in backticks; what does not print is shown as \xNN, and what is long is cut.
std::string quoted(std::string_view text);

// "a, b or c".
std::string one_of(std::span<const std::string_view> names);

// "did you mean `NAME`?" for the name that takes the fewest edits; "the nearest known is `NAME`"
// when even that is far away. Requires: `names` is not empty.
std::string nearest_hint(std::string_view text, std::span<const std::string_view> names);

}  // namespace heddle::scheduler
