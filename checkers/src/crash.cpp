#include <heddle/checkers/crash.hpp>

#include "last_reads.hpp"
#include "report_writer.hpp"

namespace heddle::checkers {
namespace {

const event* begin_report(report_writer& w, const std::string& here) {
    const execution_trace& trace = w.trace();
    w.involve_thread(trace.thread);
    const event* const last = trace::event_at(trace, trace.step);
    const bool known = trace.where.known();
    std::string text =
        w.thread(trace.thread) + ' ' + (known || !last ? here : "performs its last step here");
    if (known && last) text += " after step " + std::to_string(last->step);
    w.primary(known || !last ? trace.where : last->where, text);
    if (known) w.stopped_by(trace.why == trace::stop::crash ? "dies" : "runs on without a step");
    return last;
}

}  // namespace

trace::diagnostic explain_crash(const execution_trace& trace) {
    report_writer w(trace, "crash");
    w.headline(w.thread(trace.thread) + ' ' + std::string(phrase_of(trace.how_it_died)));
    const event* const last = begin_report(w, "is here");
    if (!trace.message.empty()) w.note("the exception in flight: " + trace.message);
    label_reads(w, last, trace.thread);
    note_stale_reads(w, trace.thread);
    if (trace.how_it_died == trace::death::stack_overflow)
        w.help("raise `--heddle_stack_bytes` if the thread is meant to use so much of it");
    return w.finish();
}

trace::diagnostic explain_endless_loop(const execution_trace& trace) {
    report_writer w(trace, "livelock");
    w.warn();
    w.headline(w.thread(trace.thread) + " runs without a step, and does not come to an end");
    const event* const last = begin_report(w, "is here");
    w.why(trace.message);
    label_reads(w, last, trace.thread);
    note_stale_reads(w, trace.thread);
    return w.finish();
}

}  // namespace heddle::checkers
