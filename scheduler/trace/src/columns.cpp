// The column trace: a column for each thread, reasons of switches between the rows, places right.
#include <algorithm>
#include <map>
#include <set>

#include <heddle/trace/render.hpp>
#include <heddle/trace/source.hpp>

#include "text_layout.hpp"
#include "trace_rows.hpp"

namespace heddle::trace {
namespace {

constexpr std::size_t least_width = 12;  // of a column
constexpr std::size_t last_width = 24;   // of the last column, where no text may run on
constexpr std::size_t margin = 3;
constexpr std::size_t gap = 2;

// The last part of a path where that tells the files of the trace apart.
class short_places {
public:
    explicit short_places(const std::vector<trace_row>& rows) {
        for (const trace_row& row : rows)
            if (row.shown && row.where.known()) files_[base(row.where.file)].insert(row.where.file);
    }
    std::string operator()(const place& where) const {
        if (!where.known()) return {};
        const auto found = files_.find(base(where.file));
        if (found == files_.end() || found->second.size() > 1) return show_place(where);
        return base(where.file) + ':' + std::to_string(where.line);
    }

private:
    std::map<std::string, std::set<std::string>> files_;
    static std::string base(const std::string& path) { return path.substr(path.rfind('/') + 1); }
};

std::string counted_steps(unsigned steps) {
    return '(' + std::to_string(steps) + (steps == 1 ? " step hidden)" : " steps hidden)");
}

class column_trace {
public:
    column_trace(const execution_trace& trace, const name_table& names, const diagnostic& d)
        : names_(names),
          rows_(trace_rows(trace, names, d)),
          threads_(shown_threads(rows_, d)),
          places_(rows_) {}

    std::string operator()() {
        if (rows_.empty() || threads_.empty()) return {};
        by_name_ = threads_.size() > most_columns || !lay_out();
        if (by_name_) lay_out_by_name();
        head();
        int last_shown = none;
        for (std::size_t i = 0; i < rows_.size();) {
            if (!rows_[i].shown) {
                i = rows_[i].rounds ? folded(i) : hidden(i);
                continue;
            }
            if (last_shown != none && rows_[i].thread != last_shown) switch_line(i);
            step(rows_[i]);
            last_shown = rows_[i].thread;
            ++i;
        }
        return out_;
    }

private:
    const name_table& names_;
    std::vector<trace_row> rows_;
    std::vector<int> threads_;
    short_places places_;
    bool by_name_ = false;  // one column for all threads, their names before it
    std::size_t steps_width_ = 4;
    std::vector<std::size_t> column_at_;  // where each column begins
    std::size_t place_at_ = 0;
    std::string out_;

    static std::string steps_of(unsigned first, unsigned last) {
        if (first == 0) return {};
        if (first == last) return std::to_string(first);
        return std::to_string(first) + '-' + std::to_string(last);
    }

    std::size_t column_of(int thread) const {
        const auto found = std::find(threads_.begin(), threads_.end(), thread);
        return static_cast<std::size_t>(found - threads_.begin());
    }

    std::size_t left_of_columns() const { return margin + steps_width_ + gap; }

    std::size_t place_width() const {
        std::size_t width = 0;
        for (const trace_row& row : rows_)
            if (row.shown) width = std::max(width, display_width(places_(row.where)));
        return width;
    }

    void measure_steps() {
        for (std::size_t i = 0; i < rows_.size();) {
            const std::size_t end = rows_[i].rounds  ? rows_[i].loop_end
                                    : rows_[i].shown ? i + 1
                                                     : hidden_end(i);
            if (!rows_[i].rounds)
                steps_width_ =
                    std::max(steps_width_, steps_of(rows_[i].first, rows_[end - 1].last).size());
            i = end;
        }
    }

    // False if the columns would be too narrow to be read, or a result would be cut. A long text
    // may run on over the columns right of it, since a row has only one: what a column needs is
    // room for most of its texts.
    bool lay_out() {
        measure_steps();
        const std::size_t count = threads_.size();
        std::vector<std::size_t> needs(count, least_width);
        for (std::size_t k = 0; k < count; ++k)
            needs[k] = std::max(needs[k], display_width(names_.thread(threads_[k])));
        for (const trace_row& row : rows_) {
            if (!row.shown) continue;
            std::size_t& need = needs[column_of(row.thread)];
            need = std::max(need, display_width(row.text));
        }
        const std::size_t places = place_width();
        const std::size_t taken = left_of_columns() + places + gap;
        if (taken + count * (least_width + gap) > report_width) return false;
        const std::size_t room = report_width - taken;
        if (!squeeze(needs, room)) return false;
        std::size_t at = left_of_columns();
        for (const std::size_t need : needs) {
            column_at_.push_back(at);
            at += need + gap;
        }
        place_at_ = at;
        return std::all_of(rows_.begin(), rows_.end(), [&](const trace_row& row) {
            return !row.shown || least_width_of_step(row.text) + gap <=
                                     place_at_ - column_at_[column_of(row.thread)];
        });
    }

    // Narrows the columns until they fit. The last one, with nothing right of it, narrows last.
    static bool squeeze(std::vector<std::size_t>& needs, std::size_t room) {
        const auto sum = [&] {
            std::size_t all = 0;
            for (const std::size_t need : needs) all += need + gap;
            return all;
        };
        while (sum() > room) {
            const auto widest = std::max_element(needs.begin(), needs.end() - 1);
            if (needs.size() > 1 && *widest > least_width) {
                --*widest;
            } else if (needs.back() > last_width) {
                --needs.back();
            } else {
                return false;
            }
        }
        return true;
    }

    void lay_out_by_name() {
        measure_steps();
        std::size_t name = std::string("thread").size(), text = least_width;
        for (const int t : threads_) name = std::max(name, display_width(names_.thread(t)));
        name = std::min<std::size_t>(name, 20);
        for (const trace_row& row : rows_)
            if (row.shown) text = std::max(text, display_width(row.text));
        column_at_ = {left_of_columns(), left_of_columns() + name + gap};
        const std::size_t places = place_width();
        const std::size_t natural = column_at_[1] + text + gap;
        const std::size_t latest = report_width > places ? report_width - places : 0;
        place_at_ = std::max(column_at_[1] + least_width + gap, std::min(natural, latest));
    }

    // A row: its steps, texts at their columns, the place.
    void line(const std::string& steps,
              const std::vector<std::pair<std::size_t, std::string>>& cells,
              const std::string& where = {}) {
        std::string text = std::string(margin, ' ') + right_aligned(steps, steps_width_);
        for (std::size_t k = 0; k < cells.size(); ++k) {
            const auto& [at, cell] = cells[k];
            const std::size_t next = k + 1 < cells.size() ? cells[k + 1].first
                                     : where.empty()      ? report_width + gap
                                                          : place_at_;
            text = padded(text, at) + shortened_step(cell, next - at - gap);
        }
        if (!where.empty()) text = padded(text, place_at_) + where;
        text.erase(text.find_last_not_of(' ') + 1);
        out_ += text + '\n';
    }

    void head() {
        std::vector<std::pair<std::size_t, std::string>> cells;
        if (by_name_) {
            cells = {{column_at_[0], "thread"}};
        } else {
            for (std::size_t k = 0; k < threads_.size(); ++k)
                cells.emplace_back(column_at_[k], names_.thread(threads_[k]));
        }
        line("step", cells);
    }

    void step(const trace_row& row) {
        const std::string steps = steps_of(row.first, row.last);
        if (by_name_) {
            line(steps, {{column_at_[0], names_.thread(row.thread)}, {column_at_[1], row.text}},
                 places_(row.where));
        } else {
            line(steps, {{column_at_[column_of(row.thread)], row.text}}, places_(row.where));
        }
    }

    // Before the row at `i`, whose thread is another than that of the row shown before: the reason
    // of the switch to it, which may stand in a hidden step just before.
    void switch_line(std::size_t i) {
        std::size_t k = i;
        while (rows_[k].reason == switch_reason::same_thread && k > 0 && !rows_[k - 1].shown &&
               rows_[k - 1].thread == rows_[i].thread)
            --k;
        const trace_row& row = rows_[k];
        const std::string& left = names_.thread(row.before);
        std::string reason;
        switch (row.reason) {
            case switch_reason::same_thread: return;
            case switch_reason::preemption: reason = "preemption"; break;
            case switch_reason::blocked: reason = left + " is blocked"; break;
            case switch_reason::exited: reason = left + " has ended"; break;
            case switch_reason::yielded: reason = left + " gives way"; break;
        }
        line("",
             {{left_of_columns(), "switch to " + names_.thread(row.thread) + " (" + reason + ')'}});
    }

    // The end of the rows that are hidden from `i` on, but for loops.
    std::size_t hidden_end(std::size_t i) const {
        while (i < rows_.size() && !rows_[i].shown && !rows_[i].rounds) ++i;
        return i;
    }

    // The rounds of a loop that begin at `i`. Returns their end.
    std::size_t folded(std::size_t i) {
        const std::size_t end = rows_[i].loop_end;
        line("", {{left_of_columns(), "... " + std::to_string(rows_[i].rounds) +
                                          (rows_[i].rounds == 1 ? " round" : " rounds") +
                                          " like this, steps " + std::to_string(rows_[i].first) +
                                          " to " + std::to_string(rows_[end - 1].last) + " ..."}});
        return end;
    }

    // The run of hidden rows that begins at `i`, counted for each thread. Returns its end.
    std::size_t hidden(std::size_t i) {
        const std::size_t end = hidden_end(i);
        std::map<int, unsigned> counts;
        std::set<int> others;
        unsigned of_others = 0, in_all = 0;
        for (std::size_t k = i; k < end; ++k) {
            const trace_row& row = rows_[k];
            in_all += row.steps();
            if (column_of(row.thread) < threads_.size()) {
                counts[row.thread] += row.steps();
            } else {
                others.insert(row.thread);
                of_others += row.steps();
            }
        }
        std::string steps = steps_of(rows_[i].first, rows_[end - 1].last);
        if (by_name_) {
            line(steps, {{column_at_[0], counted_steps(in_all)}});
            return end;
        }
        std::vector<std::pair<std::size_t, std::string>> cells;
        for (const auto& [thread, count] : counts) {
            std::string text = counted_steps(count);
            const std::size_t k = column_of(thread);
            const std::size_t next = k + 1 < threads_.size() ? column_at_[k + 1] : report_width;
            if (column_at_[k] + display_width(text) + gap > next)
                text = '(' + std::to_string(count) + " hidden)";
            cells.emplace_back(column_at_[k], text);
        }
        if (!cells.empty()) {
            line(steps, cells);
            steps.clear();
        }
        if (of_others > 0) {
            std::string text = counted_steps(of_others);
            const std::string whose = others.size() == 1
                                          ? names_.thread(*others.begin())
                                          : std::to_string(others.size()) + " other threads";
            text.insert(text.find(" hidden"), " of " + whose);
            line(steps, {{left_of_columns(), text}});
        }
        return end;
    }
};

}  // namespace

std::string render_columns(const execution_trace& trace, const diagnostic& d) {
    const name_table names(trace);
    return column_trace(trace, names, d)();
}

}  // namespace heddle::trace
