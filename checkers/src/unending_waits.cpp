#include "unending_waits.hpp"

#include <algorithm>

#include "stuck_threads.hpp"

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
        w_.headline((names.size() <= most_labelled ? listed(names)
                                                   : std::to_string(names.size()) + " threads") +
                    (names.size() == 1 ? " waits" : " wait") +
                    (one_object ? how(first) : " for events that no thread can bring about"));
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
        if (last) {
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

    // The state that the waiter read before it went to sleep: it does not hold, else the search
    // would have found that a notification helps.
    void unmet_condition(const wait_edge& edge) {
        const event* const read = last_event(trace_, [&](const event& e) {
            return e.thread == edge.waiter && e.reads && is_data(e.op) && e.step < edge.wait->since;
        });
        if (!read) return;
        const std::string waiter = w_.thread(edge.waiter), state = w_.object(read->object);
        w_.involve_object(read->object);
        w_.label(*read, waiter + " reads " + w_.value(read->object, read->before) + ' ' +
                            at_step(read->step));
        const event* const write = last_event(
            trace_, [&](const event& e) { return e.object == read->object && e.writes; });
        std::string text = "a further notification would not help: " + waiter + " would find " +
                           state + " unchanged and wait again";
        if (write) {
            w_.involve(*write);
            text += "; " + w_.thread(write->thread) + " was the last to change it, to " +
                    w_.value(write->object, write->after) + " (" + w_.at(*write) + ')';
        }
        w_.why_also(text);
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
