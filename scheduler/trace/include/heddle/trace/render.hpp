// Lays a diagnostic and the column trace of its execution out as text.
//
// Text is 100 columns wide; the first 25 lines stand alone; the trace follows, with hidden steps
// counted; the replay line is the last line, always.
#pragma once

#include <string>

#include <heddle/trace/diagnostic.hpp>
#include <heddle/trace/execution_trace.hpp>
#include <heddle/trace/names.hpp>

namespace heddle::trace {

// The value of an object as its user would write it: 7, -1, true, nullptr, 0x..., 1.5.
std::string show_value(const object_record& object, std::uint64_t bits);

// Exact, in the largest unit that keeps it a whole number: "10ms".
std::string show_time(std::int64_t nanoseconds);

// `x.store(1, release)` for a step, as the trace shows it. An order is shown unless it is seq_cst.
std::string show_event(const execution_trace& trace, const name_table& names, const event& e);
std::string show_event(const execution_trace& trace, const event& e);

// One column a thread, or one for all if more than four are involved. A short execution is shown
// whole. Else steps of threads that `d` does not involve are only counted, but for where the
// threads stand that its notes mention; in long executions also those on objects it does not
// involve.
std::string render_columns(const execution_trace& trace, const diagnostic& d);

// The whole report: headline, labelled places, why, notes, help, found, column trace, replay.
std::string render(const execution_trace& trace, const diagnostic& d);

}  // namespace heddle::trace
