// The user's source text, as far as a report shows it: lines, spans to mark, paths to print.
//
// Files are read when a report is made and kept; a file that cannot be read is no error, the
// functions then return empty results. Nothing here parses C++: each function looks at one line and
// answers only where that line leaves no doubt.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <heddle/trace/execution_trace.hpp>

namespace heddle::trace {

// A path as reports print it: relative to the root when below it, else as given.
// The root is the current directory unless `set_display_root` named another; an empty text undoes
// that. A relative `file` that does not exist from the current directory is looked for from the
// root.
std::string display_path(std::string_view file);
void set_display_root(std::string root);

// "pool.hpp:63", or "an unknown place".
std::string show_place(const place& where);

// Line `line` (from 1) of a file, tabs widened to four columns; nothing if it cannot be read.
std::optional<std::string> source_line(std::string_view file, unsigned line);

// Part of a line, in bytes.
struct text_span {
    std::size_t begin = 0, end = 0;
    friend bool operator==(const text_span&, const text_span&) = default;
};

// The code of a line: from the first non-blank, without a trailing comment, `;` or `{`.
text_span code_span(std::string_view line);

// The call by which a line performs `op`, `pending_.load()`, if the line has exactly one such call.
std::optional<text_span> call_span(std::string_view line, operation op);

// Where a line has `expression` as a whole, if it has it exactly once.
std::optional<text_span> expression_span(std::string_view line, std::string_view expression);

// What a line performs `op` on, as written: `from.mutex_`, `slots_[tail]`. For locks also the
// argument of a std guard; for a write of plain data the left side of an assignment.
std::optional<std::string> operand_text(std::string_view line, operation op);

// The names that a line declares with a type of `kind`, in their order: `mutex_` in `typename
// Backend::mutex mutex_;`, both in `std::atomic<int> head{0}, tail{0};`.
std::vector<std::string> declared_names(std::string_view line, object_kind kind);

// Where a call begins that ends in the line of `where`, `}};`: so compilers give the place of a
// thread whose function is a lambda of several lines. Otherwise `where` itself.
place begin_of_call(const place& where);

}  // namespace heddle::trace
