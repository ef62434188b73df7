// A schedule whose last steps repeat for ever, and what they show: a thread that gets nowhere while
// others do, although every thread that can run does run. That is starvation.
//
// A run cannot last for ever: the steps are repeated up to the step limit, and every round must do
// what the first one did. The values may differ, tickets may count: only what is done, on which
// object, and whether it changes that object has to be the same.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "rerun_check.hpp"

namespace heddle::scheduler {

class fair_cycle {
public:
    // The last `length` of `steps` steps are repeated.
    fair_cycle(std::size_t steps, std::size_t length) : steps_(steps), length_(length) {}

    // The index of the schedule's step that is the n-th of the run, from 0.
    std::size_t index_of(std::size_t n) const noexcept {
        return n < steps_ ? n : steps_ - length_ + (n - steps_) % length_;
    }
    bool begins_at(std::size_t n) const noexcept { return n + length_ == steps_; }
    // Before each step: the n-th, when these could run. False: the round that has just ended did
    // something else than the first.
    bool next_step(const engine& e, std::size_t n, std::uint64_t ready, unsigned slot);
    void wrote_plain(unsigned slot) noexcept { plain_writes_ |= std::uint64_t{1} << slot; }

    // The slot of a thread that starves in the rounds so far, at least one of them complete;
    // nothing: every thread gets somewhere, or none does, or the schedule is not fair.
    std::optional<unsigned> starved(const engine& e) const;

private:
    struct deed {
        unsigned slot;
        event_print event;
        bool changes;
        bool operator==(const deed&) const = default;
    };

    std::size_t steps_, length_;
    std::array<std::uint16_t, max_threads> positions_{};    // at the begin of the round
    std::uint64_t ready_ = 0, ran_ = 0, plain_writes_ = 0;  // slots, of the round
    std::vector<deed> first_, round_;
    bool has_first_ = false;
    struct {
        std::uint64_t ready = 0, ran = 0, plain_writes = 0;
    } all_rounds_;  // of the complete ones
};

// Follows the schedule on `e`, its end repeated up to the step limit: whether a thread starves so.
bool starves_for_ever(engine& e, const trace::schedule& s);

// Whether an event leaves anything behind that others notice, once its thread waits again: locks
// that are taken and given back, and the sets of waiters, do not count.
bool gets_somewhere(const engine& e, const event& x) noexcept;

}  // namespace heddle::scheduler
