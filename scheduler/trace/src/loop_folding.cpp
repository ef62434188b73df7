#include "loop_folding.hpp"

#include <algorithm>
#include <charconv>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

#include "repetitions.hpp"

namespace heddle::trace {
namespace {

constexpr unsigned most_in_a_range = 2 * longest_round;  // of steps: "the steps 13 to 20"

// What two rows have in common that do the same.
std::string deed_of(const execution_trace& trace, const trace_row& row) {
    std::string deed = row.where.file + ':' + std::to_string(row.where.line);
    const auto add = [&](auto value) { deed += ' ' + std::to_string(value); };
    for (unsigned step = row.first; step <= row.last; ++step) {
        const event* const e = event_at(trace, step);
        if (!e) continue;
        add(e->thread);
        add(static_cast<int>(e->op));
        add(e->object);
        add(e->other_thread);
        add(static_cast<int>(e->memory_order));
        for (const bool effect :
             {e->reads, e->writes, e->blocked, e->spurious, e->timed, e->timed_out, e->stale})
            add(effect);
        for (const int thread : e->woken) add(thread);
    }
    return deed;
}

// The steps that a text names: "at step 7", "the steps 13 to 20 repeat".
void add_steps_in(std::string_view text, std::set<unsigned>& steps) {
    const auto number_at = [&](std::size_t at, unsigned& number) {
        const char* const begin = text.data() + std::min(at, text.size());
        return std::from_chars(begin, text.data() + text.size(), number).ptr - begin;
    };
    for (std::size_t at = 0; (at = text.find("step", at)) != text.npos;) {
        at += text.substr(at).starts_with("steps ") ? 6 : 5;
        unsigned first = 0;
        const auto digits = number_at(at, first);
        if (digits == 0) continue;
        at += static_cast<std::size_t>(digits);
        unsigned last = first;
        if (text.substr(at).starts_with(" to ")) number_at(at + 4, last);
        last = std::min(last, first + most_in_a_range);
        for (unsigned step = first; step <= last; ++step) steps.insert(step);
    }
}

// Those that the diagnostic speaks of, and where the threads of its notes stand.
std::set<unsigned> mentioned_steps(const execution_trace& trace, const diagnostic& d,
                                   const std::vector<trace_row>& rows) {
    std::set<unsigned> steps{trace.step, trace.other_step};
    for (const label& l : d.labels) add_steps_in(l.text, steps);
    for (const auto* const texts : {&d.why, &d.notes, &d.help})
        for (const std::string& text : *texts) add_steps_in(text, steps);
    for (const thread_end& end : trace.ends) steps.insert(end.since);
    for (const int thread : d.mentioned)
        for (auto row = rows.rbegin(); row != rows.rend(); ++row)
            if (row->thread == thread) {
                steps.insert(row->last);
                break;
            }
    return steps;
}

class folding_of_loops {
public:
    folding_of_loops(const execution_trace& trace, const diagnostic& d,
                     std::vector<trace_row>& rows)
        : rows_(rows), mentioned_(mentioned_steps(trace, d, rows)) {
        std::unordered_map<std::string, std::uint32_t> deeds;
        for (std::size_t i = 0; i < rows.size(); ++i) {
            if (!rows[i].shown) continue;
            shown_.push_back(i);
            const auto next = static_cast<std::uint32_t>(deeds.size());
            sequence_.push_back(deeds.try_emplace(deed_of(trace, rows[i]), next).first->second);
        }
    }

    void operator()() {
        for (const repetition& r : repetitions_of(sequence_))
            for (std::size_t round = 1; round + 1 < r.rounds;) {
                std::size_t end = round;
                while (end + 1 < r.rounds && !is_mentioned(r, end)) ++end;
                // One that is a single row costs a row all the same.
                if (end > round && (end - round) * r.length > 1) hide(r, round, end);
                round = end + 1;
            }
    }

private:
    std::vector<trace_row>& rows_;
    std::set<unsigned> mentioned_;
    std::vector<std::size_t> shown_;       // rows
    std::vector<std::uint32_t> sequence_;  // what each of them does

    // The row with which a round begins; hidden rows before it belong to the round before.
    std::size_t begin_of(const repetition& r, std::size_t round) const {
        return shown_[r.begin + round * r.length];
    }
    bool is_mentioned(const repetition& r, std::size_t round) const {
        for (std::size_t k = r.begin + round * r.length; k < r.begin + (round + 1) * r.length;
             ++k) {
            const auto step = mentioned_.lower_bound(rows_[shown_[k]].first);
            if (step != mentioned_.end() && *step <= rows_[shown_[k]].last) return true;
        }
        return false;
    }
    void hide(const repetition& r, std::size_t round, std::size_t end) {
        const std::size_t first = begin_of(r, round), past = begin_of(r, end);
        for (std::size_t i = first; i < past; ++i) {
            rows_[i].in_loop = rows_[i].shown;
            rows_[i].shown = false;
        }
        rows_[first].rounds = end - round;
        rows_[first].loop_end = past;
        rows_[first].like = shown_[r.begin + round * r.length - 1];
    }
};

}  // namespace

void fold_loops(const execution_trace& trace, const diagnostic& d, std::vector<trace_row>& rows) {
    folding_of_loops(trace, d, rows)();
}

void unfold_loops(std::vector<trace_row>& rows) {
    for (trace_row& row : rows) {
        row.shown = row.shown || row.in_loop;
        row.in_loop = false;
        row.rounds = 0;
    }
}

void drop_unshown_loops(std::vector<trace_row>& rows) {
    for (trace_row& row : rows)
        if (row.rounds && !rows[row.like].shown && !rows[row.loop_end].shown) row.rounds = 0;
}

}  // namespace heddle::trace
