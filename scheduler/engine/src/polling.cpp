// Loops that wait by reading (docs/adr/0016-polling-loops.md).
//
// A thread that finds the same at one place `suspicious_repeats` times running is tried: it runs on
// alone, and goes on finding the same. If it leaves its loop within `trial_rounds`, the loop ends
// by itself, and all of its rounds are explored. Otherwise its rounds that find the same are
// bounded: past `unproductive_bound` of them the thread waits before its next read, until what it
// polls changes by a write that follows from its last round. (Any other write it could have read in
// the rounds before: that is another graph.) Where nothing else can run, waiting threads go on,
// round by round in turn.
#include "polling.hpp"

#include <algorithm>

#include "engine.hpp"
#include "recorder.hpp"

namespace heddle::scheduler {
namespace {

// Operations by which a loop looks at an object.
bool looks(operation op) noexcept {
    return op == operation::load ||
           (op >= operation::exchange && op <= operation::compare_exchange_weak) ||
           op == operation::lock || op == operation::try_lock || op == operation::lock_all;
}

// A lock is never read taken: that it was free each time says little.
bool waits_for_free(operation op) noexcept {
    return op == operation::lock || op == operation::lock_all;
}

std::uint64_t mix(std::uint64_t h, std::uint64_t x) noexcept {
    h = (h ^ x) * 0xff51'afd7'ed55'8ccdULL;
    return h ^ h >> 32;
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

// In the source, if it is known there; else the operation on this object.
std::uint64_t engine::polling_key(operation op, object_id object, site where) const noexcept {
    const std::uint64_t h = mix(static_cast<std::uint64_t>(op) + 1, identity_of(object));
    if (!where.known()) return h;
    return mix(mix(h, reinterpret_cast<std::uintptr_t>(where.file)), where.line);
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

// Whether the rounds of a loop that found the same by this read are enough. A loop that takes locks
// in each round, and looks at something else too, is judged by that.
bool engine::is_bounded(const polled_read& r, unsigned slot) const noexcept {
    const bool past = is_past_its_schedule();
    const bool follows = mode_ == mode::tolerant || mode_ == mode::replay || mode_ == mode::guided;
    if (follows && !past) return false;
    const unsigned bound = options_.unproductive_bound;
    const bool endless = r.site.kind == loop_kind::endless || past;
    if (r.is_lock || r.of_own)
        for (const polled_read& other : polls_[slot])
            if (!other.is_lock && !other.of_own && !other.is_plain && other.same &&
                (other.site.kind == loop_kind::endless || past))
                return false;
    if (r.is_lock) return endless && r.same + r.toggles > bound;
    return (r.same > bound && endless) || (r.toggles > bound && (r.site.toggles || past));
}

// The graph has become long: does it hold reads that look like a loop?
void engine::look_at_length() {
    if (static_cast<unsigned>(graph_->size) >= step_limit_) hit_step_limit();
    for (unsigned s = 0; s < thread_slots_; ++s) {
        thread_polls seen;
        for (unsigned k = 0; k < graph_->count[s]; ++k) {
            const event_index i = graph_->at(s, k);
            const event& e = (*graph_)[i];
            if (!e.reads() || !looks(e.op) || e.spurious) continue;
            // Where it looks is not known afterwards.
            const polled_read& r = look_again(
                seen, std::uint64_t{e.object} << 8 | static_cast<std::uint64_t>(e.op), i);
            if (r.same < suspicious_repeats && (r.is_lock || r.toggles < suspicious_repeats))
                continue;
            watch_spins_ = true;
            leave(ending::restart);
        }
    }
    next_look_ *= 2;
    event_alarm_ = std::min(step_limit_, next_look_);
}

// Enters event i, the latest look at the place `key`.
polled_read& engine::look_again(thread_polls& polls, std::uint64_t key,
                                event_index i) const noexcept {
    const event& e = (*graph_)[i];
    polled_read* r = polls.find(key);
    const event_index source = foreign_source(e.reads_from, e.thread, r);
    if (!r) {
        r = &polls.enter();
        r->key = key;
        r->object = e.object;
        r->is_lock = waits_for_free(e.op);
    } else if (r->value != e.read_value) {
        r->same = r->toggles = 0;
    } else if (r->source != source) {
        if (!r->is_lock) r->same = 0;
        ++r->toggles;
    } else {
        ++r->same;
    }
    r->value = e.read_value;
    r->source = source;
    r->position = e.index;
    r->of_own = e.reads_from >= 0 && (*graph_)[e.reads_from].thread == e.thread;
    return *r;
}

// Event i, which the current thread has just done or done again, is a look at its object.
void engine::note_look(event_index i, site where) {
    const event& e = (*graph_)[i];
    if (!looks(e.op) || e.spurious || autopsy_) return;
    thread_polls& polls = polls_[e.thread];
    const std::uint64_t key = polling_key(e.op, e.object, where);
    polled_read* const r = &look_again(polls, key, i);
    r->site = sites_ ? sites_->of(key) : polled_site{};
    if (polls.may_go_on && polls.awaited == thread_polls::nothing) {
        if (!polls.round) polls.round = key;
    } else if (polls.may_go_on && polls.awaited == e.object) {
        polls.may_go_on = false;
        polls.awaited = thread_polls::nothing;
    }
    if (!learns_ || r->site.kind == loop_kind::ends) return;
    if (trial_slot_ >= 0) {
        if (e.thread != trial_slot_) return end_trial(loop_kind::ends);
        if (key == trial_key_) {
            trial_position_ = e.index;
            if (r->same >= trial_rounds) return end_trial(loop_kind::endless);
            if (r->same < suspicious_repeats) return end_trial(loop_kind::ends);
        } else if (e.index - trial_position_ > 8 * suspicious_repeats) {
            return end_trial(loop_kind::ends);
        }
        return;
    }
    if (r->toggles >= suspicious_repeats && !r->is_lock && !r->site.toggles) {
        r->site.toggles = true;
        sites_->learn(key, r->site);
        leave(ending::restart);
    }
    if (r->same < suspicious_repeats || r->site.kind != loop_kind::unknown || replaying(self()))
        return;
    trial_slot_ = e.thread;
    trial_key_ = key;
    trial_position_ = e.index;
}

// What was tried is known from the next execution on, of a search that begins again.
void engine::end_trial(loop_kind kind) {
    for (polled_read& r : polls_[static_cast<unsigned>(trial_slot_)]) {
        if (r.is_plain || r.site.kind != loop_kind::unknown) continue;
        if (r.key != trial_key_ &&
            r.same < (kind == loop_kind::ends ? suspicious_repeats : trial_rounds / 2))
            continue;
        r.site.kind = kind;
        sites_->learn(r.key, r.site);
    }
    trial_slot_ = -1;
    leave(ending::restart);
}

// Before a look of the current thread: it may have to wait, or has waited in the graph that is
// being replayed. True if it was picked again since, for the look.
bool engine::before_look(operation op, object_id object, site where) {
    modelled_thread& t = *current_;
    thread_polls& own = polls_[t.slot];
    if (own.round && own.round == polling_key(op, object, where)) {
        own.may_go_on = false;
        own.round = 0;
    }
    if (replaying(t)) {
        if (stands_before_go_on(*graph_, t)) pass_go_on();
        return false;
    }
    if (mode_ == mode::guided && stands_before_go_on(*guide_, t)) {
        append_barrier(t, operation::yield, 0);
        pass_go_on();
        return false;
    }
    bool waited = false;
    for (; must_wait(); waited = true) {
        thread_polls& polls = polls_[t.slot];
        polls.waits = true;
        t.state = run_state::spinning;
        t.spin_from = t.position;
        const std::uint64_t bit = std::uint64_t{1} << t.slot;
        ready_ &= ~bit;
        spinning_ |= bit;
        do schedule_away();
        while (t.state == run_state::spinning);
        polls.waits = false;
        if (replaying(t)) pass_go_on();
    }
    return waited;
}

bool engine::must_wait() const noexcept {
    const thread_polls& polls = polls_[current_->slot];
    if (autopsy_ || trial_slot_ >= 0 || polls.may_go_on || mode_ == mode::adverse) return false;
    return std::any_of(polls.begin(), polls.end(),
                       [this](const polled_read& r) { return is_bounded(r, current_->slot); });
}

bool engine::stands_before_go_on(const event_graph& g, const modelled_thread& t) const noexcept {
    if (t.position >= g.count[t.slot]) return false;
    const event& e = g[g.at(t.slot, t.position)];
    return e.kind == barrier_event && e.op == operation::yield;
}

// The current thread goes on for a round, once all before the barrier has run.
void engine::pass_go_on() {
    modelled_thread& t = *current_;
    wait_for_all_before(graph_->at(t.slot, t.position));
    t.last = graph_->at(t.slot, t.position++);
    thread_polls& polls = polls_[t.slot];
    polls.may_go_on = true;
    polls.awaited = thread_polls::nothing;
    polls.round = 0;
}

// Whether `w` could not have been read in the rounds before: it comes after one, or time has passed
// since. Where causes are not known, whatever changes will do.
bool engine::follows_from_look(event_index w, const modelled_thread& t,
                               const polled_read& r) const noexcept {
    if (!rules_.tracks_causes()) return true;
    const event_graph& g = *graph_;
    const bool settled = g.at(t.slot, r.position) < g.settled && w > g.settled;
    return settled || (w >= 0 && g.causes(w).covers(t.slot, r.position));
}

// The newest write to `object` has changed: whether a thread that polls it goes on for that.
bool engine::lets_go_on(const modelled_thread& t, unsigned object) {
    const event_index w = newest(object);
    for (const polled_read& r : polls_[t.slot]) {
        if (r.object != object || r.is_plain || !is_bounded(r, t.slot) ||
            foreign_source(w, t.slot, &r) == r.source || !follows_from_look(w, t, r))
            continue;
        const unsigned bound = options_.unproductive_bound;
        if (r.is_lock ? r.toggles > bound && !sees_plain_writes(t)
                      : r.same <= bound && value_of(w, object) == r.value)
            continue;
        polls_[t.slot].may_go_on = true;
        polls_[t.slot].awaited = static_cast<std::uint16_t>(object);
        return true;
    }
    return false;
}

// Plain data is no event, but under a lock the order of the writes to it is that of the graph.
void engine::note_plain_look(object_id object) {
    thread_polls& polls = polls_[current_->slot];
    const std::uint64_t key = ~std::uint64_t{object};
    polled_read* r = polls.find(key);
    if (!r) r = &polls.enter();
    r->key = key;
    r->is_plain = true;
    r->object = static_cast<std::uint16_t>(object);
    r->value = objects_[object].value;
    r->position = current_->position;
}

// Whether plain data that a thread has looked at in its last rounds was written since.
bool engine::sees_plain_writes(const modelled_thread& t) const noexcept {
    const thread_polls& polls = polls_[t.slot];
    return std::any_of(polls.begin(), polls.end(), [this](const polled_read& r) {
        return r.is_plain && objects_[r.object].value != r.value;
    });
}

// Nothing can run but threads that wait for a change of what they poll. One of them goes on for a
// round: the next in their order of descent after the one that did so last. False: there is none.
bool engine::let_poller_go_on() {
    if (!spinning_ || assumption_failed_ || autopsy_) return false;
    int next = -1, first = -1;
    for (std::uint64_t m = spinning_; m; m &= m - 1) {
        const int s = __builtin_ctzll(m);
        if (!polls_[static_cast<unsigned>(s)].waits) continue;
        const std::uint64_t d = descent_of(static_cast<unsigned>(s));
        const auto comes_before = [&](int other) {
            return other < 0 || d < descent_of(static_cast<unsigned>(other));
        };
        if (comes_before(first)) first = s;
        if (d > last_to_go_on_ && comes_before(next)) next = s;
    }
    if (first < 0 || is_redundant()) return false;
    modelled_thread& t = threads_[static_cast<unsigned>(next < 0 ? first : next)];
    if (mode_ == mode::exhaustive) push_probes();
    if (!stuck_at_.events) {
        const recorder::extent recorded = recorder_ ? recorder_->recorded() : recorder::extent{};
        stuck_at_ = {
            graph_->size,    steps_, recorded.switches, recorded.preemptions, choices_.size(),
            recorded.events, polls_, holders()};
    }
    last_to_go_on_ = descent_of(t.slot);
    last_expiry_ = steps_;
    append_barrier(t, operation::yield, 0);
    wake_spinning(t);
    if (mode_ == mode::exhaustive) renew_markers();
    return true;
}

void engine::wake_spinning(modelled_thread& t) {
    const std::uint64_t bit = std::uint64_t{1} << t.slot;
    spinning_ &= ~bit;
    ready_ |= bit;
    t.state = run_state::runnable;
    t.visits.clear();
}

// Whether a thread that waits for a change of what it polls would have met it already: then what
// comes of that is found elsewhere.
bool engine::could_have_gone_on(const modelled_thread& t) const {
    for (const polled_read& r : polls_[t.slot])
        if (is_bounded(r, t.slot) && !r.is_plain &&
            foreign_source(newest(r.object), t.slot, &r) != r.source &&
            !follows_from_look(newest(r.object), t, r))
            return true;
    return false;
}

// Since the step `stuck_at_` nothing was done but to go on, up to the step limit. So the execution
// is taken back to where nothing else could run.
void engine::end_going_on() {
    graph_->truncate(stuck_at_.events);
    timed_until_ = std::min(timed_until_, stuck_at_.events);
    for (unsigned s = 0; s < thread_slots_; ++s)
        threads_[s].position = std::min(threads_[s].position, graph_->count[s]);
    polls_ = std::move(stuck_at_.polls);
    for (unsigned o = 0; o < stuck_at_.holders.size(); ++o)
        objects_[o].holder = stuck_at_.holders[o];
    modelled_thread& t = *current_;
    t.state = run_state::spinning;
    ready_ = 0;
    spinning_ |= std::uint64_t{1} << t.slot;
    steps_ = stuck_at_.steps;
    choices_.resize(stuck_at_.choices);
    if (recorder_)
        recorder_->cut({stuck_at_.recorded, stuck_at_.switches, stuck_at_.preemptions}, steps_);
    leave(ending::stuck);
}

// How many of the writes that a look may read are to be considered: after a wait, no more than
// those that end it.
int engine::looks_at(event_index i, const event_index* candidates, int n) const noexcept {
    const event& e = (*graph_)[i];
    const thread_polls& polls = polls_[e.thread];
    if (!looks(e.op) || !polls.may_go_on || polls.awaited != e.object) return n;
    for (const polled_read& r : polls) {
        if (r.object != e.object || r.is_plain || !is_bounded(r, e.thread)) continue;
        for (int k = 1; k < n; ++k)
            if (foreign_source(candidates[k], e.thread, &r) == r.source) return k;
    }
    return n;
}

// In a trial a look finds what it found before, though something newer may be there. What comes of
// a trial counts for nothing, so that an update need not be one.
bool engine::repeats_in_trial(event_index i, const event_index* candidates, int n) {
    event& e = (*graph_)[i];
    if (trial_slot_ != e.thread || !looks(e.op)) return false;
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
