#include <heddle/checkers/nondeterminism.hpp>

#include "report_writer.hpp"

namespace heddle::checkers {

trace::diagnostic explain_nondeterminism(const execution_trace& trace) {
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
