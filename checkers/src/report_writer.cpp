#include "report_writer.hpp"

#include <algorithm>

#include <heddle/trace/render.hpp>
#include <heddle/trace/source.hpp>

#include "stuck_threads.hpp"

namespace heddle::checkers {
namespace {

constexpr std::string_view unnamed_prefix = "thread-";
constexpr std::size_t most_explained = 4;  // threads or objects in one note

bool unnamed(const std::string& name) {
    return name.compare(0, unnamed_prefix.size(), unnamed_prefix) == 0;
}

std::string base_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

template <class T>
void add_once(std::vector<T>& all, const T& x) {
    if (std::find(all.begin(), all.end(), x) == all.end()) all.push_back(x);
}

}  // namespace

report_writer::report_writer(const execution_trace& trace, std::string slug)
    : trace_(trace), names_(trace) {
    d_.slug = std::move(slug);
}

std::string report_writer::thread(int t) const { return '`' + names_.thread(t) + '`'; }
std::string report_writer::object(int o) const { return '`' + names_.object(o) + '`'; }

std::string report_writer::value(int object, std::uint64_t bits) const {
    if (object < 0 || object >= static_cast<int>(trace_.objects.size()))
        return std::to_string(bits);
    return trace::show_value(trace_.objects[object], bits);
}

void report_writer::primary(const place& where, std::string text, std::optional<operation> call) {
    d_.labels.insert(d_.labels.begin(), trace::label{where, std::move(text), true, call, {}});
}

void report_writer::label(const place& where, std::string text, std::optional<operation> call) {
    add_label({where, std::move(text), false, call, {}});
}

void report_writer::primary(const event& e, std::string text) {
    primary(e.where, std::move(text), e.op);
    d_.labels.front().expression = expression_of(e);
}

void report_writer::label(const event& e, std::string text) {
    add_label({e.where, std::move(text), false, e.op, expression_of(e)});
}

void report_writer::label_call(const place& where, const std::vector<place>& callers,
                               std::string text) {
    const place& call = outermost_call(where, callers);
    if (call != where) label(call, std::move(text));
}

const place& report_writer::outermost_call(const place& where, const std::vector<place>& callers) {
    const auto call =
        std::find_if(callers.rbegin(), callers.rend(), [](const place& p) { return p.known(); });
    return call == callers.rend() ? where : *call;
}

void report_writer::add_label(trace::label l) {
    if (!l.where.known()) return;
    for (const trace::label& other : d_.labels)
        if (other.where == l.where && other.text == l.text) return;
    d_.labels.push_back(std::move(l));
}

// Reads by conversion and writes by assignment have no call; they are where the object is named.
std::string report_writer::expression_of(const event& e) const {
    return is_data(e.op) ? names_.object(e.object) : std::string();
}

void report_writer::why_also(const std::string& text) {
    if (d_.why.empty()) {
        why(text);
    } else {
        d_.why.back() += "; " + text;
    }
}

void report_writer::involve_thread(int t) {
    if (t >= 0 && t < static_cast<int>(trace_.threads.size())) add_once(d_.threads, t);
}

void report_writer::involve_object(int o) {
    if (o < 0 || o >= static_cast<int>(trace_.objects.size())) return;
    add_once(d_.objects, o);
    const int atomic = trace::atomic_waited_on(trace_, o);
    if (atomic != none) add_once(d_.objects, atomic);
}

void report_writer::involve(const event& e) {
    involve_thread(e.thread);
    involve_object(e.object);
}

void report_writer::mention(int t) {
    if (t >= 0 && t < static_cast<int>(trace_.threads.size())) add_once(d_.mentioned, t);
}

std::string report_writer::at(const place& where) const {
    if (!where.known()) return "an unknown place";
    for (const trace::label& l : d_.labels)
        if (l.where.file == where.file)
            return base_name(where.file) + ':' + std::to_string(where.line);
    return trace::show_place(where);
}

std::string report_writer::at(const event& e) const {
    const std::string step = "step " + std::to_string(e.step);
    return e.where.known() ? at(e.where) + ", " + step : step;
}

std::string report_writer::waiting(int t) const {
    if (t < 0 || t >= static_cast<int>(trace_.ends.size())) return {};
    const trace::thread_end& end = trace_.ends[t];
    if (end.spinning) return "spins on " + object(end.object);
    if (end.state != trace::thread_state::blocked) return {};
    if (end.waiting_in == operation::join) return "waits to join " + thread(end.other_thread);
    if (end.timed) {
        const std::string time = trace::show_time(end.nanoseconds);
        if (end.object == none) return "sleeps for " + time;
        return "waits for " + time + " at most for " + object(end.object);
    }
    if (is_lock(end.waiting_in)) {
        for (const trace::holding& h : trace_.holdings)
            if (h.object == end.object && h.thread == t)
                return "waits for " + object(end.object) + ", which it holds itself";
        for (const trace::holding& h : trace_.holdings)
            if (h.object == end.object)
                return "waits for " + object(end.object) + ", held by " + thread(h.thread);
        return "waits for " + object(end.object);
    }
    const bool on_atomic = trace::atomic_waited_on(trace_, end.object) != none;
    if (is_wait(end.waiting_in) && !on_atomic) return "waits on " + object(end.object);
    return "waits for a change of " + object(end.object);
}

std::string report_writer::waiting_since(int t) const {
    const std::string now = waiting(t);
    const unsigned since = now.empty() ? 0 : first_step_of_wait(trace_, t);
    if (since == 0) return now;
    const std::size_t verb = now.find(' ');
    const std::string lasting = now.starts_with("waits")   ? "waiting"
                                : now.starts_with("spins") ? "spinning"
                                                           : "sleeping";
    return "has been " + lasting + now.substr(verb) + since_step(since);
}

bool report_writer::labels_line(const place& where) const {
    return std::any_of(d_.labels.begin(), d_.labels.end(), [&](const trace::label& l) {
        return l.where.file == where.file && l.where.line == where.line;
    });
}

trace::diagnostic report_writer::finish() {
    if (!d_.labels.empty() && !d_.labels.front().primary) d_.labels.front().primary = true;
    std::sort(d_.threads.begin(), d_.threads.end());
    std::sort(d_.objects.begin(), d_.objects.end());

    std::vector<std::pair<std::string, std::vector<std::string>>> started;  // by place
    for (const int t : d_.threads) {
        const place& where = trace_.threads[t].created_at;
        if (t == 0 || !unnamed(names_.thread(t)) || !where.known() || labels_line(where)) continue;
        const std::string here = at(where);
        const auto known = std::find_if(started.begin(), started.end(),
                                        [&](const auto& s) { return s.first == here; });
        if (known != started.end())
            known->second.push_back(thread(t));
        else
            started.push_back({here, {thread(t)}});
    }
    std::vector<std::string> texts;
    for (const auto& [here, threads] : started)
        texts.push_back(listed(threads) + (threads.size() == 1 ? " was" : " were") +
                        " started at " + here);
    if (!texts.empty() && texts.size() <= most_explained) note(listed(texts));

    note_unnamed_objects();
    note_numbered_objects();
    return std::move(d_);
}

// Objects that neither the user nor the source gives a name: `var-1`.
void report_writer::note_unnamed_objects() {
    std::vector<std::string> made;
    for (const int o : d_.objects) {
        const trace::object_record& record = trace_.objects[o];
        if (record.named || names_.object(o) != record.name || !record.created_at.known() ||
            trace::atomic_waited_on(trace_, o) != none)
            continue;
        made.push_back(object(o) + " was made at " + at(record.created_at));
    }
    if (!made.empty() && made.size() <= most_explained)
        note(listed(made) + "; `heddle::name(object, \"...\")` gives a name");
}

void report_writer::note_numbered_objects() {
    std::vector<std::string> names, made;
    std::vector<place> places;
    for (const int o : d_.objects) {
        const place& where = trace_.objects[o].created_at;
        if (!names_.numbered(o) || trace::atomic_waited_on(trace_, o) != none || !where.known())
            continue;
        names.push_back(object(o));
        made.push_back(object(o) + " at " + at(where));
        add_once(places, where);
    }
    if (names.empty() || names.size() > most_explained) return;
    const std::string one_by_one = "objects of one name were made: " + listed(made);
    const std::string together = listed(names) + (names.size() == 1 ? " was" : " were") +
                                 " made at " + at(places.front()) +
                                 (names.size() == 1 ? "" : ", in this order");
    note((places.size() == 1 ? together : one_by_one) +
         "; `heddle::name(object, \"...\")` tells them apart");
}

std::string listed(const std::vector<std::string>& words) {
    std::string text;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (i > 0) text += i + 1 == words.size() ? " and " : ", ";
        text += words[i];
    }
    return text;
}

std::string since_step(unsigned step) {
    return step == 0 ? std::string() : " since step " + std::to_string(step);
}

std::string at_step(unsigned step) { return "at step " + std::to_string(step); }

std::string access_text(const report_writer& w, const event& e) {
    if (e.reads && e.writes)
        return "changes it from " + w.value(e.object, e.before) + " to " +
               w.value(e.object, e.after);
    return e.writes ? "writes " + w.value(e.object, e.after)
                    : "reads " + w.value(e.object, e.before);
}

std::string_view access_noun(const event& e) {
    if (e.reads && e.writes) return "update";
    return e.writes ? "write" : "read";
}

}  // namespace heddle::checkers
