// One search: runs strategies within their budgets, counts, and has what they find explained.
#pragma once

#include <heddle/scheduler/explore.hpp>
#include <heddle/scheduler/heap.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>

#include "engine.hpp"
#include "kept_findings.hpp"
#include "progress_line.hpp"
#include "rerun_check.hpp"

namespace heddle::scheduler {

class campaign {
public:
    campaign(const options& o, body_function body, void* data, const search_hooks& hooks)
        : options_(o),
          body_(body),
          data_(data),
          hooks_(hooks),
          findings_(body, data, hooks),
          started_(clock_type::now()),
          number_(hooks.progress ? hooks.progress->number : own_progress_.number),
          line_(o.progress, started_) {
        make_engine(1);
    }

    result run();

private:
    using clock_type = std::chrono::steady_clock;
    enum class outcome { exhausted, budget, stopped };

    void make_engine(unsigned words);
    bool limits_reached();
    double explored_share() const;
    // Books one run that ended; false: the search stops here.
    bool book(ending e);
    bool restart_needed(ending e);
    // True if the execution that was just booked is due for a second run, and differs there: then
    // the search has failed.
    bool departs() {
        return rerun_check::is_due(result_.executions) && findings_.empty() && differs_again();
    }
    [[gnu::cold]] bool differs_again();
    // The last run did not come to an end of its own: what it would have done is not explored.
    bool left_unfinished() const { return engine_->passed_.unfinished; }
    // The last run was left in the middle of anything, so the engine is not used again.
    bool left_outright() const {
        const trace::stop why = engine_->finding_.why;
        return why == trace::stop::crash || why == trace::stop::endless_loop;
    }
    outcome when_all_visited();
    outcome exhaustive(std::uint64_t budget);
    outcome depth_first();
    void sample(std::uint64_t budget, const strategy& s, bool alternate);
    void prepare_sample(std::uint64_t execution);
    bool is_of_pct(std::uint64_t execution) const noexcept {
        return pct_ || (alternates_ && execution % 2 == 1);
    }
    bool sample_one(engine::next_run next = {});
    engine::next_run run_on(bool (*next)(void*), std::uint64_t end, std::uint64_t steps_end);
    bool book_quietly();
    bool next_sample();
    bool next_proof();
    bool is_new_graph();
    void automatic();
    void replay();
    // Where a bound was reached, the first time: whether a schedule that is fair keeps a thread out
    // for ever, or ends as little. Then the search has failed, and stops unless it is to go on.
    [[gnu::cold]] bool starves(bool cut);
    // An execution was cut at the step limit, the first time. If a fair one does not end either,
    // the search has failed.
    [[gnu::cold]] bool fails_when_fair();
    options explained_options() const;
    void keep_findings(engine& of, ending e);
    template <class IsTheSame>
    [[gnu::cold]] bool comes_again(mode how, const IsTheSame& is_the_same);
    void summarise();

    options options_;
    body_function body_;
    void* data_;
    const search_hooks& hooks_;
    std::unique_ptr<engine> engine_;
    result result_;
    kept_findings findings_;
    clock_type::time_point started_;
    const heap::outlived kept_before_ = heap::kept_blocks();
    search_progress own_progress_;
    std::uint64_t& number_;                 // of the next execution, over all phases
    std::uint64_t phase_begin_ = 0;         // number of the first execution of this phase
    std::optional<std::uint64_t> only_;     // replay by seed: the execution to stop at
    const strategies::pct* pct_ = nullptr;  // this phase samples with it alone
    bool alternates_ = false;               // or with pct every second time
    std::uint32_t learnt_steps_ = 32;  // pct: length of the longest execution seen while learning
    // While executions follow each other: the numbers of executions and of steps that end this.
    std::uint64_t quiet_end_ = 0, quiet_steps_end_ = 0;
    bool no_graph_left_ = false;
    unsigned spurious_bound_ = 0;
    bool sampled_ = false;
    bool proved_spurious_ = false;
    bool has_timed_waits_ = false;
    bool looked_for_starvation_ = false, looked_at_a_fair_run_ = false;
    std::uint64_t cut_ = 0;  // executions that ended at the step limit, and were not fair
    bool unfinished_failures_ = false;  // keep_going left an execution in its middle
    bool watch_spins_ = false;
    polled_sites sites_;
    std::string how_;
    rerun_check rerun_;
    progress_line line_;
#ifndef NDEBUG
    std::unordered_set<std::uint64_t> graphs_;
#endif
};

}  // namespace heddle::scheduler
