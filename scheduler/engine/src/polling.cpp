// Loops that wait by reading (docs/adr/0016-polling-loops.md): what threads find where they look,
// and when that is enough.
//
// A thread that finds the same at one place `suspicious_repeats` times running is tried
// (polling_trial.cpp). If it does not leave its loop, the place is endless, and the search begins
// again: past `unproductive_bound` rounds that find the same the thread then waits before its next
// read, until what it polls changes by a write that follows from its last round (going_on.cpp).
// (Any other write it could have read in the rounds before: that is another graph.)
#include "polling.hpp"

#include <algorithm>
#include <utility>

#include "engine.hpp"

namespace heddle::scheduler {
namespace {

// A lock is never read taken: that it was free each time says little.
bool waits_for_free(operation op) noexcept {
    return op == operation::lock || op == operation::lock_all;
}

}  // namespace

// The write of another thread, or the initial one, that stands behind `w`: own writes, and updates
// that leave the value as it was, show nothing new. What the last look showed is known.
event_index engine::foreign_source(event_index w, unsigned thread,
                                   const polled_read* last) const noexcept {
    const event_graph& g = *graph_;
    for (; w >= 0; w = g[w].previous_write) {
        const event& x = g[w];
        if (x.thread != thread && x.changes()) break;
        if (last && x.thread == thread && x.index <= last->position) return last->source;
    }
    return w;
}

// A place where a thread looks: in the source, if that is known; else its operation on this object.
std::uint64_t engine::polling_key(operation op, object_id object, site where) noexcept {
    std::uint64_t& identity = objects_[object].identity;
    if (!identity) identity = identity_of(object);
    const std::uint64_t h =
        mixed(mixed(static_cast<std::uint64_t>(op) + 1, identity), descent_of(current_->slot));
    if (!where.known()) return h;
    return mixed(mixed(h, reinterpret_cast<std::uintptr_t>(where.file)), where.line);
}

// A run that follows a schedule is held to it, and then ends like any other: of its loops nothing
// is known, but that they have come to where the schedule ends.
bool engine::is_past_its_schedule() const noexcept {
    switch (mode_) {
        case mode::tolerant: return wish_at_ >= wish_->steps.size();
        case mode::replay:
        case mode::guided: return !cycle_ && steps_ >= replay_steps_->size();
        default: return false;
    }
}

// The rounds that find the same by this read, after which the thread waits.
unsigned engine::rounds_allowed(const polled_read& r) const noexcept {
    if (!follows()) return r.limit;
    return is_past_its_schedule() ? options_.unproductive_bound : unlimited;
}

// Whether a thread has read the same value of ever new writes for long enough.
bool engine::toggles_for_ever(const polled_read& r) const noexcept {
    if (r.is_lock || r.toggles <= options_.unproductive_bound) return false;
    return follows() ? is_past_its_schedule() : r.may_toggle;
}

// Whether a thread has found the same where it is not its own doing: a loop is judged by that.
bool engine::looks_elsewhere(const thread_polls& polls) const noexcept {
    return std::any_of(polls.begin(), polls.end(), [this](const polled_read& r) {
        return r.shows_others() && r.same >= options_.unproductive_bound;
    });
}

// Whether the rounds of a loop that found the same by this read are enough. A loop that takes locks
// in each round, and looks at something else too, is judged by that.
bool engine::is_bounded(const polled_read& r, unsigned slot) const noexcept {
    if (r.is_plain) return false;
    const bool enough = r.rounds() > rounds_allowed(r);
    if (!enough && !toggles_for_ever(r)) return false;
    if (r.is_lock || r.of_own)
        for (const polled_read& other : polls_[slot])
            if (other.shows_others() && other.same && (other.endless || is_past_its_schedule()))
                return false;
    return true;
}

// The graph has become long: does it hold reads that look like a loop?
void engine::look_at_length() {
    if (static_cast<unsigned>(graph_->size) >= step_limit_) hit_step_limit();
    event_alarm_ = std::min(step_limit_, 2 * (samples() ? event_alarm_ : next_look_));
    if (!samples()) next_look_ *= 2;
    // Samplers go on as they are, and look at the latest events only.
    const event_index from = samples() ? graph_->size - graph_->size / 4 : 0;
    for (unsigned s = 0; s < thread_slots_; ++s) {
        unsigned k = graph_->count[s];
        while (k > 0 && graph_->at(s, k - 1) >= from) --k;
        looked_at_.begin_run();
        for (; k < graph_->count[s]; ++k) {
            const event_index i = graph_->at(s, k);
            const event& e = (*graph_)[i];
            if (!e.reads() || !looks(e.op) || e.spurious) continue;
            // Where it looks is not known afterwards.
            const polled_read& r = look_again(
                looked_at_, std::uint64_t{e.object} << 8 | static_cast<std::uint64_t>(e.op), i);
            if (r.same < suspicious_repeats && (r.is_lock || r.toggles < suspicious_repeats))
                continue;
            watch_spins_ = true;
            if (!samples()) leave(ending::restart);
            path_ = path::general;
            event_alarm_ = step_limit_;
            begin_polls();
            return;
        }
    }
}

void engine::begin_polls() {
    polls_.resize(threads_.size());
    for (unsigned s = 0; s < thread_slots_; ++s) polls_[s].begin_run();
}

// Enters event i, the latest look at the place `key`.
polled_read& engine::look_again(thread_polls& polls, std::uint64_t key, event_index i) {
    const event& e = (*graph_)[i];
    polled_read* r = polls.find(key);
    const event_index source = foreign_source(e.reads_from, e.thread, r);
    const bool of_own = e.reads_from >= 0 && (*graph_)[e.reads_from].thread == e.thread;
    // Updates may go on from the own one before: what others wrote is the same.
    const bool grows = r && of_own && e.kind == update_event && r->value != e.read_value;
    if (!r) {
        r = &polls.enter(key);
        r->object = e.object;
        r->is_lock = waits_for_free(e.op);
        r->begin(steps_, e.index);
    } else if (r->value != e.read_value && !(grows && r->source == source)) {
        r->begin(steps_, e.index);
    } else if (r->source != source) {
        if (!r->is_lock) r->same = 0;
        ++r->toggles;
    } else {
        ++r->same;
    }
    r->grows = grows;
    r->value = e.read_value;
    r->source = source;
    r->position = e.index;
    r->of_own = of_own;
    return *r;
}

// Event i, which the current thread has just done or done again, is a look at its object.
void engine::note_look(event_index i, site where) {
    const event& e = (*graph_)[i];
    thread_polls& polls = polls_[e.thread];
    const machine_view seen = std::exchange(polls.machine, {});
    if (!looks(e.op) || e.spurious || autopsy_) return;
    const std::uint64_t key = polling_key(e.op, e.object, where);
    polls.deeds += key;
    polled_read& r = look_again(polls, key, i);
    if (r.rounds()) r.kinds.note(mixed(polls.deeds - r.deeds, seen.chain), r.rounds());
    r.deeds = polls.deeds;
    r.endless = sites_ && sites_->is_endless(key);
    r.may_toggle = sites_ && sites_->toggles(key);
    if (polls.may_go_on && polls.awaited == thread_polls::nothing) {
        if (!polls.round) polls.round = key;
    } else if (polls.may_go_on && polls.awaited == e.object) {
        polls.may_go_on = false;
        polls.awaited = thread_polls::nothing;
    }
    if (samples()) {
        if (r.rounds() && r.rounds() % suspicious_repeats == 0) give_way();
        return;
    }
    if (follows()) return;  // it goes as far as its schedule, and learns nothing
    if (trial_.slot == e.thread) return follow_trial(r);
    if (r.grows && looks_elsewhere(polls)) return;
    if (r.endless && r.limit == unlimited && r.rounds() == options_.unproductive_bound + 1)
        return judge_loop(r, seen.state);
    if (!learns_ || trial_.slot >= 0) return;
    if (r.toggles >= suspicious_repeats && !r.is_lock && !r.may_toggle) {
        sites_->learn_toggling(key);
        leave(ending::restart);
    }
    if (!r.endless && r.same == suspicious_repeats) judge_loop(r, seen.state);
    // Others were needed for it, or it looked different when it was tried.
    if (r.limit == unlimited && r.same == trial_rounds) learn_endless(r);
}

// Plain data is no event, but under a lock the order of the writes to it is that of the graph.
void engine::note_plain_look(object_id object) {
    thread_polls& polls = polls_[current_->slot];
    const std::uint64_t key = ~std::uint64_t{object};
    polled_read* r = polls.find(key);
    if (!r) {
        r = &polls.enter(key);
        r->is_plain = true;
        r->object = static_cast<std::uint16_t>(object);
        r->begin(steps_, current_->position);
    } else if (r->value != objects_[object].value) {
        r->begin(steps_, current_->position);
    }
    r->value = objects_[object].value;
    r->position = current_->position;
    polls.deeds += mixed(1, key);
}

// Whether plain data that a thread has looked at in its last rounds was written since.
bool engine::sees_plain_writes(const modelled_thread& t) const noexcept {
    const thread_polls& polls = polls_[t.slot];
    return std::any_of(polls.begin(), polls.end(), [this](const polled_read& r) {
        return r.is_plain && objects_[r.object].value != r.value;
    });
}

// What a thread does beside looking, so that rounds can be told apart.
void engine::note_deed(operation op, object_id object, site where) noexcept {
    polls_[current_->slot].deeds +=
        mixed(mixed(static_cast<std::uint64_t>(op) + 1, object),
              reinterpret_cast<std::uintptr_t>(where.file) ^ where.line);
}

// A thread has found the same for long. Where all do, only time can help. PCT is fair to nobody:
// there it comes last before long; not in a certain step of its round, in which it might hold what
// the others wait for.
void engine::give_way() {
    if (blocked_ && polling_since(steps_)) yielded_ = ready_;
    if (mode_ != mode::pct) return;
    const auto next = change_points_.begin() + static_cast<std::ptrdiff_t>(next_change_);
    const std::uint32_t at = steps_ + random_.below(2 * suspicious_repeats);
    change_points_.insert(std::upper_bound(next, change_points_.end(), at), at);
}

// What a thread that spins for ever looks at: where it has found the same for longest, wherever in
// its round it stands.
object_id engine::object_of_loop(const modelled_thread& t) const noexcept {
    const polled_read* longest = nullptr;
    if (t.slot < polls_.size())
        for (const polled_read& r : polls_[t.slot])
            if (r.shows_others() && is_bounded(r, t.slot) && (!longest || r.first < longest->first))
                longest = &r;
    return longest ? longest->object : (*graph_)[graph_->at(t.slot, t.position - 1u)].object;
}

// Whether what some thread that waits has polled is its own doing, new in each round: no livelock.
bool engine::some_grow() const noexcept {
    return std::any_of(polls_.begin(), polls_.end(), [](const thread_polls& polls) {
        return std::any_of(polls.begin(), polls.end(), [](const polled_read& r) {
            return r.grows && r.rounds() >= suspicious_repeats;
        });
    });
}

// If each thread that can run has been polling since this step at the latest, and found the same:
// the step since when all do.
std::optional<unsigned> engine::polling_since(unsigned latest) const noexcept {
    const std::uint64_t threads = ready_ ? could_run() : 0;
    if (!watch_spins_ || !threads) return std::nullopt;
    unsigned since = 0;
    const auto long_ago = [latest](const polled_read& r) { return r.since <= latest; };
    for (std::uint64_t m = threads; m; m &= m - 1) {
        const thread_polls& polls = polls_[static_cast<unsigned>(__builtin_ctzll(m))];
        // Under a lock it is the data that tells.
        bool plain = false, plain_changes = false;
        for (const polled_read& r : polls) {
            plain = plain || r.is_plain;
            plain_changes = plain_changes || (r.is_plain && !long_ago(r));
        }
        unsigned from = unlimited;
        for (const polled_read& r : polls)
            if (!r.is_plain && !r.grows && r.rounds() >= suspicious_repeats && long_ago(r) &&
                (!r.is_lock || (plain && !plain_changes)))
                from = std::min(from, r.since);
        if (from == unlimited) return std::nullopt;
        since = std::max(since, from);
    }
    return since;
}

}  // namespace heddle::scheduler
