#include <heddle/checkers/nondeterminism.hpp>

#include "report_writer.hpp"

namespace heddle::checkers {

namespace {

// The body is what it was: it is heddle that ran two schedules and took them for one.
trace::diagnostic explain_fault_of_heddle(const execution_trace& trace) {
    report_writer w(trace, "nondeterminism");
    w.headline("heddle is at fault: its replay does not show what its search has found");
    w.reason("not_replayed");
    if (!trace.events.empty()) {
        const event& last = trace.events.back();
        w.involve_thread(last.thread);
        w.primary(last,
                  "the replay ends here, " + at_step(last.step) + ", in " + w.thread(last.thread));
    }
    w.why(trace.message);
    w.why("the search, run again, found the same each time: so the body does not depend on chance");
    w.note("what the search has found may be real, or not: this trace is of the replay");
    w.note(
        "the one thing of the body that can look like this: a decision by the address of something "
        "that was allocated");
    w.help("report this, with the body of the test; nothing in it has to be changed");
    return w.finish();
}

}  // namespace

trace::diagnostic explain_nondeterminism(const execution_trace& trace) {
    if (trace.heddle_at_fault) return explain_fault_of_heddle(trace);
    report_writer w(trace, "nondeterminism");
    w.headline("the body did something else when the same schedule was run again");
    w.reason("departed");
    w.involve_thread(trace.thread);
    const event* const last = trace::event_at(trace, trace.step);
    const std::string thread = w.thread(trace.thread);
    if (trace.where.known()) {
        w.primary(trace.where, thread + " departs from the schedule here");
    } else if (last) {
        w.primary(*last, thread + " was here, " + at_step(last->step) +
                             ", before it departed from the schedule");
    }
    w.why(trace.message.empty() ? "the steps of this run are not those that were recorded"
                                : trace.message);
    w.note(
        "usual causes: time, random numbers, addresses in a hash or an order, statics and globals "
        "that an earlier execution changed, a thread or lock that is not modelled");
    w.note(
        "if the program was changed since the schedule was recorded, this is expected: run the "
        "test without the replay");
    return w.finish();
}

}  // namespace heddle::checkers
