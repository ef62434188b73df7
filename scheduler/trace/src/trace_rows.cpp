#include "trace_rows.hpp"

#include <algorithm>
#include <set>
#include <tuple>

#include <heddle/trace/render.hpp>

#include "loop_folding.hpp"

namespace heddle::trace {
namespace {

constexpr std::size_t rows_shown_whole = 30;  // an execution so short is shown without omissions
constexpr std::size_t most_rows = 40;
constexpr std::size_t rows_of_all = 12;  // an execution so short is shown with all of its threads

bool contains(const std::vector<int>& all, int x) {
    return std::find(all.begin(), all.end(), x) != all.end();
}

// Steps that belong to one call of the user stand together in the trace, at one place.
class folding {
public:
    folding(const execution_trace& trace, const name_table& names) : trace_(trace), names_(names) {}

    std::vector<trace_row> operator()() const {
        std::vector<trace_row> rows;
        const auto& events = trace_.events;
        for (std::size_t i = 0; i < events.size();) {
            const event& e = events[i];
            const std::size_t end = folded_end(i);
            trace_row row;
            row.first = e.step;
            row.last = events[end - 1].step;
            row.thread = e.thread;
            row.before = i > 0 ? events[i - 1].thread : none;
            row.reason = e.reason;
            row.where = e.where;
            row.text = text(i, end);
            rows.push_back(std::move(row));
            i = end;
        }
        return rows;
    }

private:
    const execution_trace& trace_;
    const name_table& names_;

    const event* same_call(std::size_t i, const event& first) const {
        if (i >= trace_.events.size()) return nullptr;
        const event& e = trace_.events[i];
        return e.thread == first.thread && e.where == first.where ? &e : nullptr;
    }

    std::size_t folded_end(std::size_t i) const {
        const event& first = trace_.events[i];
        const event* next = same_call(i + 1, first);
        if (!next) return i + 1;
        const bool atomic_wait = first.op == operation::load && first.object >= 0 &&
                                 next->op == operation::wait_enqueue &&
                                 atomic_waited_on(trace_, next->object) == first.object;
        std::size_t end = i + 1;
        if (atomic_wait || first.op == operation::wait_enqueue) {
            for (; (next = same_call(end, first)); ++end) {
                const bool part =
                    next->op == operation::unlock || (atomic_wait && next->op == operation::load) ||
                    (atomic_wait && next->op == operation::wait_enqueue && end == i + 1);
                if (part) continue;
                if (next->op == operation::wait_wake && next->blocked) ++end;
                break;
            }
        } else if (first.op == operation::lock_all && !first.blocked) {
            while ((next = same_call(end, first)) && next->op == operation::lock_all &&
                   !next->blocked)
                ++end;
        }
        return end;
    }

    std::string text(std::size_t begin, std::size_t end) const {
        const event& first = trace_.events[begin];
        const event& last = trace_.events[end - 1];
        std::string shown = show_event(trace_, names_, first);
        if (end - begin > 1 && first.op == operation::lock_all) {
            shown = "lock(";
            for (std::size_t i = begin; i < end; ++i)
                shown += (i > begin ? ", " : "") + names_.object(trace_.events[i].object);
            shown += ')';
        } else if (end - begin > 1 && first.op == operation::load) {
            shown = names_.object(first.object) + ".wait(" +
                    show_value(trace_.objects[first.object], first.before) + ')';
        }
        if (end - begin > 1 && last.blocked) shown += "  sleeps";
        if (last.blocked && stuck(last)) shown = shown.substr(0, shown.rfind("  ")) + "  stuck";
        return shown;
    }

    // For good: only where the finding is that nothing can go on.
    bool stuck(const event& e) const {
        if (trace_.why != stop::deadlock && trace_.why != stop::lost_notification &&
            trace_.why != stop::livelock)
            return false;
        if (e.step == trace_.step) return true;
        if (e.thread < 0 || e.thread >= static_cast<int>(trace_.ends.size())) return false;
        const thread_end& end = trace_.ends[e.thread];
        return end.state == thread_state::blocked && end.since == e.step;
    }
};

// In a long execution: what happens to the objects and threads of the finding, and at its places.
bool matters(const execution_trace& trace, const diagnostic& d, const trace_row& row) {
    for (unsigned step = row.first; step <= row.last; ++step) {
        const event* e = event_at(trace, step);
        if (!e) continue;
        if (step == trace.step || step == trace.other_step || e->blocked) return true;
        if (e->op == operation::log || e->op == operation::choose) return true;
        if (e->object != none && contains(d.objects, e->object)) return true;
        if (e->other_thread != none && contains(d.threads, e->other_thread)) return true;
    }
    return std::any_of(d.labels.begin(), d.labels.end(),
                       [&](const label& l) { return l.where.known() && l.where == row.where; });
}

// Keeps the rows that the labels speak of, then the latest.
void keep_latest(const execution_trace& trace, const diagnostic& d, std::vector<trace_row>& rows) {
    std::set<std::tuple<int, std::string, unsigned>> labelled;
    std::size_t kept = 0;
    for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
        if (!row->shown) continue;
        const bool has_label = std::any_of(d.labels.begin(), d.labels.end(), [&](const label& l) {
            return l.where.known() && l.where == row->where;
        });
        const auto covers = [&](unsigned s) { return s >= row->first && s <= row->last; };
        const bool key = covers(trace.step) || (trace.other_step != 0 && covers(trace.other_step));
        const bool newest_of_label =
            has_label && labelled.emplace(row->thread, row->where.file, row->where.line).second;
        row->shown = kept < most_rows || key || newest_of_label;
        kept += row->shown ? 1 : 0;
    }
}

// Whether further threads leave the trace its columns. It has none to lose if too many threads are
// involved already.
bool columns_stay(const diagnostic& d, std::set<int> more) {
    if (d.threads.size() > most_columns) return true;
    more.insert(d.threads.begin(), d.threads.end());
    return more.size() <= most_columns;
}

// Where the threads stand that the notes speak of.
void show_mentioned(const diagnostic& d, std::vector<trace_row>& rows) {
    if (!columns_stay(d, {d.mentioned.begin(), d.mentioned.end()})) return;
    for (const int t : d.mentioned) {
        const auto last = std::find_if(rows.rbegin(), rows.rend(),
                                       [&](const trace_row& row) { return row.thread == t; });
        if (last != rows.rend()) last->shown = true;
    }
}

// A single hidden step costs a row all the same.
void show_single_steps(const std::vector<int>& threads, std::vector<trace_row>& rows) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const bool alone = (i == 0 || rows[i - 1].shown) &&
                           (i + 1 == rows.size() || rows[i + 1].shown) && rows[i].steps() == 1;
        if (alone && contains(threads, rows[i].thread)) rows[i].shown = true;
    }
}

std::size_t shown_rows(const std::vector<trace_row>& rows) {
    return static_cast<std::size_t>(
        std::count_if(rows.begin(), rows.end(), [](const trace_row& row) { return row.shown; }));
}

void show(const execution_trace& trace, const diagnostic& d, std::vector<trace_row>& rows) {
    std::set<int> threads;
    for (const trace_row& row : rows) threads.insert(row.thread);
    const bool all = d.threads.empty() || (rows.size() <= rows_of_all && columns_stay(d, threads));
    for (trace_row& row : rows) row.shown = all || contains(d.threads, row.thread);
    show_mentioned(d, rows);
    fold_loops(trace, d, rows);
    if (shown_rows(rows) > rows_shown_whole) {
        unfold_loops(rows);
        for (trace_row& row : rows) row.shown = row.shown && matters(trace, d, row);
        show_mentioned(d, rows);
        fold_loops(trace, d, rows);
        if (shown_rows(rows) > most_rows) {
            keep_latest(trace, d, rows);
            show_mentioned(d, rows);
        }
        drop_unshown_loops(rows);
    }
    show_single_steps(shown_threads(rows, d), rows);
}

trace_row end_of(const execution_trace& trace, const diagnostic& d) {
    trace_row row;
    row.thread = trace.thread;
    row.shown = true;
    row.text = d.stopped_by;
    row.where = trace.where;
    return row;
}

}  // namespace

std::vector<trace_row> trace_rows(const execution_trace& trace, const name_table& names,
                                  const diagnostic& d) {
    std::vector<trace_row> rows = folding(trace, names)();
    if (rows.empty()) return rows;
    show(trace, d, rows);
    if (!d.stopped_by.empty() && trace.thread >= 0) rows.push_back(end_of(trace, d));
    return rows;
}

std::vector<int> shown_threads(const std::vector<trace_row>& rows, const diagnostic& d) {
    std::set<int> threads(d.threads.begin(), d.threads.end());
    for (const trace_row& row : rows)
        if (row.shown) threads.insert(row.thread);
    return {threads.begin(), threads.end()};
}

}  // namespace heddle::trace
