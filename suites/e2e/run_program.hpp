// Runs a program to its end and keeps what it said.
#pragma once

#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace heddle::e2e {

struct program_run {
    int exit_code = -1;  // -1: it did not exit by itself
    int signal = 0;      // that ended it; 0: none
    std::string out;
    std::string err;
};

void PrintTo(const program_run& run, std::ostream* out);

using environment = std::vector<std::pair<std::string, std::string>>;

// Of the programs beside the tests: "e2e_clean".
std::string path_of(std::string_view program);

// `words[0]` is the path. The environment is that of the tests without HEDDLE_* and GTEST_*
// variables, and with `variables`. A program that takes more than a minute is ended.
program_run run(std::vector<std::string> words, const environment& variables = {});

// A line as a user would copy it.
program_run run_in_shell(const std::string& line, const environment& variables = {});

// What follows "replay: " in the last report of the output; empty: there is none.
std::string replay_line(const std::string& out);

// What follows "--heddle_replay=" in a replay line.
std::string replay_value(const std::string& line);

// The first line that begins with "error[".
std::string headline(const std::string& out);

// How often `part` occurs.
int count_of(std::string_view text, std::string_view part);

}  // namespace heddle::e2e
