// The strategies that prove: every graph once, or every schedule once.
#include <algorithm>
#include <stdexcept>

#include "campaign.hpp"
#include "fair_run.hpp"
#include "search_limits.hpp"
#include "starvation_search.hpp"

namespace heddle::scheduler {

// Each graph comes once. Loops that were only shown to repeat themselves have no canonical length,
// and after a race a graph need not be what it was.
bool campaign::is_new_graph() {
#ifndef NDEBUG
    if (engine_->mode_ == mode::exhaustive && !watch_spins_ && !engine_->passed_.has_raced &&
        graphs_.size() < 1'000'000)
        return graphs_.insert(engine_->graph_hash()).second;
#endif
    return true;
}

// The search has no graph left: was everything visited? If no execution came to its end, the body
// is longer than the step limit, whoever runs first.
campaign::outcome campaign::when_all_visited() {
    if (cut_ && !result_.executions && !result_.deadlocks && findings_.empty()) {
        engine_->dfs_.clear();
        if (engine_->mode_ == mode::exhaustive)
            engine_->begin_exhaustive();
        else
            engine_->begin_forward(mode::depth_first);
        engine_->run();
        findings_.explain(explained_options(), *engine_, engine_->finding_, signature_of(*engine_),
                          number_ - 1);
        return outcome::stopped;
    }
    return unfinished_failures_ || cut_ ? outcome::budget : outcome::exhausted;
}

campaign::outcome campaign::exhaustive(std::uint64_t budget) {
    const result before = result_;
    const std::uint64_t steps_end = sum_or_forever(before.steps, budget);
again:
    engine_->begin_exhaustive();
    no_graph_left_ = false;
    for (;;) {
        const ending e = engine_->run(
            run_on([](void* self) { return static_cast<campaign*>(self)->next_proof(); }, forever,
                   steps_end));
        if (no_graph_left_) return when_all_visited();
        if (e == ending::again) continue;
        if (e == ending::restart) {
            const std::uint64_t wasted = result_.executions + result_.deadlocks + result_.pruned +
                                         result_.warm_ups + 1 - before.executions -
                                         before.deadlocks - before.pruned - before.warm_ups;
            restart_needed(e);
            result_ = before;
            result_.warm_ups = before.warm_ups + wasted;
            ++number_;  // numbers go on, so that seed:execution means the same run again
            if (hooks_.on_restart) hooks_.on_restart(hooks_.data);
#ifndef NDEBUG
            graphs_.clear();
#endif
            if (sites_.bounds() && starves(false)) return outcome::stopped;
            goto again;
        }
        if ((e == ending::complete || e == ending::stuck) && !is_new_graph())
            throw std::logic_error("heddle: an execution graph was visited twice");
        if (!book(e) || (e == ending::cut && starves(true))) return outcome::stopped;
        if (e != ending::complete && !left_unfinished()) engine_->push_probes();
        if (!engine_->next_graph()) return when_all_visited();
        if (result_.steps >= steps_end) return outcome::budget;
        if (limits_reached()) return outcome::stopped;
    }
}

campaign::outcome campaign::depth_first() {
    const result before = result_;
    for (;;) {
        engine_->begin_forward(mode::depth_first);
        const ending e = engine_->run();
        if (e == ending::again) continue;
        if (e == ending::restart) {
            const std::uint64_t wasted =
                result_.executions + result_.deadlocks + result_.pruned + 1;
            restart_needed(e);
            result_ = before;
            result_.warm_ups += wasted;
            ++number_;
            if (hooks_.on_restart) hooks_.on_restart(hooks_.data);
            if (sites_.bounds() && starves(false)) return outcome::stopped;
            continue;
        }
        if (!book(e) || (e == ending::complete && departs()) || (e == ending::cut && starves(true)))
            return outcome::stopped;
        if (!engine_->next_depth_first()) return when_all_visited();
        if (limits_reached()) return outcome::stopped;
    }
}

bool campaign::next_proof() {
    if (!book_quietly()) return false;
    no_graph_left_ = !engine_->next_graph();
    return !no_graph_left_;
}

bool campaign::starves(bool cut) {
    if (!options_.keep_going && !findings_.empty()) return false;
    if (only_ && number_ - 1 != *only_) return false;  // this one is not asked for
    if (!std::exchange(looked_for_starvation_, true)) {
        const options o = explained_options();
        if (const auto schedule = find_starvation(o, body_, data_, *engine_)) {
            findings_.explain_starvation(o, *schedule, number_ - 1);
            if (!findings_.empty()) return !options_.keep_going;
        }
    }
    return cut && fails_when_fair();
}

bool campaign::fails_when_fair() {
    if (std::exchange(looked_at_a_fair_run_, true)) return false;
    const options o = explained_options();
    fair_run fair(o, body_, data_, *engine_);
    const ending how = fair.run();
    keep_findings(fair.last(), how);
    return !findings_.empty() && !options_.keep_going;
}

}  // namespace heddle::scheduler
