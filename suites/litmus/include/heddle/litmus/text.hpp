// Small helpers for messages: quoting, lists of what would be right, the nearest of them, numbers.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace heddle::litmus {

// 'text'
std::string in_quotes(std::string_view text);

// "sc, rc11 or cpp20"
std::string listed(std::span<const std::string_view> words);

// The candidate that fewest insertions, deletions, replacements and exchanges of neighbours turn
// `word` into; empty if that takes more than a third of its letters (at least one is allowed).
// Source: the restricted edit distance of Damerau, "A technique for computer detection and
// correction of spelling errors", CACM 1964.
std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates);

// "; did you mean 'store'?", or nothing where no candidate is near.
std::string suggestion(std::string_view word, std::span<const std::string_view> candidates);

// Decimal digits only, all of `text`. Fails: false, also where the number does not fit.
bool parse_unsigned(std::string_view text, std::uint64_t& value) noexcept;

// "1 graph", "2 graphs"
std::string counted(std::uint64_t count, std::string_view noun);

}  // namespace heddle::litmus
