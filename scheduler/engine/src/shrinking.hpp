// Makes a failing schedule smaller: fewest preemptions, then switches, steps, and choices other
// than the first (older values read, spurious wakeups, other waiters).
//
// Small programs: a depth-first search with a rising bound of preemptions, so that none has fewer
// (Musuvathi and Qadeer, "Iterative Context Bounding for Systematic Testing of Multithreaded
// Programs", PLDI 2007). Then, and for large ones, steps of one thread are drawn together and cut
// off as long as the failure stays the same (Jalbert and Sen, "A Trace Simplification Technique for
// Effective Debugging of Concurrent Programs", FSE 2010).
#pragma once

#include <heddle/scheduler/explore.hpp>

#include <compare>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine.hpp"
#include "failure_signature.hpp"

namespace heddle::scheduler {

// The schedule that the engine has just run.
wished_schedule schedule_of(const engine& e);

class shrinker {
public:
    shrinker(const options& o, body_function body, void* data, unsigned words,
             bool unlimited_weak_failures, polled_sites* sites, failure_signature wanted,
             double share = 1);

    // The best schedule found that fails like `from`; nothing if none is better.
    std::optional<wished_schedule> shrink(const wished_schedule& from);

private:
    struct score {
        std::size_t preemptions;  // those that older values stand for included
        std::size_t disguised;    // those alone: the same failure reads better without
        std::size_t switches, steps, choices;
        friend auto operator<=>(const score&, const score&) = default;
    };
    ending run(mode m);
    bool fails_as_wanted(ending how) const;
    // Runs it; true if that fails in the wanted way, and better than all before.
    bool improves(const wished_schedule& s);
    bool spent() const { return runs_ >= most_runs_ || steps_ >= most_steps_; }
    void search_with_fewer_preemptions();
    bool search_within(unsigned bound, memory_model model);
    bool draw_together();
    bool cut_short();
    bool drop_choices();

    static constexpr double most_runs = 4'000, most_steps = 1'000'000;

    const unsigned most_runs_;
    const std::uint64_t most_steps_;
    engine engine_;
    failure_signature wanted_;
    std::optional<score> best_score_;
    wished_schedule best_;
    unsigned runs_ = 0;
    std::uint64_t steps_ = 0;
};

}  // namespace heddle::scheduler
