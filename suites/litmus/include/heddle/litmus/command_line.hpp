// What the arguments of heddle-litmus ask for.
#pragma once

#include <cstdint>
#include <heddle/litmus/runner.hpp>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace heddle::litmus {

struct command_line {
    std::vector<memory_model> models;  // empty: those the file has columns for, or cpp20
    search_strategy strategy = search_strategy::exhaustive;
    bool check = false;
    bool list_outcomes = false;
    bool help = false;
    std::optional<std::uint64_t> limit;  // of the expected graphs of a row
    std::optional<std::uint64_t> execution_limit;
    std::uint64_t seed = 1;
    std::vector<std::string> only;       // names of rows; empty: all
    std::optional<std::string> program;  // instead of files
    std::vector<std::string> files;
};

// Executions of `random` where no other limit is given; it never ends by itself.
inline constexpr std::uint64_t default_random_executions = 10'000;

// Names the argument and what would be right.
class usage_error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// `arguments` without the name of the program. Fails: usage_error.
command_line parse_command_line(std::span<const std::string_view> arguments);

std::string help_text();

}  // namespace heddle::litmus
