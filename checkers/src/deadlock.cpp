#include <algorithm>

#include <heddle/checkers/deadlock.hpp>
#include <heddle/trace/source.hpp>

#include "report_writer.hpp"
#include "stuck_threads.hpp"
#include "unending_waits.hpp"
#include "wait_for_graph.hpp"

namespace heddle::checkers {
namespace {

constexpr std::size_t picture_width = 88;  // of a line of the wait-for graph
constexpr std::size_t most_labelled = 3;   // threads of a cycle whose code is shown

class deadlock_report {
public:
    explicit deadlock_report(const execution_trace& trace)
        : w_(trace, "deadlock"), trace_(trace), graph_(trace) {}

    trace::diagnostic operator()() {
        const wait_edge* abandoned = nullptr;
        for (const wait_edge& edge : graph_.edges())
            if (edge.owner_exited && (!abandoned || edge.waiter == trace_.thread))
                abandoned = &edge;
        const std::vector<int> cycle = graph_.cycle();
        w_.waits(graph_.as_data());
        if (abandoned && (trace_.owner_exited || cycle.empty())) {
            w_.reason("owner-exited");
            by_owner_exited(*abandoned);
        } else if (cycle.size() == 1) {
            w_.reason("self");
            by_itself(*graph_.edge_of(cycle.front()));
        } else if (!cycle.empty()) {
            w_.reason("cycle");
            by_cycle(turned(cycle));
        } else {
            explain_unending_waits(w_, graph_);
        }
        return w_.finish();
    }

private:
    report_writer w_;
    const execution_trace& trace_;
    wait_for_graph graph_;

    // The cycle beginning with its lowest thread: the same text whoever closed it.
    static std::vector<int> turned(std::vector<int> cycle) {
        std::rotate(cycle.begin(), std::min_element(cycle.begin(), cycle.end()), cycle.end());
        return cycle;
    }

    void label_acquisition(const trace::holding& held) {
        w_.involve_thread(held.thread);
        w_.involve_object(held.object);
        if (const event* const e = trace::event_at(trace_, held.step))
            w_.label(*e, w_.thread(held.thread) + " took " + w_.object(held.object) + ' ' +
                             at_step(held.step));
    }

    // "from transfer_test.cpp:18  transfer(alice, bob)".
    std::string caller(const wait_edge& edge) const {
        for (const place& from : edge.wait->callers) {
            if (!from.known()) continue;
            std::string text = "from " + w_.at(from);
            if (const auto line = trace::source_line(from.file, from.line)) {
                const trace::text_span code = trace::code_span(*line);
                text += "  " + line->substr(code.begin, code.end - code.begin);
            }
            return text;
        }
        return {};
    }

    // ---- a cycle -----------------------------------------------------------------------------

    void by_cycle(const std::vector<int>& cycle) {
        std::vector<std::string> names;
        for (const int t : cycle) names.push_back(w_.thread(t));
        w_.headline((cycle.size() <= most_labelled ? listed(names)
                                                   : std::to_string(cycle.size()) + " threads") +
                    " wait for each other" + (cycle.size() == 2 ? "" : " in a ring"));
        for (const int t : cycle) {
            w_.involve_thread(t);
            w_.involve_object(graph_.edge_of(t)->object);
        }
        const int stopper = primary_of(cycle);
        std::vector<int> shown(cycle.begin(),
                               cycle.begin() + std::min(cycle.size(), most_labelled));
        if (std::find(shown.begin(), shown.end(), stopper) == shown.end()) shown.back() = stopper;
        for (const int t : shown) label_what_it_holds(cycle, t);
        for (const int t : shown) label_wait(w_, *graph_.edge_of(t), t == stopper);
        picture(cycle);
        note_other_threads(w_, cycle, "not in the cycle: ");
        advise(cycle);
    }

    // The thread that closed the cycle; the first where all wait at one place.
    int primary_of(const std::vector<int>& cycle) const {
        const auto& first = graph_.edge_of(cycle.front())->wait->where;
        const bool one_place = std::all_of(cycle.begin(), cycle.end(), [&](int t) {
            return graph_.edge_of(t)->wait->where == first;
        });
        const bool closed_here =
            std::find(cycle.begin(), cycle.end(), trace_.thread) != cycle.end();
        if (one_place) return cycle.front();
        return closed_here ? trace_.thread : cycle.back();
    }

    void label_what_it_holds(const std::vector<int>& cycle, int t) {
        for (const int waiter : cycle) {
            const wait_edge& edge = *graph_.edge_of(waiter);
            if (edge.held && edge.owner == t) label_acquisition(*edge.held);
        }
    }

    // One line an edge, in columns: `mover-1 --bob.mutex_--> mover-2`.
    void picture(const std::vector<int>& cycle) {
        std::size_t name = 0, arrow = 0, owner = 0;
        const auto arrow_of = [&](const wait_edge& edge) {
            return "--" + (edge.object == none ? "join" : w_.names().object(edge.object)) + "-->";
        };
        for (const int t : cycle) {
            const wait_edge& edge = *graph_.edge_of(t);
            name = std::max(name, w_.names().thread(t).size());
            arrow = std::max(arrow, arrow_of(edge).size());
            owner = std::max(owner, w_.names().thread(edge.owner).size());
        }
        const auto pad = [](std::string text, std::size_t width) {
            text.resize(std::max(width, text.size()), ' ');
            return text;
        };
        w_.why("wait-for cycle");
        for (const int t : cycle) {
            const wait_edge& edge = *graph_.edge_of(t);
            std::string line =
                "  " + pad(w_.names().thread(t), name) + ' ' + pad(arrow_of(edge), arrow) + ' ';
            const std::string from = caller(edge);
            line += from.empty() ? w_.names().thread(edge.owner)
                                 : pad(w_.names().thread(edge.owner), owner) + "   " + from;
            if (line.size() > picture_width) line = line.substr(0, picture_width - 3) + "...";
            w_.why(line);
        }
    }

    // Two threads that take the same two locks in opposite orders; a lock held across a join.
    void advise(const std::vector<int>& cycle) {
        std::vector<const wait_edge*> locks, joins;
        for (const int t : cycle) {
            const wait_edge* const edge = graph_.edge_of(t);
            (edge->object == none ? joins : locks).push_back(edge);
        }
        if (joins.empty() && locks.size() == 2) {
            const wait_edge &a = *locks[0], &b = *locks[1];
            const auto first = expression(b.held->step), second = expression(a.wait->since);
            const auto other_first = expression(a.held->step),
                       other_second = expression(b.wait->since);
            // One piece of code, entered by both with their arguments exchanged.
            const bool same_code = first && second && first == other_first &&
                                   second == other_second && a.wait->where == b.wait->where;
            w_.help(same_code ? "lock both with `std::scoped_lock{" + *first + ", " + *second +
                                    "}`, or always in one order"
                              : "lock " + w_.object(b.object) + " and " + w_.object(a.object) +
                                    " in the same order in both threads, or both at once with "
                                    "`std::scoped_lock`");
        } else if (joins.size() == 1 && locks.size() == 1) {
            const std::string joined = w_.thread(joins[0]->owner);
            w_.help(release(*locks[0]) + " before joining " + joined + " at " +
                    w_.at(joins[0]->wait->where) + ", or join " + joined +
                    " before the lock is taken");
        } else if (joins.empty()) {
            w_.help("lock these mutexes in the same order in all threads");
        }
    }

    // How the owner can give the lock back: a guard has no `unlock` to call.
    std::string release(const wait_edge& edge) const {
        const event* const taken = edge.held ? trace::event_at(trace_, edge.held->step) : nullptr;
        const auto line =
            taken ? trace::source_line(taken->where.file, taken->where.line) : std::nullopt;
        const bool guarded = line && trace::operand_text(*line, operation::lock) &&
                             !trace::call_span(*line, operation::lock);
        return guarded ? "end the scope of the lock (" + w_.at(taken->where) + ')'
                       : "unlock " + w_.object(edge.object);
    }

    // What the source locks at a step, as written: `from.mutex_`.
    std::optional<std::string> expression(unsigned step) const {
        const event* const e = trace::event_at(trace_, step);
        const auto line = e ? trace::source_line(e->where.file, e->where.line) : std::nullopt;
        return line ? trace::operand_text(*line, operation::lock) : std::nullopt;
    }

    // ---- one thread, one lock ------------------------------------------------------------------

    void by_itself(const wait_edge& edge) {
        const std::string thread = w_.thread(edge.waiter);
        if (edge.object == none) {
            w_.headline(thread + " waits to join itself");
            label_wait(w_, edge, true);
            return;
        }
        const std::string mutex = w_.object(edge.object);
        w_.headline(thread + " waits for " + mutex + ", which it holds itself");
        label_wait(w_, edge, true);
        if (edge.held) label_acquisition(*edge.held);
        if (!edge.wait->callers.empty())
            w_.label(edge.wait->callers.front(), "this call leads to the second lock");
        w_.why(mutex + " is not recursive: the thread that holds it cannot lock it again");
        note_other_threads(w_, {edge.waiter}, "");
        w_.help(release(edge) + " before " + mutex +
                " is locked again, or make it a `recursive_mutex`");
    }

    void by_owner_exited(const wait_edge& edge) {
        const std::string mutex = w_.object(edge.object), owner = w_.thread(edge.owner);
        w_.headline(w_.thread(edge.waiter) + " waits for " + mutex + ", but " + owner +
                    " ended without unlocking it");
        label_wait(w_, edge, true);
        label_acquisition(*edge.held);
        const event* const end = last_event(trace_, [&](const event& e) {
            return e.thread == edge.owner && e.op == operation::thread_end;
        });
        w_.why(owner + " took " + mutex + ' ' + at_step(edge.held->step) + " and ended" +
               (end ? ' ' + at_step(end->step) : "") + "; no other thread may unlock it");
        note_other_threads(w_, {edge.waiter, edge.owner}, "");
        const event* const taken = trace::event_at(trace_, edge.held->step);
        const auto line =
            taken ? trace::source_line(taken->where.file, taken->where.line) : std::nullopt;
        if (line && trace::call_span(*line, operation::lock))
            w_.help("hold " + mutex + " by a guard at " + w_.at(taken->where) +
                    ", `std::lock_guard guard{" +
                    trace::operand_text(*line, operation::lock).value_or("...") +
                    "};`, which unlocks it however the scope is left");
    }
};

// A thread that locks what it holds stops the execution by its attempt, before it counts as
// blocked.
execution_trace with_the_last_wait(execution_trace trace) {
    const event* const e = trace::event_at(trace, trace.step);
    if (!e || !e->blocked || e->thread < 0 || e->thread >= static_cast<int>(trace.ends.size()))
        return trace;
    trace::thread_end& end = trace.ends[e->thread];
    if (end.state == trace::thread_state::blocked) return trace;
    end.state = trace::thread_state::blocked;
    end.waiting_in = e->op;
    end.object = e->object;
    end.other_thread = e->other_thread;
    end.since = e->step;
    end.where = e->where;
    end.callers = e->callers;
    return trace;
}

}  // namespace

trace::diagnostic explain_deadlock(const execution_trace& trace) {
    const execution_trace complete = with_the_last_wait(trace);
    return deadlock_report(complete)();
}

}  // namespace heddle::checkers
