#include "wait_history.hpp"

#include <algorithm>

#include "lock_history.hpp"
#include "stuck_threads.hpp"

namespace heddle::checkers {
namespace {

bool woke(const event& notification, int thread) {
    return std::find(notification.woken.begin(), notification.woken.end(), thread) !=
           notification.woken.end();
}

// The first entry of `thread` into the set after `step`.
const event* next_entry(const execution_trace& trace, int thread, int condition, unsigned step) {
    for (const event& e : trace.events)
        if (e.step > step && e.thread == thread && e.object == condition &&
            e.op == operation::wait_enqueue)
            return &e;
    return nullptr;
}

// Where `thread`, woken at `step`, finds that its time is over.
const event* timeout_of_woken(const execution_trace& trace, int thread, int condition,
                              unsigned step) {
    for (const event& e : trace.events) {
        if (e.step <= step || e.thread != thread || e.object != condition) continue;
        if (e.op == operation::wait_enqueue) break;
        if (e.timed_out) return &e;
    }
    return nullptr;
}

// What the waiter has read since it last woke from this wait decided that it sleeps. Of that, the
// object that another thread changed later is the state it waits for; else the last one read.
void find_test(const execution_trace& trace, wait_history& h, unsigned since) {
    const event* const woken_before = last_event(trace, [&](const event& e) {
        return e.thread == h.waiter && e.object == h.condition && !e.blocked &&
               (e.op == operation::wait_wake || e.op == operation::wait_timed);
    });
    const unsigned begin = woken_before ? woken_before->step : 0;
    std::vector<int> seen;
    for (auto e = trace.events.rbegin(); e != trace.events.rend() && e->step > begin; ++e) {
        if (e->thread != h.waiter || e->step >= since || !e->reads || !is_data(e->op)) continue;
        if (std::find(seen.begin(), seen.end(), e->object) != seen.end()) continue;
        seen.push_back(e->object);
        if (!h.test) h.test = &*e;
        const event* const change = last_event(trace, [&](const event& c) {
            return c.object == e->object && c.writes && c.thread != h.waiter && c.step > e->step;
        });
        if (!change) continue;
        h.test = &*e;
        h.change = change;
        return;
    }
}

void find_loss(const execution_trace& trace, wait_history& h) {
    if (!h.enqueue) return;
    const auto notifies = [&](const event& e) {
        return is_notify(e.op) && e.object == h.condition && !woke(e, h.waiter);
    };
    // While the waiter slept, a notification took another thread out of the set.
    const event* const during = last_event(trace, [&](const event& e) {
        return notifies(e) && e.step > h.enqueue->step && !e.woken.empty();
    });
    if (during) {
        h.notify = during;
        h.woken = during->woken.front();
        h.timeout = timeout_of_woken(trace, h.woken, h.condition, during->step);
        h.back_to_sleep = next_entry(trace, h.woken, h.condition, during->step);
        h.kind = h.timeout         ? loss::timed_out
                 : h.back_to_sleep ? loss::swallowed
                                   : loss::one_of_several;
        return;
    }
    const event* const before = last_event(trace, [&](const event& e) {
        return notifies(e) && e.step < h.enqueue->step && e.thread != h.waiter;
    });
    const unsigned tested = h.test && h.test->step < h.enqueue->step ? h.test->step : 0;
    const bool after_test = before && before->step > tested;
    if (after_test && (h.change || !h.test || before->woken.empty())) {
        h.notify = before;
        if (!before->woken.empty()) h.woken = before->woken.front();
        h.kind = loss::before_the_wait;
    } else if (h.change) {
        h.kind = loss::not_notified;
    }
}

}  // namespace

std::string word_of(loss kind) {
    switch (kind) {
        case loss::before_the_wait: return "notified-before-wait";
        case loss::swallowed: return "swallowed";
        case loss::timed_out: return "taken-by-timeout";
        case loss::one_of_several: return "one-for-several";
        case loss::not_notified: return "not-notified";
        case loss::unknown: break;
    }
    return "unknown";
}

wait_history history_of_wait(const execution_trace& trace, int waiter) {
    wait_history h;
    h.waiter = waiter;
    if (waiter < 0 || waiter >= static_cast<int>(trace.ends.size())) return h;
    const trace::thread_end& end = trace.ends[waiter];
    h.condition = end.object;
    const int atomic = trace::atomic_waited_on(trace, end.object);
    h.on_atomic = atomic != none;
    h.enqueue = last_event(trace, [&](const event& e) {
        return e.thread == waiter && e.object == h.condition && e.op == operation::wait_enqueue;
    });
    if (h.enqueue && !h.on_atomic) h.mutex = mutex_of_wait(trace, h.enqueue->step);
    const unsigned since = end.since != 0 ? end.since : static_cast<unsigned>(trace.events.size());
    find_test(trace, h, since);
    for (int t = 0; t < static_cast<int>(trace.ends.size()); ++t) {
        const trace::thread_end& other = trace.ends[t];
        if (other.state == trace::thread_state::blocked && is_wait(other.waiting_in) &&
            other.object == h.condition)
            h.waiting.push_back(t);
    }
    find_loss(trace, h);
    return h;
}

}  // namespace heddle::checkers
