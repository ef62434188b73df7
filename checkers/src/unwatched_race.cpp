// A data race on memory that is no `var`, which ThreadSanitizer saw. Neither access is a step.
#include "unwatched_race.hpp"

#include "report_writer.hpp"

namespace heddle::checkers {
namespace {

std::string bytes(unsigned n) { return std::to_string(n) + (n == 1 ? " byte" : " bytes"); }

}  // namespace

trace::diagnostic explain_unwatched_race(const execution_trace& trace) {
    const trace::unwatched_access& first = trace.unwatched.front();
    const trace::unwatched_access& second = trace.unwatched.back();
    report_writer w(trace, "data-race");
    w.reason("unwatched-memory");
    w.involve_thread(second.thread);
    w.involve_thread(first.thread);
    const std::string later = w.thread(second.thread), earlier = w.thread(first.thread);
    w.headline("plain (non-atomic) memory is " + std::string(second.writes ? "written" : "read") +
               " by " + later + " without synchronization with the " +
               (first.writes ? "write" : "read") + " by " + earlier);
    w.primary(second.where, later + (second.writes ? " writes " : " reads ") + bytes(second.bytes));
    w.label(first.where, earlier + (first.writes ? " writes " : " reads ") + bytes(first.bytes));
    w.stopped_by(std::string(second.writes ? "writes" : "reads") + " plain memory");
    w.why(
        "nothing that the two threads did orders these accesses: neither happens before the other");
    w.note("the steps came in this order here, but nothing in the program enforces it");
    w.note(
        "ThreadSanitizer saw it: the memory is no `heddle::fibers::var`, so its accesses are no "
        "steps of the execution");
    return w.finish();
}

}  // namespace heddle::checkers
