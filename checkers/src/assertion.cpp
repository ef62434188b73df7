#include <algorithm>

#include <heddle/checkers/assertion.hpp>

#include "aba.hpp"
#include "report_writer.hpp"
#include "stuck_threads.hpp"

namespace heddle::checkers {
namespace {

constexpr std::size_t most_reads = 3;          // shown before the failure
constexpr std::size_t most_message_lines = 8;  // of a message in notes

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        const std::string line = text.substr(at, end - at);
        // GoogleTest begins with "file:line: Failure", which the label says already.
        if (!line.empty() && !(lines.empty() && line.ends_with(": Failure"))) lines.push_back(line);
        at = end + 1;
    }
    return lines;
}

const event* write_of(const execution_trace& trace, const event& read) {
    return read.reads_from >= 1 ? trace::event_at(trace, static_cast<unsigned>(read.reads_from))
                                : nullptr;
}

// "`main` reads 0 from `x` at step 5, its initial value": a read with where its value came from.
std::string read_text(const report_writer& w, const event& read) {
    std::string text = w.thread(read.thread) + " reads " + w.value(read.object, read.before) +
                       " from " + w.object(read.object) + ' ' + at_step(read.step);
    if (read.op == operation::plain_read) return text;
    if (const event* const write = write_of(w.trace(), read)) {
        text += ", written by " + w.thread(write->thread) + ' ' + at_step(write->step);
    } else {
        text += ", its initial value";
    }
    return text;
}

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
    w.note(text + "; no happens-before edge forbids that (" + trace.memory_model +
           " memory model)");
}

trace::diagnostic explain_failure(const execution_trace& trace, const std::string& slug,
                                  const std::string& what, const std::string& here) {
    report_writer w(trace, slug);
    w.reason(slug == "exception" ? "uncaught" : "failed-check");
    const std::vector<std::string> message = lines_of(trace.message);
    const std::string thread = w.thread(trace.thread);
    w.involve_thread(trace.thread);
    w.involve_object(trace.object);
    w.headline(what + " in " + thread + (message.empty() ? "" : ": " + message.front()));
    const event* const last = trace::event_at(trace, trace.step);
    std::string text = thread + ' ' + here;
    if (last) text += " after step " + std::to_string(last->step);
    w.primary(trace.where.known() || !last ? trace.where : last->where, text);
    label_reads(w, last, trace.thread);
    std::string rest;
    for (std::size_t i = 1; i < message.size() && i <= most_message_lines; ++i)
        rest += (rest.empty() ? "" : "\n") + message[i];
    if (!rest.empty()) w.note(rest);
    note_stale_reads(w, trace.thread);
    note_aba(w);
    return w.finish();
}

}  // namespace

trace::diagnostic explain_assertion(const execution_trace& trace) {
    return explain_failure(trace, "assertion", "assertion failed", "fails here");
}

trace::diagnostic explain_exception(const execution_trace& trace) {
    return explain_failure(trace, "exception", "an exception was not caught",
                           trace.where.known() ? "throws here" : "throws");
}

}  // namespace heddle::checkers
