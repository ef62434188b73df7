// The steps of an execution as the rows of its column trace: folded, and reduced to what matters.
#pragma once

#include <string>
#include <vector>

#include <heddle/trace/diagnostic.hpp>
#include <heddle/trace/names.hpp>

namespace heddle::trace {

// One or several steps that the user wrote as one call: a wait is three steps, or five.
struct trace_row {
    unsigned first = 0, last = 0;  // steps
    int thread = none;
    int before = none;  // the thread of the step before
    switch_reason reason = switch_reason::same_thread;
    bool shown = false;
    std::string text;
    place where;
    unsigned steps() const { return last - first + 1; }
};

// The threads that get a column, ascending: those `d` involves, or all if it names none.
std::vector<int> shown_threads(const execution_trace& trace, const diagnostic& d);

std::vector<trace_row> trace_rows(const execution_trace& trace, const name_table& names,
                                  const diagnostic& d);

}  // namespace heddle::trace
