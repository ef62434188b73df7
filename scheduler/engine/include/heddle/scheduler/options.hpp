// What an exploration may be told. One table (`option_table`) feeds field, flag, environment
// variable and docs.
//
//   heddle::explore({.seed = 7, .preemption_bound = 2}, body);
//   HEDDLE_SEED=7 ./queue_test            ./queue_test --heddle_seed=7
//
// Precedence: flag, environment, code, default.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <heddle/scheduler/strategy.hpp>

namespace heddle {

enum class memory_model { cpp20, rc11, sc };

std::string_view to_string(memory_model m) noexcept;

struct options {
    heddle::strategy strategy = strategies::automatic{};
    std::uint64_t seed = 1;
    std::uint64_t execution_limit = 0;       // 0: none
    std::chrono::milliseconds time_limit{};  // 0: none
    std::uint64_t exhaustive_budget = 20'000'000,
                  sample_budget = 20'000'000;  // in steps: each half of `automatic`
    std::optional<unsigned> preemption_bound{};
    heddle::memory_model memory_model = memory_model::cpp20;
    unsigned step_limit = 20'000;  // steps in one execution, 1 to 30,000
    unsigned early_timeout_bound =
        2;  // a timed wait may time out while others could run, so often a thread
    // Rounds of a loop that waits by looking, in which it finds the same, before its thread waits
    // for a change; loops that end by themselves are not bounded.
    unsigned unproductive_bound = 4;
    unsigned spurious_bound =
        0;  // spurious wakeups and weak-CAS failures an execution; `automatic` repeats with 1
    std::string replay{};   // a schedule string, or seed:execution
    unsigned break_at = 0;  // a replay calls heddle_break in this step, for a debugger; 0: never
    std::size_t stack_bytes = 256 * 1024;  // of each modelled thread, above its guard
    std::filesystem::path report_dir{};    // where failures are written; empty: nowhere
    bool keep_going = false;    // explore on after a failing execution; deadlocked graphs are
                                // completed and counted once
    bool progress = true;       // say how far a search of more than a second is, on stderr
    bool detect_leaks = false;  // blocks that outlive their execution are a failure
    bool isolate = false;       // explore in a forked child, so that a crash is a verdict
};

// One option as the table has it.
struct option_info {
    std::string_view name;         // "step_limit": field, --heddle_step_limit, HEDDLE_STEP_LIMIT
    std::string_view value;        // "N", "NAME", "MS", "on|off"
    std::string_view explanation;  // one line for --help
    // Sets the field; returns an empty string, or why not and what would be right.
    std::string (*set)(options&, std::string_view text);
    std::string (*show)(const options&);
};

std::span<const option_info> option_table();

// Applies `name = text`. Returns an empty string, or an error that names the value and what would
// be right.
std::string set_option(options& o, std::string_view name, std::string_view text);

// Overrides of flags and environment, in force for every exploration of the process. `parse_flags`
// takes --heddle_* arguments out of argv; it returns an error text for the first bad one (unknown
// name: with the nearest known one). `environment_error` is the error of the first bad HEDDLE_*
// variable, or empty; it is computed once.
std::string parse_flags(int* argc, char** argv);
std::string parse_environment();
options with_overrides(const options& from_code);
std::string option_help();  // for --help

// Checks ranges; an empty string, or the first error.
std::string validate(const options& o);

}  // namespace heddle
