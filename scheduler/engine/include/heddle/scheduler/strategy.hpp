// How executions are chosen: one type a strategy, its fields the knobs of its paper.
//
//   heddle::options o{.strategy = heddle::strategies::pct{.depth = 3}};
//
// `exhaustive` and `depth_first` prove; `random` and `pct` sample; `automatic` proves where its
// budget suffices and samples otherwise; `replay` follows a recorded schedule (it is chosen by
// `options::replay`).
#pragma once

#include <iosfwd>
#include <optional>
#include <string>
#include <variant>

namespace heddle {
namespace strategies {

// Exhaustive inside `options::exhaustive_budget`, then random and pct in turn inside
// `options::sample_budget`.
struct automatic {
    friend bool operator==(const automatic&, const automatic&) = default;
};

// Every consistent execution graph once, every genuine deadlock once.
// Source: Kokologiannakis, Marmanis, Gladstein, Vafeiadis, "Truly Stateless, Optimal Dynamic
// Partial Order Reduction", POPL 2022. Departs from the paper: see docs/architecture.md.
struct exhaustive {
    friend bool operator==(const exhaustive&, const exhaustive&) = default;
};

// Every interleaving with every consistent choice, by a plain stack of choices. Complete, and far
// slower than `exhaustive`: its oracle. With `options::preemption_bound` only schedules of so few
// preemptions.
struct depth_first {
    friend bool operator==(const depth_first&, const depth_first&) = default;
};

// Uniform over the runnable threads at each schedule point, uniform over the consistent choices of
// a step.
struct random {
    friend bool operator==(const random&, const random&) = default;
};

// Runs the runnable thread of highest priority; at `depth - 1` random steps the running thread
// drops to the lowest. Finds a bug of depth d with probability >= 1 / (n * k^(d-1)) in each
// execution (n threads, k steps). Source: Burckhardt, Kothari, Musuvathi, Nagarakatte, "A
// Randomized Scheduler with Probabilistic Guarantees of Finding Bugs", ASPLOS 2010. Departs from
// the paper: k is learnt in executions 0 to 15; with `depth` 0 the depth cycles through 1, 2, 3; a
// thread that yields drops to the lowest priority.
struct pct {
    unsigned depth = 0;
    friend bool operator==(const pct&, const pct&) = default;
};

// As `to_string` has it.
std::ostream& operator<<(std::ostream& out, const automatic& s);
std::ostream& operator<<(std::ostream& out, const exhaustive& s);
std::ostream& operator<<(std::ostream& out, const depth_first& s);
std::ostream& operator<<(std::ostream& out, const random& s);
std::ostream& operator<<(std::ostream& out, const pct& s);

}  // namespace strategies

using strategy = std::variant<strategies::automatic, strategies::exhaustive,
                              strategies::depth_first, strategies::random, strategies::pct>;

// "pct(depth 3)", "random", ...: as reports print it and `HEDDLE_STRATEGY` reads it ("pct:3").
std::string to_string(const strategy& s);

}  // namespace heddle
