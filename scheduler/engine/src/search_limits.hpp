// Where a search stops to look around, and sums of budgets that do not wrap.
#pragma once

#include <cstdint>

namespace heddle::scheduler {

// Executions in which a sampler learns; a replay of a later one runs them first.
inline constexpr std::uint64_t learning_executions = 16;

inline constexpr std::uint64_t forever = ~std::uint64_t{0};

inline std::uint64_t sum_or_forever(std::uint64_t a, std::uint64_t b) noexcept {
    return b < forever - a ? a + b : forever;
}

// The clock and the progress line are looked at now and then only: reading the clock costs more
// than a small execution.
inline constexpr std::uint64_t look_interval = 256;
inline bool is_due_for_a_look(std::uint64_t number) noexcept {
    return number % look_interval == look_interval - 1;
}
inline std::uint64_t next_look(std::uint64_t number) noexcept {
    return (number + 1) | (look_interval - 1);
}

}  // namespace heddle::scheduler
