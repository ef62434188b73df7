// Timed waits: when they time out, and what time it is (docs/adr/0008-timed-waits.md).
//
// A wait is early or late, as the strategy chooses. An early one times out at any moment, in a step
// like others, whose order against the event is explored; a thread has `early_timeout_bound` of
// them. A late one blocks, and times out where nothing else can run: then the earliest of all
// deadlines is reached, by a barrier that settles whatever stands before it in the log. Every wait
// may be late, uncounted, so that a larger bound adds behaviours and takes none away.
#include <algorithm>
#include <limits>

#include "engine.hpp"
#include "recorder.hpp"

namespace heddle::scheduler {
namespace {

// A program may wait for its clock alone, so the clock runs when it is read: by this much the first
// time, and twice as fast after every few reads, so that any deadline is reached soon.
constexpr std::int64_t clock_tick = 1'000;
constexpr unsigned reads_a_doubling = 8, most_doublings = 40;

// Not that of any object.
constexpr std::uint16_t no_waited_object = 0xffff;

bool is_timeout(const event& e) noexcept {
    switch (e.op) {
        case operation::timed_try_lock: return e.kind == read_event;
        case operation::wait_timed: return e.kind == update_event;
        case operation::wait_late: return e.value != 0;
        case operation::sleep:
        case operation::expire:
        case operation::clock_read: return true;
        default: return false;
    }
}

std::int64_t later(std::int64_t time, std::int64_t by) noexcept {
    constexpr auto end = std::numeric_limits<std::int64_t>::max();
    return by > 0 && time > end - by ? end : time + by;
}

// Nothing could run, and something goes on. Who waits for several locks may take the first of them
// from now on, as it might have before. (The exhaustive strategy has probes for that, and the
// samplers wait for all.)
void let_locks_of_several_begin(engine& e) {
    if (e.mode_ == mode::exhaustive || e.samples()) return;
    for (std::uint64_t m = e.blocked_; m; m &= m - 1) {
        modelled_thread& t = e.threads_[static_cast<unsigned>(__builtin_ctzll(m))];
        const event& p = t.pending;
        if (p.op != operation::lock_all || engine::is_half_done(p)) continue;
        const auto first = static_cast<unsigned>(p.value);
        if (e.value_of(e.newest(first), first) != 0) continue;
        const std::uint64_t bit = m & -m;
        t.state = run_state::runnable;
        e.blocked_ &= ~bit;
        e.ready_ |= bit;
    }
}

}  // namespace

// The time that a thread knows of: the latest of what precedes it in program order and reads-from.
// So it is a property of the graph, and the same in whatever order its events are run. Worked out
// along the log, whose order extends both.
std::int64_t engine::virtual_time() {
    const event_graph& g = *graph_;
    if (times_.size() < static_cast<std::size_t>(g.size)) times_.resize(g.capacity());
    const auto at = [this](event_index i) {
        return i < 0 ? std::int64_t{0} : times_[static_cast<std::size_t>(i)];
    };
    for (; timed_until_ < g.size; ++timed_until_) {
        const event& e = g[timed_until_];
        std::int64_t time = 0;
        if (e.kind == barrier_event && e.op == operation::expire) {
            time = latest_time_;
        } else if (e.kind != marker_event) {
            time = at(g.program_predecessor(e));
            if (e.reads()) time = std::max(time, at(e.reads_from));
            if (e.kind == join_event && g.count[e.operand])
                time = std::max(
                    time, at(g.at(static_cast<unsigned>(e.operand), g.count[e.operand] - 1u)));
        }
        if (is_timeout(e)) time = std::max(time, static_cast<std::int64_t>(e.expected));
        times_[static_cast<std::size_t>(timed_until_)] = time;
        latest_time_ = std::max(latest_time_, time);
    }
    return at(last_event(*current_));
}

// An event of the current thread that only its own thread and the time know of.
event_index engine::note_time(operation op, std::int64_t time) {
    const event_index i = new_event(*current_);
    event& e = (*graph_)[i];
    e.kind = choice_event;
    e.op = op;
    e.orders = 0;
    e.object = 0;
    e.operand = 0;
    e.value = 0;
    e.expected = static_cast<std::uint64_t>(time);
    link(i);
    return i;
}

std::int64_t engine::read_clock(site where) {
    modelled_thread& t = *current_;
    const unsigned reads = t.clock_reads++;
    t.visits.clear();  // each time another value
    if (autopsy_) return virtual_time();
    if (replaying(t)) {
        const event& e = (*graph_)[graph_->at(t.slot, t.position)];
        if (e.op != operation::clock_read) depart(e, operation::clock_read, no_object, where);
        ++t.position;
        return static_cast<std::int64_t>(e.expected);
    }
    const unsigned doublings = std::min(reads / reads_a_doubling, most_doublings);
    const std::int64_t time = later(virtual_time(), clock_tick << doublings);
    note_time(operation::clock_read, time);
    if (recorder_) recorder_->clock(*this, time, where);
    return time;
}

std::int64_t engine::deadline_after(std::int64_t nanoseconds) {
    return later(virtual_time(), nanoseconds);
}

// Main, with nobody left who could run: a wait that times out then does not do so early. Whoever is
// not joined is known to main's past, since a thread that was is known with all that it started.
bool engine::alone() const {
    const modelled_thread& t = *current_;
    if (t.slot != 0) return false;
    const event_index last = last_event(t);
    for (unsigned s = 1; s < thread_slots_; ++s) {
        if (threads_[s].state == run_state::off) continue;
        if (last == nil || graph_->happens_before(last)[s] != graph_->count[s] + 1u) return false;
    }
    return true;
}

// Whether a timed wait with `used` early ones before it is early. Where main is alone it times out
// for certain, whatever the bound.
bool engine::is_early(unsigned used, site where) {
    if (alone() || autopsy_) return true;
    return used < options_.early_timeout_bound &&
           choose_value(2, where, false, operation::timed_choice) == 0;
}

// An early wait has got what it waited for. A late one shows the same; so those strategies that
// visit all behaviours leave this one out.
void engine::leave_to_late_wait() {
    if (mode_ == mode::depth_first) leave(ending::redundant);
    if (mode_ == mode::exhaustive) drop_thread();
}

void engine::sleep_until(std::int64_t deadline, site where) {
    modelled_thread& t = *current_;
    has_timed_waits_ = true;
    if (autopsy_) autopsy_step(operation::sleep, no_object, where);
    if (trial_.slot == t.slot) {  // which looks at what a loop does, not at when
        note_time(operation::sleep, deadline);
        return;
    }
    const bool by_itself = alone();
    if (is_early(t.early_sleeps, where)) {
        if (!by_itself) ++t.early_sleeps;
        count_start(t);
        if (replaying(t)) {
            const event& e = (*graph_)[graph_->at(t.slot, t.position)];
            if (e.op != operation::sleep) depart(e, operation::sleep, no_object, where);
            ++t.position;
        } else {
            note_time(operation::sleep, deadline);
        }
        yield(operation::sleep, where);
        return;
    }
    if (replaying(t)) return pass_barrier(where);
    t.pending = event{};
    t.pending.op = operation::sleep;
    t.pending.object = no_waited_object;
    t.deadline = deadline;
    t.expires = true;
    t.blocked_at = where;
    block(t);
    pass_barrier(where);
}

bool engine::try_lock_until(object_id object, std::int64_t deadline, site where) {
    modelled_thread& t = *current_;
    has_timed_waits_ = true;
    if (is_early(t.early_timeouts, where)) {
        const bool counted = !alone();
        bool taken = false;
        read(object, operation::timed_try_lock, acquire_bit, 1,
             static_cast<std::uint64_t>(deadline), where, &taken);
        if (taken) {
            if (counted) leave_to_late_wait();
            yield_lock_to(object);
        } else if (counted) {
            ++t.early_timeouts;
        }
        return taken;
    }
    return lock_or_expire(object, deadline, where);
}

// A lock was taken by a try. Threads that stand before a timed lock of it, not blocked since it was
// free when they came, block now, without a step for finding that out.
void engine::yield_lock_to(object_id object) {
    if (value_of(newest(object), object) == 0) return;  // a replay: freed since
    for (std::uint64_t m = woken_; m; m &= m - 1) {
        modelled_thread& t = threads_[static_cast<unsigned>(__builtin_ctzll(m))];
        if (!t.expires || t.pending.object != object) continue;
        const std::uint64_t bit = std::uint64_t{1} << t.slot;
        woken_ &= ~bit;
        ready_ &= ~bit;
        blocked_ |= bit;
        t.state = run_state::blocked;
    }
}

bool engine::lock_or_expire(object_id object, std::int64_t deadline, site where) {
    modelled_thread& t = *current_;
    const auto replayed = [&] {
        t.expires = false;
        const event& next = (*graph_)[graph_->at(t.slot, t.position)];
        if (next.kind == barrier_event) {
            pass_barrier(where);
            return false;
        }
        const event& e = replay_event(t);
        if (e.object != object || e.op != operation::timed_lock)
            depart(e, operation::timed_lock, object, where);
        count_step(t);
        t.last_write = t.position;
        t.visits.clear();
        update_holder(e);
        return true;
    };
    if (replaying(t)) return replayed();
    if (autopsy_) autopsy_step(operation::timed_lock, object, where);
    const auto taken = [&] { return value_of(newest(object), object) != 0; };
    event& proto = t.pending;
    proto = event{};
    proto.op = operation::timed_lock;
    proto.orders = acquire_bit | acquire_bit << 4;
    proto.operand = 1;
    proto.expected = static_cast<std::uint64_t>(deadline);
    proto.object = static_cast<std::uint16_t>(object);
    t.deadline = deadline;
    t.expires = true;
    t.blocked_at = where;
    if (!taken() && mode_ != mode::exhaustive && t.position) {
        // Others may take it before: it waits as one who was woken for a free lock.
        const std::uint64_t bit = std::uint64_t{1} << t.slot;
        woken_ |= bit;
        modelled_thread& next = pick();
        if (&next != current_) switch_to(next);
        woken_ &= ~bit;
        if (replaying(t)) return replayed();
    }
    while (taken()) {
        block(t);
        if (replaying(t)) return replayed();
    }
    t.expires = false;
    const event_index i = new_event(t);
    event& e = (*graph_)[i];
    e.op = proto.op;
    e.orders = proto.orders;
    e.value = 0;
    e.operand = proto.operand;
    e.expected = proto.expected;
    e.object = proto.object;
    e.kind = read_event;
    if (mode_ == mode::exhaustive) {
        add_read<path::general>(i);
        if (!source_ran(e.reads_from)) wait_for_source(e.reads_from);
    } else {
        e.reads_from = newest(object);
        e.read_value = 0;
        e.kind = update_event;
        e.value = e.operand;
        ++choice_ordinal_;
        link(i);
        graph_->insert_write(i, e.reads_from);
        after_lock(object);
    }
    count_step(t);
    t.last_write = t.position;
    t.repeated_reads = 0;
    t.visits.clear();
    update_holder(e);
    if (recorder_) recorder_->accessed(*this, i, where);
    return true;
}

hooks::wait_result engine::wake_until(object_id object, std::int64_t deadline, site where) {
    using hooks::wait_result;
    has_timed_waits_ = true;
    if (leaves_spuriously(object, where)) return wait_result::spurious;
    modelled_thread& t = *current_;
    if (is_early(t.early_timeouts, where)) {
        const bool counted = !alone();
        if (!leave_wait(object, deadline, where)) {
            if (counted) leave_to_late_wait();
            return wait_result::notified;
        }
        if (counted) ++t.early_timeouts;
        return wait_result::timed_out;
    }
    t.deadline = deadline;
    t.expires = true;
    if (wait_for_notification(object, where)) return wait_result::notified;
    pass_barrier(where);
    leave_wait(object, deadline, where);
    return wait_result::timed_out;
}

// Takes the current thread out of the set of waiters, if no notification has done so before; true
// if it did. Reads the set as it is, or the notification: so where another thread's notification
// stands in between is explored as for any update.
bool engine::leave_wait(object_id object, std::int64_t deadline, site where) {
    modelled_thread& t = *current_;
    event_graph& g = *graph_;
    const std::uint64_t self_bit = std::uint64_t{1} << t.slot;
    --objects_[object].waiting;
    if (replaying(t)) {
        const event& e = replay_event(t);
        if (e.object != object || e.op != operation::wait_timed)
            depart(e, operation::wait_timed, object, where);
        count_step(t);
        t.last_write = t.position;
        return e.kind == update_event;
    }
    point();
    if (autopsy_) autopsy_step(operation::wait_timed, object, where);
    event_index source = newest(object);
    if (!(g[source].value & self_bit))
        while (!(g[source].read_value & self_bit)) source = g[source].previous_write;
    const event_index i = new_event(t);
    event& e = g[i];
    e.op = operation::wait_timed;
    e.kind = read_event;
    e.orders = 0;
    e.operand = ~self_bit;
    e.expected = static_cast<std::uint64_t>(deadline);
    e.object = static_cast<std::uint16_t>(object);
    if (mode_ == mode::exhaustive) {
        const event_index p = g.program_predecessor(e);
        const clock_ref causes = rules_.causes_of(g, p);
        event_index* const candidates = rules_.scratch();
        const int n = rules_.coherent_writes(g, rules_.coherence_clock(g, p), object, candidates);
        for (int k = n - 1; k >= 1; --k) {
            if (!(g[candidates[k]].value & self_bit)) continue;
            const event_index u = conflicting_update(candidates[k], object, nil);
            if (u == nil || causes.covers(g[u].thread, g[u].index)) continue;
            push(work_item::forward, i, candidates[k]);
        }
    }
    e.reads_from = source;
    set_read(e);
    link(i);
    if (e.kind == update_event) {
        g.insert_write(i, source);
        if (mode_ == mode::exhaustive) revisits(i, i);
        after_write(object);
    }
    if (!source_ran(source)) wait_for_source(source);
    count_step(t);
    t.last_write = t.position;
    t.repeated_reads = 0;
    t.visits.clear();
    if (recorder_) recorder_->accessed(*this, i, where);
    return e.kind == update_event;
}

// Whether a waiter that was notified finds its time over when it holds its lock again.
bool engine::notified_late(object_id object, std::int64_t deadline, site where) {
    modelled_thread& t = *current_;
    if (t.early_timeouts >= options_.early_timeout_bound || autopsy_) return false;
    const bool late = choose_value(2, where, false, operation::wait_late,
                                   static_cast<std::uint64_t>(deadline), object) != 0;
    if (late) ++t.early_timeouts;
    return late;
}

// Nothing can run. The earliest of the deadlines waited for is reached, and all waits that have it
// time out; false if there is none, or if this run is found again elsewhere.
bool engine::expire_earliest() {
    const modelled_thread* first = nullptr;
    for (std::uint64_t m = blocked_; m; m &= m - 1) {
        const modelled_thread& t = threads_[static_cast<unsigned>(__builtin_ctzll(m))];
        if (t.expires && (!first || t.deadline < first->deadline)) first = &t;
    }
    if (!first || assumption_failed_ || is_redundant()) return false;
    if (mode_ == mode::exhaustive) push_probes();
    if (const modelled_thread* wanted = expiring_in_schedule()) first = wanted;
    expire(first->deadline);
    return true;
}

// The samplers do not compare machine states: all who could run have given way, and for a while
// nobody has written anything, or what they write helps nobody. Whoever spins for what a timed
// waiter is to do would spin for ever. Those who time out run next: a replay knows from the
// schedule alone when that was.
std::uint64_t engine::ready_or_overdue() {
    constexpr unsigned patience = 64;
    const std::uint64_t before = ready_;
    if (!samples()) return before;
    const bool in_vain =
        steps_ - std::max(last_progress_, last_expiry_) >= patience || polling_since(steps_);
    if (in_vain && expire_earliest()) return ready_ & ~before;
    return before;
}

// The thread that the schedule to follow runs next, if it must time out for that.
const modelled_thread* engine::expiring_in_schedule() const {
    if ((mode_ != mode::replay && mode_ != mode::guided) || steps_ >= replay_steps_->size())
        return nullptr;
    for (std::uint64_t m = blocked_; m; m &= m - 1) {
        const modelled_thread& t = threads_[static_cast<unsigned>(__builtin_ctzll(m))];
        const unsigned name = mode_ == mode::guided ? t.slot : t.created_as;
        if (t.expires && name == (*replay_steps_)[steps_]) return &t;
    }
    return nullptr;
}

// A barrier for each thread whose wait ends at `deadline`, as the next of its events: it runs on by
// passing it.
void engine::expire(std::int64_t deadline) {
    last_expiry_ = steps_;
    for (std::uint64_t m = blocked_; m; m &= m - 1) {
        modelled_thread& t = threads_[static_cast<unsigned>(__builtin_ctzll(m))];
        if (!t.expires || t.deadline != deadline) continue;
        append_barrier(t, operation::expire, deadline);
        const std::uint64_t bit = std::uint64_t{1} << t.slot;
        t.expires = false;
        t.state = run_state::runnable;
        blocked_ &= ~bit;
        ready_ |= bit;
    }
    if (mode_ == mode::exhaustive) renew_markers();
}

// The next event of a thread, which it goes on by passing; it settles all that stands before it.
void engine::append_barrier(const modelled_thread& t, operation op, std::int64_t deadline) {
    event_graph& g = *graph_;
    if (static_cast<unsigned>(g.size) >= step_limit_) hit_step_limit();
    const event_index i = g.size++;
    event& e = g[i];
    e = event{};
    e.kind = barrier_event;
    e.op = op;
    e.thread = static_cast<std::uint8_t>(t.slot);
    e.index = t.position;
    e.expected = static_cast<std::uint64_t>(deadline);
    e.first_reader = nil;
    e.previous_write = g.settled;
    g.settled = i;
    g.at(t.slot, e.index) = i;
    ++g.count[t.slot];
    rules_.compute_clocks(g, i);
    let_locks_of_several_begin(*this);
}

// After a barrier awaits wait anew, for what is written from then on.
void engine::renew_markers() {
    for (std::uint64_t m = blocked_; m; m &= m - 1) {
        modelled_thread& t = threads_[static_cast<unsigned>(__builtin_ctzll(m))];
        if (is_await(t.pending.op)) push_marker(t, t.pending);
    }
}

// Everything before a barrier runs before its thread goes on.
void engine::wait_for_all_before(event_index barrier) {
    const event_graph& g = *graph_;
    for (unsigned s = 0; s < thread_slots_; ++s) {
        const modelled_thread& other = threads_[s];
        while (s != current_->slot && other.position < g.count[s] &&
               g.at(s, other.position) < barrier)
            wait_for_source(g.at(s, other.position));
    }
}

// The current thread goes on after its barrier, once everything before that has run.
void engine::pass_barrier(site where) {
    modelled_thread& t = *current_;
    const event_graph& g = *graph_;
    const event_index barrier = g.at(t.slot, t.position);
    if (g[barrier].kind != barrier_event)
        depart(g[barrier], operation::timed_lock, no_object, where);
    wait_for_all_before(barrier);
    count_start(t);  // it waited before it went on, in a step of its own
    ++t.position;
    t.last = barrier;
    t.expires = false;
    count_step(t);
    if (recorder_) recorder_->expired(*this, t, where);
}

// Whether the round of reads from `from` on that a thread repeats read something before the last
// barrier that was written since. No revisit crosses a barrier, so the thread has to look again.
bool engine::settled_reads_changed(const modelled_thread& t, unsigned from) const {
    const event_graph& g = *graph_;
    for (unsigned k = from; k < t.position; ++k) {
        const event_index i = g.at(t.slot, k);
        const event& e = g[i];
        if (i < g.settled && e.accesses() && newest(e.object) > g.settled) return true;
    }
    return false;
}

}  // namespace heddle::scheduler
