// Where a thread that polls waits for a change, and how it goes on
// (docs/adr/0016-polling-loops.md).
//
// Where nothing else can run, waiting threads go on, round by round in turn: that is a barrier, as
// for timeouts, which settles what stands before it in the log.
#include <algorithm>

#include "engine.hpp"
#include "recorder.hpp"

namespace heddle::scheduler {
namespace {

// Among the choices of a step, where the read of a look would stand: the thread goes on before it.
constexpr std::uint32_t goes_on = 1U << 20;

}  // namespace

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
    bool waited = false;
    // If it is in the middle of a loop that is shown to repeat itself, others run at the point that
    // comes; here where there are none. It is picked once, for its read.
    for (bool waits; (waits = must_wait()) || (t.state == run_state::spinning && !ready_);
         waited = true) {
        thread_polls& polls = polls_[t.slot];
        polls.waits = waits;
        if (waits) t.spin_from = t.position;
        t.state = run_state::spinning;
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
    if (autopsy_ || trial_.slot == current_->slot || polls.may_go_on || mode_ == mode::adverse ||
        samples())
        return false;
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
    if (mode_ != mode::exhaustive) note_choice(goes_on);
    if (!watch_spins_) return;
    thread_polls& polls = polls_[t.slot];
    polls.may_go_on = true;
    polls.awaited = thread_polls::nothing;
    polls.round = 0;
}

// Before a look, in its step, where a schedule is followed: a thread that went on there does so.
void engine::go_on_as_scheduled() {
    modelled_thread& t = *current_;
    const auto scheduled = [&] {
        if (mode_ == mode::guided) return stands_before_go_on(*guide_, t);
        if (mode_ == mode::replay) return scheduled_choice() == goes_on;
        return mode_ == mode::tolerant && wished_choice() == goes_on;
    };
    if (choice_ordinal_ || !scheduled()) return;
    append_barrier(t, operation::yield, 0);
    pass_go_on();
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
        if (r.object != object || !is_bounded(r, t.slot) ||
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
        if (is_bounded(r, t.slot) && foreign_source(newest(r.object), t.slot, &r) != r.source &&
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
        if (r.object != e.object || !is_bounded(r, e.thread)) continue;
        for (int k = 1; k < n; ++k)
            if (foreign_source(candidates[k], e.thread, &r) == r.source) return k;
    }
    return n;
}

}  // namespace heddle::scheduler
