// Waits for an atomic and their notifications ([atomics.wait]).
//
// Beside each atomic stands the set of its waiters, whose updates are relaxed: they give no
// happens-before, and order no other atomic. What std says beyond that is said here.
//   - A waiter is eligible for a notification if a write later than the one it blocked on happens
//     before the notification.
//   - A wait does not block on a value older than what happens before a notification that came too
//     early for it: an implementation compares once more where no notification can come in between.
//   - The load after a wakeup reads at least what happens before the notification. For the
//   coherence
//     of that atomic only.
#include "engine.hpp"
#include "recorder.hpp"

namespace heddle::scheduler {
namespace {

bool notifies(const event& e) noexcept {
    return e.op == operation::notify_one || e.op == operation::notify_all;
}

}  // namespace

// The write that a waiter saw when it entered the set by this event: its load is the event before.
event_index engine::blocked_on(event_index entry) const noexcept {
    const event& e = (*graph_)[entry];
    return (*graph_)[graph_->at(e.thread, e.index - 1u)].reads_from;
}

// Whether a write of `object` later than `w` happens before what follows `predecessor`.
bool engine::knows_later_write(event_index predecessor, unsigned object,
                               event_index w) const noexcept {
    const event_graph& g = *graph_;
    const clock_ref known = rules_.happens_before_of(g, predecessor);
    for (event_index q = g.next_write(w, object); q != nil; q = g[q].next_write)
        if (known.covers(g[q].thread, g[q].index)) return true;
    return false;
}

// Whether `is` holds for one of the notifications of a set of waiters that stand before its update
// after `w`.
template <class Predicate>
bool engine::some_notification(unsigned waiters, event_index w, Predicate is) const noexcept {
    const event_graph& g = *graph_;
    for (;; w = g[w].previous_write) {
        for (event_index r = w == initial ? g.locations[waiters].readers : g[w].first_reader;
             r != nil; r = g[r].next_reader)
            if (notifies(g[r]) && is(r)) return true;
        if (w == initial) return false;
    }
}

// Of the waiters that stand in the set as `w` left it, those that this notification may take.
std::uint64_t engine::eligible_waiters(const event& notification, event_index w) const noexcept {
    const std::uint64_t waiting = value_of(w, notification.object);
    if (!waiting || !objects_[notification.object].waits_beside_atomic) return waiting;
    const event_graph& g = *graph_;
    const event_index predecessor = g.program_predecessor(notification);
    std::uint64_t eligible = 0;
    for (std::uint64_t left = waiting; left; w = g[w].previous_write) {
        const std::uint64_t bit = std::uint64_t{1} << g[w].thread;
        if (g[w].op != operation::wait_enqueue || !(left & bit)) continue;
        left &= ~bit;
        if (knows_later_write(predecessor, notification.object - 1u, blocked_on(w)))
            eligible |= bit;
    }
    return eligible;
}

// Whether a notification came before this entry into the set although a write later than the one
// that the waiter saw happens before it.
bool engine::was_missed(event_index entry) const noexcept {
    const event_graph& g = *graph_;
    const event& e = g[entry];
    const event_index seen = blocked_on(entry);
    return g.next_write(seen, e.object - 1u) != nil &&
           some_notification(e.object, e.reads_from, [&](event_index n) {
               return knows_later_write(g.program_predecessor(g[n]), e.object - 1u, seen);
           });
}

// Whether event i, where it stands among the updates of its object, leaves the entries into a set
// of waiters as they must be.
bool engine::keeps_entries(event_index i) const noexcept {
    const event_graph& g = *graph_;
    const event& e = g[i];
    if (!objects_[e.object].waits_beside_atomic) return true;
    if (e.op == operation::wait_enqueue) return !was_missed(i);
    if (!notifies(e)) return true;
    const event_index predecessor = g.program_predecessor(e);
    for (event_index w = e.writes() ? e.next_write : g.next_write(e.reads_from, e.object); w != nil;
         w = g[w].next_write)
        if (g[w].op == operation::wait_enqueue &&
            knows_later_write(predecessor, e.object - 1u, blocked_on(w)))
            return false;
    return true;
}

// Whether a load in a wait must not read anything older than `w`, which happens before the
// notification that woke it, or before one that it had missed.
bool engine::is_floor(event_index w, event_index load) const noexcept {
    const event_graph& g = *graph_;
    const unsigned waiters = g[load].object + 1u;
    const auto knows = [&](event_index notification) {
        return g.happens_before(notification).covers(g[w].thread, g[w].index);
    };
    if (checks_again_) return some_notification(waiters, newest(waiters), knows);
    const event_index before = g.program_predecessor(g[load]);
    return before >= 0 && g[before].op == operation::wait_wake && g[before].object == waiters &&
           knows(g[before].reads_from);
}

void engine::atomic_wait(object_id object, object_id waiters, std::uint64_t old,
                         std::uint8_t orders, site where) {
    on_general_path([]<path>(engine& e, auto... a) { e.atomic_wait_in_steps(a...); }, object,
                    waiters, old, orders, where);
}

void engine::atomic_wait_in_steps(object_id object, object_id waiters, std::uint64_t old,
                                  std::uint8_t orders, site where) {
    modelled_thread& t = *current_;
    has_waits_ = true;
    while (read_on<path::general>(object, operation::load, orders, 0, 0, where, nullptr) == old) {
        if (mode_ != mode::exhaustive && !autopsy_) {
            point();
            if (finds_another_value(object, waiters, old, orders, where)) return;
        }
        read_on<path::general, false>(waiters, operation::wait_enqueue, 0,
                                      std::uint64_t{1} << t.slot, 0, where, nullptr);
        ++objects_[waiters].waiting;
        // No behaviour of an implementation: in another graph the load reads a later write.
        if (mode_ == mode::exhaustive && was_missed(graph_->at(t.slot, t.position - 1u)))
            drop_thread();
        wake(waiters, where);
    }
}

// In the step in which it would enter the set, a wait that missed a notification compares again.
bool engine::finds_another_value(object_id object, object_id waiters, std::uint64_t old,
                                 std::uint8_t orders, site where) {
    const event_graph& g = *graph_;
    for (;;) {
        const event_index seen = g[last_event(*current_)].reads_from;
        const bool missed = some_notification(waiters, newest(waiters), [&](event_index n) {
            return knows_later_write(g.program_predecessor(g[n]), object, seen);
        });
        if (!missed) return false;
        checks_again_ = true;
        const std::uint64_t value =
            read_on<path::general, false>(object, operation::load, orders, 0, 0, where, nullptr);
        checks_again_ = false;
        if (value != old) return true;
    }
}

}  // namespace heddle::scheduler
