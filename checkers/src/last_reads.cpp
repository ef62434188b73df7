#include "last_reads.hpp"

#include <algorithm>

#include "causality.hpp"
#include "missed_synchronization.hpp"
#include "stuck_threads.hpp"

namespace heddle::checkers {
namespace {

constexpr std::size_t most_reads = 3;  // shown before the failure

const event* write_of(const execution_trace& trace, const event& read) {
    return read.reads_from >= 1 ? trace::event_at(trace, static_cast<unsigned>(read.reads_from))
                                : nullptr;
}

// "`main` reads 0 from `x` at step 5, its initial value": a read with where its value came from.
std::string read_text(const report_writer& w, const event& read) {
    std::string text = w.thread(read.thread) + " reads " + w.value(read.object, read.before) +
                       " from " + w.object(read.object) + ' ' + at_step(read.step);
    if (read.op != operation::plain_read && read.memory_order != trace::order::seq_cst)
        text += " (" + std::string(trace::name_of(read.memory_order)) + ')';
    if (read.op == operation::plain_read) return text;
    if (const event* const write = write_of(w.trace(), read)) {
        text += ", written by " + w.thread(write->thread) + ' ' + at_step(write->step);
    } else {
        text += ", its initial value";
    }
    return text;
}

// A later value went from the writer to the reader: had it carried the write along, the read would
// have seen it.
void advise_synchronization(report_writer& w, const event& newest, const event& stale) {
    const auto miss = causality(w.trace()).nearest_miss(newest.step, stale.step);
    if (!miss) return;
    w.label(newest,
            w.thread(newest.thread) + ' ' + access_text(w, newest) + ' ' + at_step(newest.step));
    label_missed(w, *miss);
    w.why(missed_text(w, *miss));
    const std::string advice = advice_on(w, *miss);
    if (!advice.empty()) w.help(advice);
}

}  // namespace

// The last reads of the failing thread, each object once: what its check went by.
void label_reads(report_writer& w, const event* last, int thread) {
    const unsigned end = last ? last->step : static_cast<unsigned>(w.trace().events.size());
    std::vector<int> objects;
    for (auto e = w.trace().events.rbegin(); e != w.trace().events.rend(); ++e) {
        if (e->thread != thread || e->step > end || !e->reads || !is_data(e->op)) continue;
        if (std::find(objects.begin(), objects.end(), e->object) != objects.end()) continue;
        objects.push_back(e->object);
        w.involve_object(e->object);
        w.label(*e, read_text(w, *e));
        if (objects.size() == most_reads) break;
    }
    // Whoever wrote what was read is part of the story.
    for (const event& e : w.trace().events)
        if (e.writes && std::find(objects.begin(), objects.end(), e.object) != objects.end())
            w.involve_thread(e.thread);
}

// Reads that did not return the newest value surprise everybody who thinks in interleavings.
void note_stale_reads(report_writer& w, int thread) {
    const execution_trace& trace = w.trace();
    const event* const stale = last_event(
        trace, [&](const event& e) { return e.stale && (thread == none || e.thread == thread); });
    const event* const read =
        stale ? stale : last_event(trace, [](const event& e) { return e.stale; });
    if (!read) return;
    const event* const newest = last_event(trace, [&](const event& e) {
        return e.object == read->object && e.writes && e.step < read->step;
    });
    w.involve(*read);
    std::string text = w.thread(read->thread) + " read " + w.value(read->object, read->before) +
                       " from " + w.object(read->object) + " (" + w.at(*read) +
                       ") although it was not the newest value";
    if (newest) {
        w.involve(*newest);
        text += ": " + w.thread(newest->thread) + " had written " +
                w.value(newest->object, newest->after) + " (" + w.at(*newest) + ')';
    }
    w.note(text + "; a weakly ordered machine, or the compiler, may show " +
           w.thread(read->thread) + " the older value: no happens-before edge forbids that (" +
           trace.memory_model + " memory model)");
    if (newest && w.labels_line(read->where)) advise_synchronization(w, *newest, *read);
}

}  // namespace heddle::checkers
