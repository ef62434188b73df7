// heddle_demo: the programs of the notes, one line each, then one failure in full and its replay in
// a new process.
//
//   heddle_demo                     all programs; exit code 0 if every verdict is the expected one
//   and the replay fails again heddle_demo --list              their names and sizes heddle_demo
//   --program=ab-ba     one program and its report; exit code 0 if its verdict is the expected one
//
// Takes every --heddle_* flag; a replay needs --program, as a schedule belongs to one program.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <iomanip>
#include <iostream>
#include <optional>
#include <span>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <heddle/detail/replay_command.hpp>
#include <heddle/heddle.hpp>

#include "programs.hpp"

namespace {

using heddle::notes::program;

constexpr int exit_as_expected = 0;
constexpr int exit_not_as_expected = 1;
constexpr int exit_usage = 2;

// The program whose report and replay end the demo.
constexpr std::string_view replayed_program = "ab-ba";

std::string milliseconds(std::chrono::nanoseconds elapsed) {
    std::ostringstream out;
    out << std::fixed << std::setprecision(1)
        << std::chrono::duration<double, std::milli>(elapsed).count() << " ms";
    return out.str();
}

std::string_view how(const heddle::result& r) {
    if (!r) return "found";
    return r.exhausted ? "proved" : "sampled";
}

// The widths of the two columns of text that the table decides; the others have a fixed one.
struct layout {
    int name = 0;
    int size = 0;

    explicit layout(std::span<const program> programs) {
        for (const program& p : programs) {
            name = std::max(name, static_cast<int>(p.name.size()) + 2);
            size = std::max(size, static_cast<int>(p.size.size()) + 2);
        }
    }
};

void print_row(const layout& columns, std::string_view name, std::string_view size,
               std::string_view verdict, std::string_view executions, std::string_view how,
               std::string_view time, std::string_view judgement) {
    std::cout << std::left << std::setw(columns.name) << name << std::setw(columns.size) << size
              << std::setw(19) << verdict << std::right << std::setw(10) << executions << "  "
              << std::left << std::setw(9) << how << std::right << std::setw(10) << time << "  "
              << std::left << judgement << std::endl;
}

std::string judgement(const program& p, const heddle::result& r) {
    if (heddle::notes::as_expected(p, r)) return "as expected";
    if (r.verdict == p.expected) return "NOT PROVED: " + r.summary;
    return "EXPECTED " + std::string(to_string(p.expected));
}

std::string program_argument(const program& p) { return "--program=" + std::string(p.name); }

std::string replay_argument(const std::string& replay) { return "--heddle_replay=" + replay; }

// Explores one program; its report will name the command that runs this program alone.
heddle::result explore(const program& p, std::string_view executable) {
    heddle::detail::set_command_line(std::string(executable) + " " + program_argument(p));
    return heddle::explore(p.options, p.body);
}

void print_report(const program& p, const heddle::result& r, std::string_view executable) {
    std::cout << p.name << " (" << p.size << "): " << to_string(r.verdict) << ", "
              << judgement(p, r) << '\n'
              << p.why << "\n\n";
    if (!r.failure) {
        std::cout << r.summary << '\n';
        return;
    }
    const std::string by_seed =
        std::to_string(r.failure->seed) + ":" + std::to_string(r.failure->execution);
    std::cout << r.failure->message << "\nby seed: " << executable << " " << program_argument(p)
              << " " << replay_argument(by_seed) << '\n';
}

// Runs this very executable in a new process and returns its exit code; -1: it was killed.
int run_self(std::string_view executable, std::string first, std::string second) {
    std::string self(executable);
    char* const argv[] = {self.data(), first.data(), second.data(), nullptr};
    std::cout.flush();
    const pid_t child = fork();
    if (child == 0) {
        execv("/proc/self/exe", argv);
        _exit(127);
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status)) return -1;
    return WEXITSTATUS(status);
}

int run_one(const program& p, std::string_view executable) {
    const heddle::result r = explore(p, executable);
    print_report(p, r, executable);
    return heddle::notes::as_expected(p, r) ? exit_as_expected : exit_not_as_expected;
}

int run_all(std::string_view executable) {
    const auto programs = heddle::notes::programs();
    const layout columns(programs);
    std::size_t right = 0;
    std::optional<heddle::result> to_replay;
    print_row(columns, "program", "size", "verdict", "executions", "", "time", "");
    for (const program& p : programs) {
        heddle::result r = explore(p, executable);
        if (heddle::notes::as_expected(p, r)) ++right;
        print_row(columns, p.name, p.size, to_string(r.verdict),
                  std::to_string(r.executions + r.deadlocks), how(r), milliseconds(r.elapsed),
                  judgement(p, r));
        if (p.name == replayed_program) to_replay = std::move(r);
    }
    std::cout << '\n' << right << " of " << programs.size() << " verdicts as expected\n\n";
    if (!to_replay || !to_replay->failure) {
        std::cout << replayed_program << " did not fail: there is nothing to replay\n";
        return exit_not_as_expected;
    }

    const program& p = *heddle::notes::find_program(replayed_program);
    print_report(p, *to_replay, executable);
    const std::string replay = replay_argument(to_replay->failure->replay);
    std::cout << "\n--- the replay, in a new process ---\n$ " << executable << " "
              << program_argument(p) << " " << replay << "\n\n";
    const int code = run_self(executable, program_argument(p), replay);
    const bool failed_again = code == exit_as_expected;
    std::cout << "\n--- the new process ended with code " << code << ": "
              << (failed_again ? "it failed again, in the same way" : "IT DID NOT FAIL AGAIN")
              << " ---\n";
    return right == programs.size() && failed_again ? exit_as_expected : exit_not_as_expected;
}

int list_programs() {
    const auto programs = heddle::notes::programs();
    const layout columns(programs);
    for (const program& p : programs) {
        std::cout << std::left << std::setw(columns.name) << p.name << std::setw(columns.size)
                  << p.size << to_string(p.expected) << '\n';
    }
    return exit_as_expected;
}

int usage_error(std::string_view what) {
    std::cerr << "heddle_demo: " << what
              << "\nusage: heddle_demo [--list | --program=NAME] [--heddle_...]\n";
    return exit_usage;
}

// Asked before `heddle::init` takes the flags away.
bool asks_for_replay(std::span<char*> arguments) {
    const char* from_environment = std::getenv("HEDDLE_REPLAY");
    if (from_environment != nullptr && *from_environment != '\0') return true;
    return std::any_of(arguments.begin(), arguments.end(), [](std::string_view argument) {
        return argument.starts_with("--heddle_replay");
    });
}

}  // namespace

int main(int argc, char** argv) {
    const bool replays = asks_for_replay({argv, static_cast<std::size_t>(argc)});
    heddle::init(&argc, argv);
    const std::string_view executable = argv[0];
    if (argc > 2) return usage_error("too many arguments");
    if (argc == 1) {
        if (replays) return usage_error("a replay is of one program: name it by --program=NAME");
        return run_all(executable);
    }
    const std::string_view argument = argv[1];
    if (argument == "--list") return list_programs();
    constexpr std::string_view program_flag = "--program=";
    if (!argument.starts_with(program_flag)) {
        return usage_error("unknown argument '" + std::string(argument) + "'");
    }
    const std::string_view name = argument.substr(program_flag.size());
    const program* p = heddle::notes::find_program(name);
    if (p == nullptr) {
        return usage_error("no program '" + std::string(name) + "'; --list shows them all");
    }
    try {
        return run_one(*p, executable);
    } catch (const std::invalid_argument& error) {  // a replay that is none
        return usage_error(error.what());
    }
}
