// The steps of an execution as the rows of its column trace: folded, and reduced to what matters.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <heddle/trace/diagnostic.hpp>
#include <heddle/trace/names.hpp>

namespace heddle::trace {

inline constexpr std::size_t most_columns = 4;  // threads that get a column each

// One or several steps that the user wrote as one call: a wait is three steps, or five. Or, as the
// last, what stopped the execution without being a step of it.
struct trace_row {
    unsigned first = 0, last = 0;  // steps; 0: none
    int thread = none;
    int before = none;  // the thread of the step before
    switch_reason reason = switch_reason::same_thread;
    bool shown = false;
    bool in_loop = false;      // hidden, since other rounds of its loop are shown
    std::size_t rounds = 0;    // so many rounds are hidden, from this row up to
    std::size_t loop_end = 0;  // that one;
    std::size_t like = 0;      // the last row of the round before
    std::string text;
    place where;
    unsigned steps() const { return last - first + 1; }
};

std::vector<trace_row> trace_rows(const execution_trace& trace, const name_table& names,
                                  const diagnostic& d);

// The threads that get a column, ascending: those `d` involves, and those with a row that is shown.
std::vector<int> shown_threads(const std::vector<trace_row>& rows, const diagnostic& d);

}  // namespace heddle::trace
