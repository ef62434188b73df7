// Operations that wait: multi-locks, waits for a notification, threads, and loops that only wait.
#include <algorithm>

#include "engine.hpp"
#include "recorder.hpp"

namespace heddle::scheduler {
namespace {

// Guided: whether the next event of the current thread stands before the time passes again.
bool is_due(const engine& e) {
    const modelled_thread& t = *e.current_;
    const event_graph& guide = *e.guide_;
    if (t.position >= guide.count[t.slot]) return false;
    event_index barrier = guide.settled;
    while (barrier > guide.at(t.slot, t.position)) barrier = guide[barrier].previous_write;
    return !barrier || e.graph_->count[guide[barrier].thread] > guide[barrier].index;
}

// A lock of several could take the first of them, but not yet all. Does it take what it can get, as
// std's algorithm does before it backs off, or none? Both are behaviours: others see the first one
// taken, or wait for each other for good with it free. The exhaustive strategy lets it wait, and
// finds the other one by `push_probes`. The samplers let it wait too: it mostly leads nowhere.
bool begins_without_the_rest(engine& e) {
    if (e.mode_ == mode::exhaustive || e.samples() || e.autopsy_ || e.trial_.slot >= 0)
        return false;
    const bool begins = e.mode_ == mode::guided ? is_due(e) : e.choose(2) == 1;
    e.note_choice(begins);
    return begins;
}

}  // namespace

// The holder of a mutex locks it again.
void engine::stop_relock(object_id object, operation op, site where) {
    modelled_thread& t = *current_;
    finding f;
    f.why = trace::stop::deadlock;
    f.object = object;
    f.cycle = {t.slot};
    f.where = where;
    t.pending = event{};
    t.pending.op = op;
    t.pending.orders = acquire_bit;
    t.pending.object = static_cast<std::uint16_t>(object);
    t.blocked_at = where;
    if (recorder_) recorder_->blocked(*this, t);
    stop(std::move(f));
}

void engine::lock_all(const object_id* objects, std::size_t count, site where) {
    modelled_thread& t = *current_;
    // In one order everywhere, so that two of these never hold a part of what the other waits for.
    object_id sorted[max_threads];
    count = std::min<std::size_t>(count, max_threads);
    std::copy_n(objects, count, sorted);
    std::sort(sorted, sorted + count);
    objects = sorted;
    const bool waited = watch_spins_ && before_look(operation::lock_all, objects[0], where);
    if (!replaying(t)) {
        if (!waited) {
            point();
            go_on_as_scheduled();
        }
        for (;;) {
            std::size_t k = 0;
            while (k < count && value_of(newest(objects[k]), objects[k]) == 0) ++k;
            if (k == count) break;
            if (objects_[objects[k]].holder == t.slot && !options_.keep_going)
                stop_relock(objects[k], operation::lock_all, where);
            if (autopsy_) autopsy_step(operation::lock_all, objects[k], where);
            if (k > 0 && begins_without_the_rest(*this)) break;
            event& proto = t.pending;
            proto = event{};
            proto.op = operation::lock_all;
            proto.orders = acquire_bit | acquire_bit << 4;
            proto.operand = 1;
            proto.value = objects[0];  // for `next_lock`
            proto.object = static_cast<std::uint16_t>(objects[k]);
            t.blocked_at = where;
            block(t);
            if (replaying(t)) break;
        }
    }
    // Each is taken in a step of its own: a try_lock sees this half done, as std allows. Who holds
    // a later one is waited for; where that never ends, std's algorithm would have backed off, and
    // what could go on from there is found elsewhere (`is_redundant`).
    for (std::size_t k = 0; k < count; ++k) {
        if (objects_[objects[k]].holder == t.slot)
            stop_relock(objects[k], operation::lock_all, where);
        lock(objects[k], operation::lock_all, k > 0, where);
    }
}

// Leaves a wait: reads from the first change of the set of waiters after the own entry that took
// this thread out.
void engine::wake(object_id object, site where) {
    if (!leaves_spuriously(object, where)) wait_for_notification(object, where);
}

bool engine::leaves_spuriously(object_id object, site where) {
    if (!options_.spurious_bound || autopsy_) return false;
    const bool forward = mode_ == mode::depth_first || mode_ == mode::random || mode_ == mode::pct;
    // An event even where the bound is used up: a replay need not count.
    if (!choose_value(forward && !spurious_left_ ? 1 : 2, where, true)) return false;
    if (spurious_left_) --spurious_left_;
    --objects_[object].waiting;
    const std::uint64_t self_bit = std::uint64_t{1} << current_->slot;
    read(object, operation::wait_spurious, 0, ~self_bit, 0, where, nullptr);
    return true;
}

// False: the wait is a timed one and has expired; its barrier is the next event of the thread.
bool engine::wait_for_notification(object_id object, site where) {
    modelled_thread& t = *current_;
    const std::uint64_t self_bit = std::uint64_t{1} << t.slot;
    const auto left = [&] {
        --objects_[object].waiting;
        t.expires = false;
    };
    const auto replayed = [&] {
        if ((*graph_)[graph_->at(t.slot, t.position)].kind == barrier_event) return false;
        const bool waited = !source_ran((*graph_)[graph_->at(t.slot, t.position)].reads_from);
        replay_event(t);
        if (waited) count_step(t);
        left();
        return true;
    };
    if (replaying(t)) return replayed();
    // The own entry: the last event of this thread on this object.
    unsigned k = t.position;
    do --k;
    while ((*graph_)[graph_->at(t.slot, k)].op != operation::wait_enqueue);
    const event_index entry = graph_->at(t.slot, k);
    for (bool first = true;; first = false) {
        event_index w = (*graph_)[entry].next_write;
        while (w != nil && ((*graph_)[w].value & self_bit)) w = (*graph_)[w].next_write;
        if (w != nil) {
            const event_index i = new_event(t);
            event& e = (*graph_)[i];
            e.op = operation::wait_wake;
            e.kind = read_event;
            e.orders = 0;
            e.object = static_cast<std::uint16_t>(object);
            e.reads_from = w;
            e.read_value = (*graph_)[w].value;
            link(i);
            if (!source_ran(w)) wait_for_source(w);
            if (!first) count_step(t);
            left();
            if (recorder_) recorder_->accessed(*this, i, where);
            return true;
        }
        t.pending.op = operation::wait_wake;
        t.pending.spurious = false;
        t.pending.object = static_cast<std::uint16_t>(object);
        t.blocked_at = where;
        block(t);
        if (t.woken_for_autopsy) {
            t.woken_for_autopsy = false;
            return true;
        }
        if (replaying(t)) return replayed();
    }
}

void engine::start(unsigned slot, void (*entry)(void*), site where) {
    on_path([]<path P>(engine& e, auto... a) { e.start_on<P>(a...); }, slot, entry, where);
}

template <path P>
void engine::start_on(unsigned slot, void (*entry)(void*), site where) {
    modelled_thread& t = *current_;
    modelled_thread& child = threads_[slot];
    if (autopsy_on<P>()) autopsy_step(operation::spawn, no_object, where);
    graph_->created_by[slot] = static_cast<event_name>(t.slot) << 16 | t.position;
    count_start<P>(t);  // before any step of the child
    if (replaying_on<P>(t)) {
        ++t.position;
    } else {
        const event_index i = new_event<P>(t);
        event& e = (*graph_)[i];
        e.kind = spawn_event;
        e.op = operation::spawn;
        e.orders = 0;
        e.object = 0;
        e.operand = slot;
        link<P>(i, spawn_event);
    }
    child.last = t.last;
    child.entry = entry;
    child.state = run_state::runnable;
    ready_ |= std::uint64_t{1} << slot;
    ++live_;
    last_progress_ = steps_;
    if (watches_on<P>()) t.visits.clear();
    if (mode_on<P>() == mode::pct) child.priority = 0x8000'0000U + random_.below(0x4000'0000U);
    if (recorder_on<P>())
        recorder_->other(*this, operation::spawn, no_object, static_cast<int>(slot), 0, where);
}

void engine::join(unsigned slot, site where) {
    on_path([]<path P>(engine& e, auto... a) { e.join_on<P>(a...); }, slot, where);
}

template <path P>
void engine::join_on(unsigned slot, site where) {
    modelled_thread& t = *current_;
    modelled_thread& child = threads_[slot];
    bool waited = false;
    if (autopsy_on<P>()) autopsy_step(operation::join, no_object, where, static_cast<int>(slot));
    while (child.state != run_state::exited) {
        waited = true;
        t.state = run_state::joining;
        t.joining = static_cast<std::int16_t>(slot);
        child.joiners |= std::uint64_t{1} << t.slot;
        t.blocked_at = where;
        ready_ &= ~(std::uint64_t{1} << t.slot);
        if (recorder_on<P>()) recorder_->blocked(*this, t);
        if (child.state != run_state::runnable) look_for_cycle(t);
        schedule_away();
    }
    if (waited) count_step<P>(t);
    if (replaying_on<P>(t)) {
        ++t.position;
    } else {
        const event_index i = new_event<P>(t);
        event& e = (*graph_)[i];
        e.kind = join_event;
        e.op = operation::join;
        e.orders = 0;
        e.object = 0;
        e.operand = slot;
        link<P>(i, join_event);
    }
    if (watches_on<P>()) t.visits.clear();
    if (recorder_on<P>())
        recorder_->other(*this, operation::join, no_object, static_cast<int>(slot), 0, where);
}

void engine::yield(operation op, site where) {
    modelled_thread& t = *current_;
    if (watch_spins_) note_deed(op, 0, where);
    // A thread that only ever gives way takes no step, and no other gets its turn.
    if (gave_way_at_ != steps_) times_given_way_ = 0;
    if (++times_given_way_ > step_limit_) {
        finding f;
        f.why = trace::stop::livelock;
        f.where = where;
        stop(std::move(f));
    }
    gave_way_at_ = steps_;
    if (mode_ == mode::random || mode_ == mode::pct || mode_ == mode::tolerant ||
        mode_ == mode::adverse) {
        yielded_ |= std::uint64_t{1} << t.slot;
        if (mode_ == mode::pct) t.priority = lowest_priority_--;
    }
    if (recorder_) recorder_->other(*this, op, no_object, -1, 0, where);
}

// A read begins in this machine state. If the thread was in the same state since its last write, it
// repeats itself as long as what it read stays: it waits for that to change (depth_first), or stops
// for this execution, since a revisit of one of those reads finds what a change would bring
// (exhaustive). A replay is held to its schedule first.
void engine::probe_state(machine_view seen, operation op, object_id object, site where) {
    modelled_thread& t = *current_;
    polls_[t.slot].machine = seen;
    if (trial_.slot >= 0 || op == operation::lock) return;
    // A loop that ends by itself counts its rounds where the state of the machine does not show it.
    if (sites_ && !sites_->is_endless(polling_key(op, object, where))) return;
    const bool held = follows() && !is_past_its_schedule();
    for (auto visit = t.visits.rbegin(); visit != t.visits.rend();
         ++visit) {  // the latest: one round of the loop
        if (held || visit->first != seen.state || replaying(t)) continue;
        if (settled_reads_changed(t, visit->second)) break;
        t.state = run_state::spinning;
        t.spin_from = visit->second;
        const std::uint64_t bit = std::uint64_t{1} << t.slot;
        ready_ &= ~bit;
        spinning_ |= bit;
        // The read that follows picks another thread; the exhaustive strategy has no schedule
        // points, and its thread stays stopped.
        if (mode_ == mode::exhaustive) {
            do schedule_away();
            while (t.state == run_state::spinning);
        }
        return;
    }
    t.visits.emplace_back(seen.state, t.position);
}

}  // namespace heddle::scheduler
