// Looks for an endless execution that is fair and starves a thread.
//
// An execution that reaches the step limit may only have been scheduled unfairly. Whether a fair
// one is as endless is tried with an adversary: it runs the others at random, and one thread, the
// victim, only when fairness demands it. Where the threads come back to where they were, and the
// victim got nowhere in between, these steps are repeated up to the step limit (`fair_cycle`).
#pragma once

#include <heddle/scheduler/explore.hpp>
#include <heddle/trace/schedule.hpp>

#include <cstdint>
#include <optional>
#include <vector>

#include "engine.hpp"

namespace heddle::scheduler {

// Chooses threads against one of them, and keeps notes to find a cycle by.
class adversary {
public:
    // The victim, by slot, runs after it could have run so often.
    adversary(unsigned victim, unsigned patience) : victim_(victim), patience_(patience) {}

    unsigned pick(engine& e, std::uint64_t candidates);

    // At each step but the first.
    struct note {
        std::uint64_t control;   // a hash of where all threads stand
        std::uint64_t ready;     // slots that could run
        std::uint16_t position;  // of the victim
    };
    const std::vector<note>& notes() const noexcept { return notes_; }
    unsigned victim() const noexcept { return victim_; }

private:
    unsigned victim_, patience_;
    unsigned passed_over_ = 0;
    std::vector<note> notes_;
};

// A schedule that starves a thread for ever, its cycle in `repeat`. Nothing: none was found, which
// proves nothing. Deterministic; some hundred short executions, and as many of the step limit's
// length where there are cycles to be tried.
std::optional<trace::schedule> find_starvation(const options& o, body_function body, void* data,
                                               const engine& found);

}  // namespace heddle::scheduler
