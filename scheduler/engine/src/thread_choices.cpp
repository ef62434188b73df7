// What the strategies with schedule points choose: which thread runs next, and which of several
// alternatives is taken.
#include "engine.hpp"
#include "fair_cycle.hpp"
#include "recorder.hpp"
#include "starvation_search.hpp"

namespace heddle::scheduler {

unsigned engine::pick_slow(std::uint64_t candidates) {
    const auto has = [](std::uint64_t set, unsigned slot) { return set >> slot & 1; };
    const auto lowest = [](std::uint64_t set) {
        return static_cast<unsigned>(__builtin_ctzll(set));
    };
    switch (mode_) {
        case mode::depth_first: {
            // The current thread first: the first path has no preemption. After a yield it comes
            // last.
            const bool preempts = would_preempt(candidates);
            if (preempts && !affords_preemptions(1)) return current_->slot;
            const bool last = runs_on(candidates) && !preempts;
            unsigned order[max_threads], n = 0;
            if (preempts) order[n++] = current_->slot;
            for (std::uint64_t m = candidates; m; m &= m - 1)
                if (!(preempts || last) || lowest(m) != current_->slot) order[n++] = lowest(m);
            if (last) order[n++] = current_->slot;
            const unsigned k = choose(n);
            if (preempts && k) ++preemptions_;
            return order[k];
        }
        case mode::pct: {
            while (next_change_ < change_points_.size() && change_points_[next_change_] <= steps_) {
                current_->priority = lowest_priority_--;
                ++next_change_;
            }
            unsigned best = lowest(candidates);
            for (std::uint64_t m = candidates; m; m &= m - 1)
                if (threads_[lowest(m)].priority > threads_[best].priority) best = lowest(m);
            return best;
        }
        case mode::tolerant: return pick_wished(candidates);
        case mode::adverse: return adversary_->pick(*this, candidates);
        default: {  // replay, guided
            const std::size_t n = cycle_ ? cycle_->index_of(steps_) : steps_;
            if (n < replay_steps_->size()) {
                if (const modelled_thread* t = expiring_in_schedule()) {
                    expire(t->deadline);
                    return t->slot;
                }
                const unsigned wanted = (*replay_steps_)[n];
                if (mode_ == mode::guided) {
                    if (has(ready_, wanted)) return wanted;
                } else {
                    for (std::uint64_t m = ready_; m; m &= m - 1)
                        if (threads_[lowest(m)].created_as == wanted) {
                            follow_cycle(lowest(m));
                            return lowest(m);
                        }
                }
                if (!diverged_) {
                    diverged_ = true;
                    stop_nondeterminism("the schedule runs thread " + std::to_string(wanted) +
                                        ", which cannot run there in this program");
                }
            }
            // Past its end: the current thread goes on, else the lowest.
            return runs_on(candidates) ? current_->slot : lowest(candidates);
        }
    }
}

std::uint32_t engine::choose(std::uint32_t n) {
    switch (mode_) {
        case mode::random:
        case mode::pct: return n > 1 ? random_.below(n) : 0;
        case mode::depth_first: {
            if (n <= 1) return 0;
            if (dfs_at_ < dfs_.size()) {
                if (dfs_[dfs_at_].of != n)
                    stop_nondeterminism("a choice had " + std::to_string(dfs_[dfs_at_].of) +
                                        " alternatives before and has " + std::to_string(n) +
                                        " now");
                return dfs_[dfs_at_++].taken;
            }
            dfs_.push_back({0, static_cast<std::uint16_t>(n)});
            ++dfs_at_;
            return 0;
        }
        case mode::replay: {
            const std::uint32_t value = scheduled_choice();
            if (value < n) return value;
            stop_nondeterminism("the schedule takes alternative " + std::to_string(value) + " of " +
                                std::to_string(n));
        }
        case mode::tolerant: {
            const std::uint32_t value = wished_choice();
            return value < n ? value : 0;
        }
        default: return 0;
    }
}

// The choice that the schedule makes here; 0, the first, where it makes none.
std::uint32_t engine::scheduled_choice() noexcept {
    const std::uint32_t step = steps_ ? steps_ - 1 : 0;
    const auto& all = *replay_choices_;
    std::size_t& at = replay_choice_at_;
    while (at < all.size() &&
           (all[at].step < step || (all[at].step == step && all[at].ordinal < choice_ordinal_)))
        ++at;
    const bool here = at < all.size() && all[at].step == step && all[at].ordinal == choice_ordinal_;
    return here ? all[at].value : 0;
}

std::uint32_t engine::wished_choice() const noexcept {
    const std::uint16_t thread = current_->created_as;
    for (const wished_schedule::choice& c : wish_->choices)
        if (c.thread == thread && c.step == wish_counts_[thread] && c.ordinal == choice_ordinal_)
            return c.value;
    return 0;
}

unsigned engine::pick_wished(std::uint64_t candidates) {
    int slot = -1;
    for (; slot < 0 && wish_at_ < wish_->steps.size(); ++wish_at_)
        for (std::uint64_t m = ready_; m; m &= m - 1) {
            const auto s = static_cast<unsigned>(__builtin_ctzll(m));
            if (threads_[s].created_as == wish_->steps[wish_at_]) slot = static_cast<int>(s);
        }
    if (slot < 0)
        slot = runs_on(candidates) ? current_->slot : static_cast<int>(__builtin_ctzll(candidates));
    const modelled_thread& t = threads_[static_cast<unsigned>(slot)];
    if (would_preempt(candidates) && &t != current_) ++preemptions_;
    ++wish_counts_[t.created_as];
    return static_cast<unsigned>(slot);
}

// The next step is that of this thread, in a schedule that may repeat its end.
void engine::follow_cycle(unsigned slot) {
    if (!cycle_) return;
    if (recorder_ && cycle_->begins_at(steps_)) recorder_->begin_cycle();
    if (!cycle_->next_step(*this, steps_, ready_, slot))
        stop_nondeterminism(
            "the schedule repeats its last steps, and a later round did something else than the "
            "first");
}

}  // namespace heddle::scheduler
