// Trials of loops that seem to wait (docs/adr/0016-polling-loops.md).
//
// A thread that found the same at one place for some rounds runs on with priority, and goes on
// finding the same, though something newer may be there. Either it leaves the loop: it ends by
// itself, and all of its rounds are explored. Or it has not left it after `trial_rounds`: it is
// endless, and its rounds may be bounded, but not before the last kind of round that it has shown.
// What comes of a trial counts for nothing: the search goes back to where it began.
#include <algorithm>

#include "engine.hpp"

namespace heddle::scheduler {
// What the current thread does from here on, alone: it follows from what it has read before it
// began to find the same, and from the state of its machine. (On other machines, or where that was
// not looked at, from all that it has read.) Linear in the thread's events.
std::uint64_t engine::past_of(const polled_read& r, std::uint64_t state) const noexcept {
    std::uint64_t h = mixed(mixed(r.key, r.rounds()), state);
    const unsigned end = state ? r.first : r.position;
    for (unsigned k = 0; k < end; ++k) {
        const event& e = (*graph_)[graph_->at(current_->slot, k)];
        if (e.reads()) h = mixed(h, e.read_value + e.spurious);
        if (e.kind == choice_event) h = mixed(h, e.value);
        h = mixed(h, e.kind);
    }
    return h;
}

// A loop has found the same for some rounds: are they enough? By what its trial has shown, which
// comes now if there was none.
void engine::judge_loop(polled_read& r, std::uint64_t state) {
    const unsigned bound = options_.unproductive_bound;
    modelled_thread& t = *current_;
    r.past = past_of(r, state);
    // Back at the visit that was just tried. (Its past may differ: where memory of an execution
    // does not come again at the same address, as words of the stack show.)
    if (trial_.run + 1 == runs_ && trial_.key == r.key && trial_.events == graph_->size) {
        r.limit = trial_.shown;
        return;
    }
    if (const std::optional<unsigned> known = sites_->rounds(r.past)) {
        r.limit = *known;
        return;
    }
    // Of a failure that is shrunk, or in somebody else's trial, nothing is proved. And a trial
    // would not find the same under a lock, where what others have written since is there to be
    // seen.
    const bool inconclusive =
        r.is_lock && r.endless &&
        (foreign_source(newest(r.object), t.slot, &r) != r.source || sees_plain_writes(t));
    if (!learns_ || trial_.slot >= 0 || inconclusive || sites_->is_settled(r.key)) {
        r.limit = bound;
        return;
    }
    if (replaying(t)) return;
    trial_.slot = t.slot;
    trial_.key = r.key;
    trial_.past = r.past;
    trial_.rounds = r.rounds();
    trial_.position = r.position;
    trial_.events = graph_->size;
    trial_.choices = dfs_at_;
    if (mode_ != mode::exhaustive) return;
    const frame& f = *frames_[static_cast<std::size_t>(depth_)];
    trial_.work = f.work.size();
    trial_.probes = f.probes.size();
    trial_.level = level_;
}

// Rounds that may be bounded: after the last one that was unlike all before.
unsigned engine::rounds_shown(const polled_read& r) const noexcept {
    const unsigned bound = options_.unproductive_bound;
    return r.kinds.newest() > bound ? r.kinds.newest() + bound : bound;
}

// The thread that is tried has looked.
void engine::follow_trial(const polled_read& r) {
    if (r.key == trial_.key) {
        trial_.position = r.position;
        if (r.rounds() >= trial_rounds) end_trial(rounds_shown(r));
        if (r.rounds() < trial_.rounds) end_trial(unlimited);
    } else if (r.position > trial_.position + 8 * suspicious_repeats) {
        end_trial(unlimited);
    }
}

// `rounds`: that are explored; `unlimited`: it has left its loop.
void engine::end_trial(unsigned rounds) {
    sites_->note_rounds(trial_.past, rounds);
    sites_->note_trial(trial_.key, rounds == options_.unproductive_bound);
    if (rounds != unlimited && !sites_->is_endless(trial_.key)) {
        sites_->learn_endless(trial_.key);
        leave(ending::restart);
    }
    graph_->truncate(trial_.events);
    dfs_.resize(std::min(dfs_.size(), trial_.choices));
    if (mode_ == mode::exhaustive) {
        frame& f = *frames_[static_cast<std::size_t>(depth_)];
        f.work.resize(trial_.work);
        f.probes.resize(trial_.probes);
        level_ = trial_.level;
    }
    trial_.run = runs_;
    trial_.shown = rounds;
    leave(ending::again);
}

// It could not go on, or the execution has reached its end: what does the trial tell?
void engine::end_trial() {
    for (const polled_read& r : polls_[static_cast<unsigned>(trial_.slot)])
        if (r.key == trial_.key && r.rounds() >= trial_.rounds + suspicious_repeats)
            end_trial(rounds_shown(r));
    end_trial(unlimited);
}

// Found by exploring it: so many rounds, not in a trial.
void engine::learn_endless(const polled_read& r) {
    sites_->note_surprise(r.key);
    sites_->learn_endless(r.key);
    if (r.past) sites_->note_rounds(r.past, rounds_shown(r));
    leave(ending::restart);
}

// In a trial a look finds what it found before, though something newer may be there. What comes of
// a trial counts for nothing, so that an update need not be one.
bool engine::repeats_in_trial(event_index i, const event_index* candidates, int n) {
    event& e = (*graph_)[i];
    if (trial_.slot != e.thread) return false;
    for (const polled_read& r : polls_[e.thread]) {
        if (r.object != e.object || r.is_plain || r.is_lock || !r.same) continue;
        for (int k = 1; k < n; ++k) {
            const event_index w = candidates[k];
            if (foreign_source(w, e.thread, &r) != r.source || value_of(w, e.object) != r.value)
                continue;
            e.reads_from = w;
            e.read_value = r.value;
            link(i);
            return true;
        }
    }
    return false;
}

}  // namespace heddle::scheduler
