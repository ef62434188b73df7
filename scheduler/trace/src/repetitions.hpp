// Finds where a sequence repeats itself, as the steps of a loop do.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace heddle::trace {

// Elements `begin` to `begin + length * rounds`, each like the one `length` before it.
struct repetition {
    std::size_t begin = 0, length = 0, rounds = 0;
    friend bool operator==(const repetition&, const repetition&) = default;
};

inline constexpr std::size_t longest_round = 64;
inline constexpr std::size_t fewest_rounds = 4;  // that are worth a word

// From left to right, without overlaps; where several begin at one place, the one that leaves the
// least to show of what it covers, if its first and its last round are shown. Cost: O(n) for each
// length of a round up to the longest.
std::vector<repetition> repetitions_of(const std::vector<std::uint32_t>& sequence);

}  // namespace heddle::trace
