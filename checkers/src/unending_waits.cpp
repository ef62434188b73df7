#include "unending_waits.hpp"

#include <algorithm>
#include <optional>

#include "stuck_threads.hpp"

namespace heddle::checkers {
namespace {

constexpr std::size_t most_labelled = 3;  // threads whose code is shown

// A state that held once: an object was changed, and changed back.
struct undoing {
    const event* made = nullptr;
    const event* undone = nullptr;
};

std::optional<undoing> undoing_of(const execution_trace& trace, int object) {
    std::vector<const event*> writes;
    for (const event& e : trace.events)
        if (e.object == object && e.writes && !e.blocked) writes.push_back(&e);
    if (writes.size() < 2) return {};
    const std::uint64_t now = writes.back()->after;
    const auto made = std::find_if(writes.rbegin(), writes.rend(),
                                   [&](const event* e) { return e->after != now; });
    if (made == writes.rend()) return {};
    const event* const undone = *(made - 1);
    const event* const first = writes.front();
    const bool held_before =
        first->reads ? first->before == now
                     : *made == first || std::any_of(made + 1, writes.rend(), [&](const event* e) {
                           return e->after == now;
                       });
    if (!held_before) return {};
    return undoing{*made, undone};
}

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
        const std::optional<undoing> undone =
            one_object ? undoing_of(trace_, state_of(first)) : std::nullopt;
        if (undone) w_.reason("state-undone");
        w_.headline((names.size() <= most_labelled ? listed(names)
                                                   : std::to_string(names.size()) + " threads") +
                    (names.size() == 1 ? " waits" : " wait") +
                    (undone ? " on " + w_.object(first.object) + " for a state that " +
                                  w_.thread(undone->undone->thread) + " undid"
                     : one_object ? how(first)
                                  : " for events that no thread can bring about"));
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

    // " on `ready`, and no thread ...", " for a change of `flag` that no thread can make".
    std::string how(const wait_edge& edge) const {
        if (!is_condition(edge))
            return " for a change of " + w_.object(edge.object) + " that no thread can make";
        return " on " + w_.object(edge.object) + ", and no thread is left to notify it";
    }

    bool is_condition(const wait_edge& edge) const {
        return is_wait(edge.wait->waiting_in) &&
               trace::atomic_waited_on(trace_, edge.object) == none;
    }

    // What last happened to the thing waited for.
    void root_cause(const wait_edge& edge) {
        const std::string object = w_.object(edge.object);
        if (is_condition(edge)) {
            const event* const last = last_event(
                trace_, [&](const event& e) { return is_notify(e.op) && e.object == edge.object; });
            if (!last) {
                w_.why("nothing in this execution notifies " + object);
            } else {
                std::vector<std::string> woken;
                for (const int t : last->woken) woken.push_back(w_.thread(t));
                w_.involve(*last);
                w_.label(*last,
                         w_.thread(last->thread) + " notified it last, " + at_step(last->step) +
                             "; " +
                             (woken.empty() ? "nobody was waiting" : "it woke " + listed(woken)));
            }
            unmet_condition(edge);
            return;
        }
        const int atomic = is_wait(edge.wait->waiting_in)
                               ? trace::atomic_waited_on(trace_, edge.object)
                               : edge.object;
        const event* const last =
            last_event(trace_, [&](const event& e) { return e.object == atomic && e.writes; });
        w_.involve_object(atomic);
        if (const auto u = undoing_of(trace_, atomic)) {
            why_undone(*u, nullptr, edge);
            w_.why_also(w_.thread(edge.waiter) + " waits for another value");
        } else if (last) {
            w_.involve(*last);
            w_.label(*last, w_.thread(last->thread) + " wrote " + w_.value(atomic, last->after) +
                                ' ' + at_step(last->step) + ", the last to change it");
            w_.why(object + " is " + w_.value(atomic, last->after) + " since step " +
                   std::to_string(last->step) + ", and " + w_.thread(edge.waiter) +
                   " waits for another value");
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
            const int rank = undoing_of(trace_, e->object) ? 3 : changed ? 2 : 1;
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
    void why_undone(const undoing& u, const event* test, const wait_edge& edge) {
        const std::string waiter = w_.thread(edge.waiter);
        w_.involve(*u.made);
        w_.involve(*u.undone);
        w_.label(*u.made, w_.thread(u.made->thread) + ' ' + access_text(w_, *u.made) + ' ' +
                              at_step(u.made->step));
        w_.label(*u.undone, w_.thread(u.undone->thread) + ' ' + access_text(w_, *u.undone) + ' ' +
                                at_step(u.undone->step));
        const bool tested_after = test && test->step > u.undone->step;
        w_.why(
            w_.thread(u.made->thread) + " changed " + w_.object(u.made->object) + " to " +
            w_.value(u.made->object, u.made->after) + " (" + w_.at(*u.made) +
            (u.made->thread == u.undone->thread ? ")" : "), and " + w_.thread(u.undone->thread)) +
            (u.made->thread == u.undone->thread ? " and back to " : " back to ") +
            w_.value(u.undone->object, u.undone->after) + " (" + w_.at(*u.undone) + ')' +
            (tested_after ? " before " + waiter + " tested it (" + w_.at(*test) + ')' : ""));
        const event* const woken = last_event(trace_, [&](const event& e) {
            return e.thread == edge.waiter && e.op == operation::wait_wake && !e.blocked &&
                   e.object == edge.object && e.step > u.made->step;
        });
        if (woken)
            w_.why_also(waiter + " had been woken, " + at_step(woken->step) +
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
        const std::string useless = "a further notification would not help: " + waiter +
                                    " would find " + state + " unchanged and wait again";
        if (const auto u = undoing_of(trace_, test->object)) {
            why_undone(*u, test, edge);
            w_.note(useless);
            return;
        }
        const event* const write = last_write(test->object);
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
    const std::string what = edge.owner == none    ? w.waiting(edge.waiter)
                             : edge.object == none ? "waits to join " + w.thread(edge.owner)
                                                   : "waits for " + w.object(edge.object);
    std::string text = w.thread(edge.waiter) + ' ' + what;
    if (edge.wait->since != 0) text += " since step " + std::to_string(edge.wait->since);
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
