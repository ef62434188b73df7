// What a program has in it, for the generator's mixes and for the table of what was met together.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <string>
#include <string_view>

#include "program.hpp"

namespace heddle::soundness {

enum class feature : std::uint8_t {
    atomics,
    fences,
    weak_exchange,
    mutexes,
    bare_locks,
    several_locks,
    recursive,
    timed_locks,
    conditions,
    timed_conditions,
    atomic_wait,
    lone_notify,  // of an atomic that nobody waits for
    await,
    poll,
    short_poll,  // one that gives up
    poll_locks,
    data,
    choices,
    branches,
    sleep,
    clock,
    nested,
    detached,
    late_start,
};

inline constexpr std::size_t feature_count = 24;
using feature_set = std::bitset<feature_count>;

std::string_view name_of(feature f) noexcept;

feature_set features_of(const program& p);

// How many programs had each two of the features.
class feature_table {
public:
    void add(const feature_set& met);
    std::string text() const;

private:
    std::array<std::array<std::uint64_t, feature_count>, feature_count> met_{};
};

}  // namespace heddle::soundness
