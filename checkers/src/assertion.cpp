#include <algorithm>

#include <heddle/checkers/assertion.hpp>

#include "aba.hpp"
#include "last_reads.hpp"
#include "report_writer.hpp"

namespace heddle::checkers {
namespace {

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
    w.stopped_by(slug == "exception" ? "throws" : "fails");
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
