// Builds a diagnostic: the phrases all findings share, and the facts every report closes with.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <heddle/trace/diagnostic.hpp>
#include <heddle/trace/names.hpp>

namespace heddle::checkers {

using trace::event;
using trace::execution_trace;
using trace::none;
using trace::operation;
using trace::place;

class report_writer {
public:
    report_writer(const execution_trace& trace, std::string slug);

    const execution_trace& trace() const { return trace_; }
    const trace::name_table& names() const { return names_; }

    // Names in back quotes.
    std::string thread(int t) const;
    std::string object(int o) const;
    std::string value(int object, std::uint64_t bits) const;

    void headline(std::string text) { d_.headline = std::move(text); }
    // Which case of its slug the finding is: a stable word for programs that read reports.
    void reason(std::string word) { d_.reason = std::move(word); }
    void waits(std::vector<trace::wait_for> graph) { d_.waits = std::move(graph); }
    void warn() { d_.severity = trace::severity::warning; }
    // The primary label goes first; a second label of the same place and text is left out.
    void primary(const place& where, std::string text, std::optional<operation> call = {});
    void label(const place& where, std::string text, std::optional<operation> call = {});
    // The label of an event marks its call, or the object in the line of an operator.
    void primary(const event& e, std::string text);
    void label(const event& e, std::string text);
    // Labels the outermost of the calls that led to `where`: the line of the body.
    void label_call(const place& where, const std::vector<place>& callers, std::string text);
    // That line; `where` itself if nothing is known to have called it.
    static const place& outermost_call(const place& where, const std::vector<place>& callers);
    void why(std::string line) { d_.why.push_back(std::move(line)); }
    // Whether a label stands at that line.
    bool labels_line(const place& where) const;
    // Goes on with the last line of the `why`: "...; text".
    void why_also(const std::string& text);
    void note(std::string line) { d_.notes.push_back(std::move(line)); }
    void help(std::string line) { d_.help.push_back(std::move(line)); }
    bool has_help() const { return !d_.help.empty(); }
    bool has_why() const { return !d_.why.empty(); }

    void involve_thread(int t);
    void involve_object(int o);
    // Involves the thread and the object of an event.
    void involve(const event& e);
    // A note speaks of `t`: the trace shows where it stands.
    void mention(int t);
    // What stopped the execution, if that is no step of it: the last row of the trace.
    void stopped_by(std::string text) { d_.stopped_by = std::move(text); }

    // "ring_buffer.hpp:57": without folders where a label has shown the file.
    std::string at(const place& where) const;
    // "ring_buffer.hpp:57, step 13"; "step 13" if the place is not known.
    std::string at(const event& e) const;

    // What `t` waits for when the execution stops: "waits to join `worker`"; empty if it does not.
    std::string waiting(int t) const;
    // The same for how long: "has been waiting to join `worker` since step 3".
    std::string waiting_since(int t) const;

    // Adds where unnamed threads were started and how to name what is hard to tell apart.
    trace::diagnostic finish();

private:
    const execution_trace& trace_;
    trace::name_table names_;
    trace::diagnostic d_;

    void add_label(trace::label l);
    std::string expression_of(const event& e) const;
    void note_unnamed_objects();
    void note_numbered_objects();
};

// "`a`", "`a` and `b`", "`a`, `b` and `c`".
std::string listed(const std::vector<std::string>& words);

// "at step 7".
std::string at_step(unsigned step);

// " since step 7"; empty for step 0, which is none.
std::string since_step(unsigned step);

// "reads 7", "writes 7", "changes it from 7 to 8": what an access does, for a label.
std::string access_text(const report_writer& w, const event& e);

// "read", "write", "update": an access as a noun.
std::string_view access_noun(const event& e);

constexpr bool is_lock(operation op) noexcept {
    return op == operation::lock || op == operation::try_lock || op == operation::lock_all ||
           op == operation::timed_try_lock || op == operation::timed_lock;
}

constexpr bool is_wait(operation op) noexcept {
    return op == operation::wait_enqueue || op == operation::wait_wake ||
           op == operation::wait_spurious || op == operation::wait_timed;
}

constexpr bool is_notify(operation op) noexcept {
    return op == operation::notify_one || op == operation::notify_all;
}

constexpr bool is_await(operation op) noexcept {
    return op == operation::await_equal || op == operation::await_not_equal ||
           op == operation::await_predicate || op == operation::await_compare_exchange;
}

constexpr bool is_plain(operation op) noexcept {
    return op == operation::plain_read || op == operation::plain_write;
}

// An access of an atomic or of plain data: not of a lock word or a set of waiters.
constexpr bool is_data(operation op) noexcept {
    return op <= operation::compare_exchange_weak || is_await(op) || is_plain(op);
}

}  // namespace heddle::checkers
