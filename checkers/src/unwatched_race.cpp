// A data race on memory that is no `var`, which ThreadSanitizer saw: the later access is the last
// step of the trace, of the earlier one only the place is known.
#include "unwatched_race.hpp"

#include "report_writer.hpp"

namespace heddle::checkers {
namespace {

std::string bytes(unsigned n) { return std::to_string(n) + (n == 1 ? " byte" : " bytes"); }

}  // namespace

trace::diagnostic explain_unwatched_race(const execution_trace& trace) {
    const trace::unwatched_access& first = *trace.unwatched;
    const event* const second = trace::event_at(trace, trace.step);
    const bool writes = second && second->op == operation::plain_write;
    report_writer w(trace, "data-race");
    w.reason("unwatched-memory");
    w.involve_thread(trace.thread);
    w.involve_thread(first.thread);
    const std::string later = w.thread(trace.thread), earlier = w.thread(first.thread);
    w.headline("plain memory is " + std::string(writes ? "written" : "read") + " by " + later +
               " unordered with a " + (first.writes ? "write" : "read") + " by " + earlier);
    if (second) {
        const unsigned n = second->object >= 0
                               ? trace.objects[static_cast<std::size_t>(second->object)].bytes
                               : first.bytes;
        w.primary(second->where,
                  later + (writes ? " writes " : " reads ") + bytes(n) + ' ' + at_step(trace.step));
    }
    w.label(first.where, earlier + (first.writes ? " writes " : " reads ") + bytes(first.bytes));
    w.why(
        "nothing that the two threads did orders these accesses: neither happens before the other");
    w.note("ThreadSanitizer saw it: the memory is no `heddle` variable, so the access of " +
           earlier + " is no step of this trace");
    return w.finish();
}

}  // namespace heddle::checkers
