#include "unending_waits.hpp"

#include <algorithm>
#include <optional>

#include "lock_history.hpp"
#include "stuck_threads.hpp"
#include "undone_state.hpp"

namespace heddle::checkers {
namespace {

constexpr std::size_t most_labelled = 3;  // threads whose code is shown

class unending_waits {
public:
    unending_waits(report_writer& w, const wait_for_graph& graph)
        : w_(w), trace_(w.trace()), graph_(graph), roots_(graph.roots()) {}

    void operator()() {
        if (roots_.empty())
            for (const wait_edge& edge : graph_.edges()) roots_.push_back(edge.waiter);
        if (roots_.empty()) {
            w_.headline("no thread can run any more");
            return;
        }
        w_.reason("state-not-established");
        headline();
        labels();
        std::vector<int> seen;
        for (const int t : roots_) {
            const int object = graph_.edge_of(t)->object;
            if (std::find(seen.begin(), seen.end(), object) != seen.end()) continue;
            seen.push_back(object);
            root_cause(*graph_.edge_of(t));
        }
        note_other_threads(w_, roots_, "no other thread can help: ");
    }

private:
    report_writer& w_;
    const execution_trace& trace_;
    const wait_for_graph& graph_;
    std::vector<int> roots_;

    void headline() {
        std::vector<std::string> names;
        for (const int t : roots_) names.push_back(w_.thread(t));
        const wait_edge& first = *graph_.edge_of(roots_.front());
        const bool one_object = std::all_of(roots_.begin(), roots_.end(), [&](int t) {
            return graph_.edge_of(t)->object == first.object;
        });
        const std::string waiters = names.size() <= most_labelled
                                        ? listed(names)
                                        : std::to_string(names.size()) + " threads";
        w_.headline(waiters + (names.size() == 1 ? " waits" : " wait") +
                    (one_object ? how(first, names.size() == 1)
                                : " for events that no thread can bring about"));
        if (one_object && undone_state_of(trace_, state_of(first))) w_.reason("state-undone");
    }

    void labels() {
        const bool stopper_waits =
            std::find(roots_.begin(), roots_.end(), trace_.thread) != roots_.end();
        const int stopper = stopper_waits ? trace_.thread : roots_.front();
        label_wait(w_, *graph_.edge_of(stopper), true);
        std::size_t labelled = 1;
        for (const int t : roots_) {
            w_.involve_thread(t);
            if (t != stopper && labelled++ < most_labelled)
                label_wait(w_, *graph_.edge_of(t), false);
        }
    }

    // " on `ready`, and no thread ...", " for a change of `flag` that no thread can make". Who
    // undid the state is not accused of it, unless nobody could ever have seen that state.
    std::string how(const wait_edge& edge, bool one) const {
        if (!is_condition(edge))
            return " for a change of " + w_.object(edge.object) + " that no thread can make";
        const std::string on = " on " + w_.object(edge.object);
        const event* const test = test_before(edge);
        if (!test) return on + ", and no thread is left to notify it";
        const auto u = undone_state_of(trace_, test->object);
        if (!u || hiding_lock(*u, *test) == none)
            return on + ", and no thread is left to make " + (one ? "its" : "their") +
                   " condition true";
        return on + "; " + w_.thread(u->made->thread) + " changed " + w_.object(test->object) +
               " to " + value_made(*u) + " and back under one lock";
    }

    // The mutex under which a state was made and undone, and under which the waiter tests it.
    int hiding_lock(const undone_state& u, const event& test) const {
        const int lock = lock_around(trace_, u);
        return lock != none && holds(trace_, test.thread, test.step, lock) ? lock : none;
    }

    std::string value_made(const undone_state& u) const {
        return w_.value(u.made->object, u.made->after);
    }
    std::string value_left(const undone_state& u) const {
        return w_.value(u.undone->object, u.undone->after);
    }

    bool is_condition(const wait_edge& edge) const {
        return is_wait(edge.wait->waiting_in) &&
               trace::atomic_waited_on(trace_, edge.object) == none;
    }

    void last_notification(const wait_edge& edge) {
        const event* const last = last_event(
            trace_, [&](const event& e) { return is_notify(e.op) && e.object == edge.object; });
        if (!last) {
            w_.why("nothing in this execution notifies " + w_.object(edge.object));
            return;
        }
        w_.involve(*last);
        // A state that is gone says all: no notification would have helped.
        const int state = state_of(edge);
        if (state != none && undone_state_of(trace_, state)) return;
        std::vector<std::string> woken;
        for (const int t : last->woken) woken.push_back(w_.thread(t));
        w_.label(*last, w_.thread(last->thread) + " notified it last, " + at_step(last->step) +
                            "; " +
                            (woken.empty() ? "nobody was waiting" : "it woke " + listed(woken)));
    }

    // What last happened to the thing waited for.
    void root_cause(const wait_edge& edge) {
        const std::string object = w_.object(edge.object);
        if (is_condition(edge)) {
            last_notification(edge);
            unmet_condition(edge);
            return;
        }
        const int atomic = is_wait(edge.wait->waiting_in)
                               ? trace::atomic_waited_on(trace_, edge.object)
                               : edge.object;
        const event* const last =
            last_event(trace_, [&](const event& e) { return e.object == atomic && e.writes; });
        w_.involve_object(atomic);
        if (const auto u = undone_state_of(trace_, atomic)) {
            why_undone(*u, nullptr, edge);
            w_.why_also(w_.thread(edge.waiter) + " waits for another value");
        } else if (last) {
            w_.involve(*last);
            w_.label(*last, w_.thread(last->thread) + " wrote " + w_.value(atomic, last->after) +
                                ' ' + at_step(last->step) + ", the last to change it");
            w_.why(object + " has been " + w_.value(atomic, last->after) + since_step(last->step) +
                   ", and " + w_.thread(edge.waiter) + " waits for another value");
        } else {
            w_.why("no thread changed " + object + " in this execution, and " +
                   w_.thread(edge.waiter) + " waits for another value than it has");
        }
    }

    // What the waiter read before it went to sleep, since it last woke. The read that matters most:
    // of a state that was undone, else of one that was changed, else the last.
    const event* test_before(const wait_edge& edge) const {
        const event* best = nullptr;
        int best_rank = 0;
        for (auto e = trace_.events.rbegin(); e != trace_.events.rend(); ++e) {
            if (e->thread != edge.waiter || e->step >= edge.wait->since) continue;
            if (e->op == operation::wait_wake && e->object == edge.object && !e->blocked) break;
            if (!e->reads || !is_data(e->op)) continue;
            const bool changed = last_write(e->object) != nullptr;
            const int rank = undone_state_of(trace_, e->object) ? 3 : changed ? 2 : 1;
            if (rank > best_rank) best = &*e, best_rank = rank;
        }
        return best;
    }

    const event* last_write(int object) const {
        return last_event(trace_, [&](const event& e) { return e.object == object && e.writes; });
    }

    // The object whose state a thread waits for.
    int state_of(const wait_edge& edge) const {
        if (is_condition(edge)) {
            const event* const test = test_before(edge);
            return test ? test->object : none;
        }
        return is_wait(edge.wait->waiting_in) ? trace::atomic_waited_on(trace_, edge.object)
                                              : edge.object;
    }

    // Who established the state, who undid it, and that this came before the test.
    void why_undone(const undone_state& u, const event* test, const wait_edge& edge) {
        w_.involve(*u.made);
        w_.involve(*u.undone);
        for (const event* const e : {u.made, u.undone})
            w_.label(*e, w_.thread(e->thread) + ' ' + access_text(w_, *e) + ' ' + at_step(e->step));
        const int lock = test ? hiding_lock(u, *test) : none;
        if (lock != none) {
            why_hidden(u, lock);
            return;
        }
        label_calls(u, edge);
        w_.why(u.by_one_thread() ? taken_back(u) : taken(u, test));
        if (test && test->step > u.undone->step && !same_code(u, test))
            w_.why_also(w_.thread(edge.waiter) + " tested it only then (" + w_.at(*test) + ')');
        note_late_waking(u, edge);
        if (test && u.once && same_code(u, test) && u.made->where.known())
            w_.help("make " + w_.object(u.made->object) + ' ' + value_made(u) + " (" +
                    w_.at(w_.outermost_call(u.made->where, u.made->callers)) +
                    ") once for each thread that waits for it, here for " +
                    w_.thread(u.undone->thread) + " and for " + w_.thread(edge.waiter) +
                    "; or let only one of them wait");
    }

    void why_hidden(const undone_state& u, int lock) {
        const std::string state = w_.object(u.made->object);
        const event& taken = *acquisition(trace_, u.made->thread, u.made->step, lock);
        w_.involve_object(lock);
        w_.label(taken,
                 w_.thread(taken.thread) + " locks " + w_.object(lock) + ' ' + at_step(taken.step));
        w_.why(w_.thread(u.made->thread) + " changed " + state + " to " + value_made(u) + " (" +
               w_.at(*u.made) + ") and back to " + value_left(u) + " (" + w_.at(*u.undone) +
               ") under one lock of " + w_.object(lock) + " (" + w_.at(taken) +
               "), so no other thread could ever see it " + value_made(u));
        if (u.undone->where.known())
            w_.help("do not change " + state + " back to " + value_left(u) + " at " +
                    w_.at(u.undone->where) + ": let the waiter do that after its wait, or let " +
                    w_.thread(u.undone->thread) +
                    " wait before that line until the waiter has seen " + state + " at " +
                    value_made(u));
    }

    std::string taken_back(const undone_state& u) const {
        return w_.thread(u.made->thread) + " changed " + w_.object(u.made->object) + " to " +
               value_made(u) + " (" + w_.at(*u.made) + ") and back to " + value_left(u) + " (" +
               w_.at(*u.undone) + ')';
    }

    // What one thread made, and another took.
    std::string taken(const undone_state& u, const event* test) const {
        const bool wanted_by_two = same_code(u, test);
        return w_.thread(u.made->thread) + " made " + w_.object(u.made->object) + ' ' +
               value_made(u) + (u.once ? " once (" : " (") + w_.at(*u.made) + ')' +
               (wanted_by_two ? ", and two threads wanted it (" + w_.at(test->where) +
                                    "): " + w_.thread(u.undone->thread) + " took it first ("
                              : "; " + w_.thread(u.undone->thread) + " made it " + value_left(u) +
                                    " again (") +
               w_.at(*u.undone) + "), and nobody makes it " + value_made(u) + " again";
    }

    // Whether who undid the state had tested it where the waiter did.
    bool same_code(const undone_state& u, const event* test) const {
        return test && test->where.known() &&
               last_event(trace_, [&](const event& e) {
                   return e.thread == u.undone->thread && e.thread != test->thread && e.reads &&
                          e.object == test->object && e.where == test->where &&
                          e.step < u.undone->step;
               }) != nullptr;
    }

    // Each operation may be right: what does not fit together are the calls of the program.
    void label_calls(const undone_state& u, const wait_edge& edge) {
        w_.label_call(edge.wait->where, edge.wait->callers,
                      w_.thread(edge.waiter) + " waits in this call");
        for (const event* const e : {u.made, u.undone})
            w_.label_call(e->where, e->callers,
                          w_.thread(e->thread) + " makes " + w_.object(e->object) + ' ' +
                              w_.value(e->object, e->after) + " in this call, " + at_step(e->step));
    }

    void note_late_waking(const undone_state& u, const wait_edge& edge) {
        const event* const woken = last_event(trace_, [&](const event& e) {
            return e.thread == edge.waiter && e.op == operation::wait_wake && !e.blocked &&
                   e.object == edge.object && e.step > u.made->step;
        });
        if (woken)
            w_.why_also(w_.thread(edge.waiter) + " had been woken, " + at_step(woken->step) +
                        ", but came too late");
    }

    // The state does not hold, else the search would have found that a notification helps.
    void unmet_condition(const wait_edge& edge) {
        const event* const test = test_before(edge);
        if (!test) return;
        const std::string waiter = w_.thread(edge.waiter), state = w_.object(test->object);
        w_.involve_object(test->object);
        w_.label(*test, waiter + " reads " + w_.value(test->object, test->before) + ' ' +
                            at_step(test->step));
        const event* const write = last_write(test->object);
        const std::string useless =
            std::string(w_.has_why() ? "a notification would not help either: "
                                     : "a further notification would not help: ") +
            waiter + " would find " + state + " still " +
            w_.value(test->object, write ? write->after : test->before) + " and wait again";
        if (const auto u = undone_state_of(trace_, test->object)) {
            why_undone(*u, test, edge);
            w_.note(useless);
            return;
        }
        if (!write) {
            w_.why_also(useless + "; no thread changes it in this execution");
            return;
        }
        w_.involve(*write);
        w_.why_also(useless + "; " + w_.thread(write->thread) + " was the last to change it, to " +
                    w_.value(write->object, write->after) + " (" + w_.at(*write) + ')');
    }
};

}  // namespace

void label_wait(report_writer& w, const wait_edge& edge, bool primary) {
    w.involve_thread(edge.waiter);
    w.involve_object(edge.object);
    // In a cycle the picture says who holds what.
    const std::string lasting =
        "has been waiting " +
        (edge.object == none ? "to join " + w.thread(edge.owner) : "for " + w.object(edge.object));
    const std::string text =
        w.thread(edge.waiter) + ' ' +
        (edge.owner == none ? w.waiting_since(edge.waiter)
                            : lasting + since_step(first_step_of_wait(w.trace(), edge.waiter)));
    if (primary) {
        w.primary(edge.wait->where, text, edge.wait->waiting_in);
    } else {
        w.label(edge.wait->where, text, edge.wait->waiting_in);
    }
}

void explain_unending_waits(report_writer& w, const wait_for_graph& graph) {
    unending_waits(w, graph)();
}

}  // namespace heddle::checkers
