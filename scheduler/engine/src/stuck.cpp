// What it means that threads wait: a wait-for cycle the moment it closes, and what holds when
// nothing can run.
#include "engine.hpp"
#include "recorder.hpp"

namespace heddle::scheduler {
namespace {

const std::vector<std::uint8_t> no_steps;
const std::vector<trace::schedule_choice> no_choices;

}  // namespace

// The one thread that can let t go on, if what t waits for is owned; else -1.
int engine::blocker_of(const modelled_thread& t) const {
    if (t.state == run_state::joining) return t.joining;
    // Timed waits end: they close no cycle.
    if (t.state == run_state::blocked && is_lock(t.pending.op) && !t.expires &&
        !is_half_done(t.pending))
        return objects_[t.pending.object].holder;
    return -1;
}

bool engine::find_cycle(const modelled_thread& t, std::vector<int>& cycle, bool& owner_exited,
                        object_id& object) const {
    cycle.clear();
    owner_exited = false;
    const modelled_thread* x = &t;
    for (unsigned hops = 0; hops <= thread_slots_; ++hops) {
        const int next = blocker_of(*x);
        if (next < 0) return false;
        cycle.push_back(x->slot);
        const modelled_thread& y = threads_[static_cast<unsigned>(next)];
        if (x == &t && x->state == run_state::blocked) object = x->pending.object;
        if (y.state == run_state::exited) {
            if (x->state != run_state::blocked || x != &t) return false;
            owner_exited = true;
            return true;
        }
        if (&y == &t) return true;
        x = &y;
    }
    return false;  // leads into a cycle of others, which they report
}

// Whether `find_cycle` would find something; no allocation, since every wait asks.
bool engine::in_cycle(const modelled_thread& t) const {
    const modelled_thread* x = &t;
    for (unsigned hops = 0; hops <= thread_slots_; ++hops) {
        const int next = blocker_of(*x);
        if (next < 0) return false;
        x = &threads_[static_cast<unsigned>(next)];
        if (x == &t || x->state == run_state::exited) return true;
    }
    return false;
}

void engine::look_for_cycle(modelled_thread& t) {
    if (!in_cycle(t)) return;
    finding f;
    if (!find_cycle(t, f.cycle, f.owner_exited, f.object)) return;
    f.why = trace::stop::deadlock;
    f.slot = t.slot;
    if (f.owner_exited) f.cycle.clear();
    if (options_.keep_going) keep(f);
    if (options_.keep_going && !is_wanted(f)) {
        passed_.went_past = true;
        return;
    }
    stop(std::move(f));
}

// Several cycles may have closed by now, with keep_going: each is one of the findings of this run.
bool engine::classify_cycles() {
    bool found = false;
    for (unsigned s = 0; s < thread_slots_; ++s) {
        const modelled_thread& t = threads_[s];
        finding f;
        if (!find_cycle(t, f.cycle, f.owner_exited, f.object)) continue;
        f.why = trace::stop::deadlock;
        f.slot = t.slot;
        if (f.owner_exited) f.cycle.clear();
        const bool wanted = is_wanted(f);
        if (options_.keep_going) keep(f);
        if (!found || wanted) finding_ = std::move(f);
        found = true;
        if (!options_.keep_going || wanted) break;
    }
    return found;
}

// On the controller, all threads stuck: decides the ending and, for a genuine one, the finding.
void engine::classify_stuck() {
    if (assumption_failed_) {
        ending_ = thread_failed_ ? ending::failed : ending::dropped;
        return;
    }
    if (is_redundant()) {
        ending_ = ending::redundant;
        return;
    }
    if (passed_.arrived) {
        passed_.went_past = true;
        ending_ = ending::failed;
        return;
    }
    if (classify_cycles()) return;
    finding f;
    f.why = trace::stop::deadlock;
    bool spins = false, waits = false;
    for (unsigned s = 0; s < thread_slots_; ++s) {
        const modelled_thread& t = threads_[s];
        spins = spins || t.state == run_state::spinning;
        waits = waits || (t.state == run_state::blocked && t.pending.op == operation::wait_wake);
        if (t.state == run_state::blocked || t.state == run_state::joining) {
            if (f.slot < 0 || threads_[static_cast<unsigned>(f.slot)].state == run_state::joining) {
                f.slot = t.slot;
                f.object = t.state == run_state::blocked ? t.pending.object : no_object;
            }
        }
    }
    if (waits) {
        for (unsigned s = 0; s < thread_slots_; ++s) {
            modelled_thread& t = threads_[s];
            if (t.state != run_state::blocked || t.pending.op != operation::wait_wake) continue;
            const object_id object = t.pending.object;
            if (!leaves_wait(t)) continue;
            f.why = trace::stop::lost_notification;
            f.slot = f.passing_waiter = t.slot;
            f.object = object;
            break;
        }
    }
    if (spins && f.why == trace::stop::deadlock) {
        f.why = trace::stop::livelock;
        for (unsigned s = 0; s < thread_slots_; ++s)
            if (threads_[s].state == run_state::spinning) {
                f.slot = static_cast<int>(s);
                f.object = object_of_loop(threads_[s]);
                break;
            }
    }
    finding_ = std::move(f);
    if (options_.keep_going) keep(finding_);
}

std::vector<int> engine::holders() const {
    std::vector<int> all(object_count_);
    for (unsigned o = 0; o < object_count_; ++o) all[o] = objects_[o].holder;
    return all;
}

// Wakes the waiter once more, alone, from the stuck state. It leaves the wait for good if it does
// anything but take its lock back and read before it comes to the same wait again: the state it
// waits for holds. Undone afterwards.
bool engine::leaves_wait(modelled_thread& t) {
    const mode saved_mode = mode_;
    const auto* const saved_steps = replay_steps_;
    const auto* const saved_choices = replay_choices_;
    const event_index saved_size = graph_->size;
    const std::uint16_t saved_position = t.position;
    const event saved_pending = t.pending;
    const std::uint64_t saved_ready = ready_, saved_blocked = blocked_;
    const std::size_t saved_made = choices_.size();
    const std::vector<int> saved_holders = holders();

    mode_ = mode::replay;
    path_ = path::general;
    if (recorder_) recorder_->begin_autopsy();
    replay_steps_ = &no_steps;
    replay_choices_ = &no_choices;
    autopsy_ = true;
    autopsy_left_ = false;
    t.woken_for_autopsy = true;
    t.state = run_state::runnable;
    ready_ = std::uint64_t{1} << t.slot;
    blocked_ &= ~ready_;
    current_ = &t;
    switch_fiber(controller_, *t.stack, exceptions_);

    autopsy_ = false;
    t.woken_for_autopsy = false;
    graph_->truncate(saved_size);
    timed_until_ = std::min(timed_until_, saved_size);
    choices_.resize(saved_made);
    for (unsigned o = 0; o < saved_holders.size(); ++o) objects_[o].holder = saved_holders[o];
    mode_ = saved_mode;
    if (recorder_) recorder_->end_autopsy(autopsy_left_);
    replay_steps_ = saved_steps;
    replay_choices_ = saved_choices;
    t.position = saved_position;
    t.pending = saved_pending;
    t.state = run_state::blocked;
    ready_ = saved_ready;
    blocked_ = saved_blocked;
    ending_ = ending::stuck;
    return autopsy_left_;
}

// The woken waiter is about to perform this operation.
void engine::autopsy_step(operation op, object_id object, site where, int other_slot) {
    switch (op) {
        case operation::load:
        case operation::lock:
        case operation::lock_all:
        case operation::clock_read: return;
        case operation::wait_enqueue: autopsy_left_ = object != current_->pending.object; break;
        default: autopsy_left_ = true;
    }
    if (recorder_ && autopsy_left_) recorder_->other(*this, op, object, other_slot, 0, where);
    leave(ending::stuck);
}

}  // namespace heddle::scheduler
