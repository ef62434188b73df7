#include <algorithm>

#include <heddle/checkers/starvation.hpp>
#include <heddle/trace/render.hpp>

#include "report_writer.hpp"
#include "stuck_threads.hpp"
#include "wait_for_graph.hpp"

namespace heddle::checkers {
namespace {

constexpr std::size_t most_labelled = 3;

using trace::thread_state;

class starvation_report {
public:
    explicit starvation_report(const execution_trace& trace)
        : trace_(trace), w_(trace, "starvation"), starved_(trace.thread) {}

    trace::diagnostic write() {
        w_.warn();
        w_.waits(wait_for_graph(trace_).as_data());
        const event* const wait = last_wait();
        const bool blocked = wait || trace_.ends[starved_].state == thread_state::blocked;
        w_.reason(blocked ? "waits" : "retries");
        w_.involve_thread(starved_);
        find_progress();
        if (blocked)
            label_wait(wait);
        else
            label_retry();
        label_progress();
        const unsigned last = trace_.events.empty() ? trace_.cycle_from : trace_.events.back().step;
        w_.why("the steps " + std::to_string(trace_.cycle_from) + " to " + std::to_string(last) +
               " repeat: each thread that can run does so in every round, and " +
               w_.thread(starved_) + " never gets any further");
        if (blocked) w_.why_also(wait ? "it is woken, and has to wait again" : "nobody wakes it");
        w_.note("the round was run again and again, up to the step limit of " +
                std::to_string(trace_.step_limit) + " (`--heddle_step_limit`)");
        w_.stopped_by("from step " + std::to_string(trace_.cycle_from) + " on again, for ever");
        return w_.finish();
    }

private:
    bool in_cycle(const event& e) const { return e.step >= trace_.cycle_from; }

    bool changes_data(const event& e) const {
        return in_cycle(e) && e.writes && !e.blocked && is_data(e.op);
    }

    // Its last entry into a wait in the cycle.
    const event* last_wait() const {
        return last_event(trace_, [&](const event& e) {
            return e.thread == starved_ && in_cycle(e) && is_wait(e.op) && !e.blocked;
        });
    }

    void headline(const std::string& preposition, int object) {
        w_.headline(w_.thread(starved_) + " starves: it waits " +
                    (object == none ? "" : preposition + ' ' + w_.object(object) + ' ') +
                    "for ever while " + others() +
                    (progressing_.size() == 1 ? " goes on" : " go on"));
    }
    std::string others() const {
        std::vector<std::string> names;
        for (const int t : progressing_) names.push_back(w_.thread(t));
        return names.empty() ? "others" : listed(names);
    }

    void label_wait(const event* wait) {
        const trace::thread_end& end = trace_.ends[starved_];
        w_.involve_object(wait ? wait->object : end.object);
        headline("on", wait ? wait->object : end.object);
        if (wait)
            w_.primary(*wait, w_.thread(starved_) + " waits on " + w_.object(wait->object) +
                                  " again " + at_step(wait->step) + ", in every round");
        else
            w_.primary(end.where, w_.thread(starved_) + ' ' + w_.waiting_since(starved_),
                       end.waiting_in);
        const place& where = wait ? wait->where : end.where;
        w_.label_call(where, wait ? wait->callers : end.callers,
                      w_.thread(starved_) + " is in this call");
    }

    void label_retry() {
        const event* const attempt = last_event(trace_, [&](const event& e) {
            return e.thread == starved_ && in_cycle(e) && e.reads && !e.blocked;
        });
        headline("for", attempt ? attempt->object : none);
        if (!attempt) return;
        w_.involve(*attempt);
        w_.primary(*attempt, w_.thread(starved_) + " performs `" +
                                 trace::show_event(trace_, w_.names(), *attempt) + "` " +
                                 at_step(attempt->step) + ", the same in every round");
        const event* const cause = last_event(trace_, [&](const event& e) {
            return e.step < attempt->step && e.object == attempt->object && e.writes && !e.blocked;
        });
        if (!cause || cause->thread == starved_ || cause->thread < 0) return;
        w_.involve(*cause);
        w_.label(*cause, w_.thread(cause->thread) + ' ' + change_of(*cause) + ' ' +
                             at_step(cause->step) + ", before that");
        labelled_.push_back(cause->thread);
        if (cause->where.known())
            w_.help("let those who come later wait behind " + w_.thread(starved_) +
                    ": have them test a flag that it sets, before they change " +
                    w_.object(attempt->object) + " (" + w_.at(cause->where) +
                    "), or serve all in the order in which they come");
    }

    // "changes `visitors` from 1 to 2", "writes false to `taken`".
    std::string change_of(const event& e) const {
        const std::string after = w_.value(e.object, e.after);
        if (!e.reads) return "writes " + after + " to " + w_.object(e.object);
        return "changes " + w_.object(e.object) + " from " + w_.value(e.object, e.before) + " to " +
               after;
    }

    // Who changes data in the cycle.
    void find_progress() {
        for (const event& e : trace_.events)
            if (changes_data(e) && e.thread != starved_ && e.thread >= 0 &&
                std::find(progressing_.begin(), progressing_.end(), e.thread) == progressing_.end())
                progressing_.push_back(e.thread);
        std::sort(progressing_.begin(), progressing_.end());
    }

    // A change of data by each of them.
    void label_progress() {
        for (const int t : progressing_) {
            w_.involve_thread(t);
            if (std::find(labelled_.begin(), labelled_.end(), t) != labelled_.end()) continue;
            if (labelled_.size() >= most_labelled) return;
            labelled_.push_back(t);
            const event* const change = last_event(
                trace_, [&](const event& e) { return e.thread == t && changes_data(e); });
            w_.involve_object(change->object);
            w_.label(*change, w_.thread(t) + ' ' + change_of(*change) + ' ' +
                                  at_step(change->step) + ", in every round");
        }
    }

    const execution_trace& trace_;
    report_writer w_;
    const int starved_;
    std::vector<int> progressing_, labelled_;
};

}  // namespace

trace::diagnostic explain_starvation(const execution_trace& trace) {
    return starvation_report(trace).write();
}

}  // namespace heddle::checkers
