// An order of steps for a graph that the exhaustive strategy found, in which every read takes the
// newest value.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine.hpp"

namespace heddle::scheduler {

// The slots of the schedule steps of the execution that `e` has just run, reordered along program
// order, reads-from, modification order and from-reads, with few switches. Nothing if those form a
// cycle: then some read is stale in any order. Cost: quadratic in the number of events.
std::optional<std::vector<std::uint8_t>> interleaving_of(const engine& e);

// What ends a schedule: the attempts of the threads that wait for something, in the order in which
// they blocked, and the starts of those that did nothing before that, or before the run ended.
// `done`: the slots of threads that wait already.
void append_attempts(const engine& e, std::vector<std::uint8_t>& slots, std::uint64_t done = 0);

}  // namespace heddle::scheduler
