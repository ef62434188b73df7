// Runs an execution a second time by its choices, to see that the body depends on nothing else.
#pragma once

#include <heddle/scheduler/explore.hpp>
#include <heddle/trace/schedule.hpp>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <string>
#include <vector>

#include "engine.hpp"

namespace heddle::scheduler {

// An event as two runs of one schedule must agree on it. Not its values: they may be addresses.
struct event_print {
    operation op;
    std::uint8_t thread, kind, orders;
    std::uint16_t object;
    bool operator==(const event_print&) const = default;
};

class rerun_check {
public:
    // Which executions of a sampler are checked: powers of two from 128 on, less than 1 % of all.
    // The exhaustive strategy needs none: each of its executions replays the one before.
    static bool is_due(std::uint64_t executions) noexcept {
        return executions >= 128 && (executions & (executions - 1)) == 0;
    }

    // How many more that takes after so many.
    static std::uint64_t until_due(std::uint64_t executions) noexcept {
        return std::max(std::uint64_t{128}, std::bit_ceil(executions + 1)) - executions;
    }

    // Requires: `e` has just completed a run of a strategy that builds its graph forward. Runs it
    // again on the same engine; true if it did the same.
    bool passes(engine& e);
    // After a failed check: whether `e` has now completed a run that did what was checked.
    bool did_the_same(const engine& e);

    // Of the run before: its schedule and events.
    const std::vector<std::uint8_t>& steps() const noexcept { return steps_; }
    const std::vector<trace::schedule_choice>& choices() const noexcept { return choices_; }
    const std::vector<event_print>& events() const noexcept { return events_; }
    // After a failed check: what was different, as far as a run without a recorder can tell.
    const std::string& difference() const noexcept { return difference_; }

private:
    std::vector<std::uint8_t> steps_;
    std::vector<trace::schedule_choice> choices_;
    std::vector<event_print> events_, again_;
    std::string difference_;
};

event_print print_of(const event& e) noexcept;

// "`store` instead of `load`": for two prints that differ.
std::string difference_of(const event_print& before, const event_print& now);

}  // namespace heddle::scheduler
