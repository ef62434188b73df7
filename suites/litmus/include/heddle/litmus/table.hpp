// A table of litmus programs with the figures expected for each, and their comparison with what a
// search found.
//
// Columns, by the first row; others are passed over, and only `program` has to be there:
//   name, or family and n (shown as family(n)) · program · condition
//   for MODEL sc, rc11, cpp20:
//   MODEL_graphs, MODEL_deadlocks   numbers
//   MODEL_race                      yes, no, 1, 0
//   MODEL_outcomes                  `outcome#graphs ; ...`, or how many, or `N outcomes, hash H`
//   MODEL_hash                      of the outcomes (outcome.hpp)
//   MODEL_condition                 allowed, forbidden: is `condition`, a part of an outcome, seen
// An empty cell says nothing.
#pragma once

#include <array>
#include <cstdint>
#include <heddle/litmus/csv.hpp>
#include <heddle/litmus/program.hpp>
#include <heddle/litmus/runner.hpp>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace heddle::litmus {

inline constexpr std::array<memory_model, 3> all_models{memory_model::sc, memory_model::rc11,
                                                        memory_model::cpp20};
inline constexpr std::array<std::string_view, 3> model_names{"sc", "rc11", "cpp20"};
inline std::string_view to_string(memory_model m) {
    return model_names[static_cast<std::size_t>(m)];
}

struct expectation {
    std::optional<std::uint64_t> graphs, deadlocks;
    std::optional<bool> race;
    std::optional<std::uint64_t> outcome_count;  // distinct ones
    std::optional<std::string> outcome_hash;     // 16 hexadecimal digits
    std::optional<std::map<std::string, std::optional<std::uint64_t>>>
        outcomes;  // and, where given, their graphs
    std::optional<bool> condition_allowed;

    bool says_something() const;
};

struct table_row {
    std::string name;
    position where;                       // of the row
    csv_cell program;                     // empty: the row only tells a figure
    std::string condition;                // "0:r0=0 x=1": entries that an outcome has to contain
    std::array<expectation, 3> expected;  // by model
};

struct table {
    std::vector<table_row> rows;
    std::array<bool, 3> has_model{};  // some column is about it
};

// Fails: input_error, with the cell that cannot be understood.
table read_table(std::string_view csv);

// Fails: input_error, at the place in the file.
program parse_program(const table_row& row);

// One line a difference; none: all that is expected was found. Of a racy program only the flag is
// compared. Unless the search is exhaustive its executions are not graphs: then outcomes are
// compared without their counts, and the others for being 0 or not.
std::vector<std::string> compare(const table_row& row, const row_result& found,
                                 const run_options& options);

}  // namespace heddle::litmus
