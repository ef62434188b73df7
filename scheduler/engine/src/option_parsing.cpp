// Where options come from besides code: flags and environment, and the help that lists both.
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <heddle/scheduler/options.hpp>

#include "option_text.hpp"

namespace heddle {
namespace {

using scheduler::nearest_hint;

constexpr std::string_view flag_prefix = "--heddle_";
constexpr std::string_view variable_prefix = "HEDDLE_";
// Read by the tests that compare golden text, not by an exploration.
constexpr std::string_view approve_variable = "HEDDLE_APPROVE";

struct override_value {
    const option_info* option;
    std::string text;
};

// What flags and environment set, in the order given: the last one of a name wins.
struct overrides {
    std::vector<override_value> environment;
    std::vector<override_value> flags;
};

overrides& process_overrides() {
    static overrides all;
    return all;
}

std::string flag_of(const option_info& option) {
    return std::string{flag_prefix} + std::string{option.name};
}

std::string variable_of(const option_info& option) {
    std::string variable{variable_prefix};
    for (const char c : option.name) {
        variable += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    return variable;
}

bool is_switch(const option_info& option) { return option.value == "on|off"; }

std::string hint(std::string_view name, std::string (*spelling)(const option_info&)) {
    std::vector<std::string> texts;
    for (const option_info& option : option_table()) texts.push_back(spelling(option));
    return nearest_hint(name, std::vector<std::string_view>(texts.begin(), texts.end()));
}

// Reads one value and remembers it in the form that the option shows, so that a drawn seed is drawn
// once.
std::string remember(std::vector<override_value>& where, const option_info& option,
                     std::string_view text) {
    options scratch;
    std::string error = option.set(scratch, text);
    if (error.empty()) where.push_back({&option, option.show(scratch)});
    return error;
}

// ---- flags ----------------------------------------------------------------------------------

// Also what misses by the usual slips: one dash for two, a dash for the underscore.
bool is_meant_as_flag(std::string_view argument) {
    const std::size_t dashes = std::min(argument.find_first_not_of('-'), argument.size());
    const std::string_view rest = argument.substr(dashes);
    return (dashes == 1 || dashes == 2) &&
           (rest.starts_with("heddle_") || rest.starts_with("heddle-"));
}

std::string parse_flag(std::string_view argument) {
    const std::size_t equals = argument.find('=');
    const std::string_view name = argument.substr(0, equals);
    for (const option_info& option : option_table()) {
        if (flag_of(option) != name) continue;
        if (equals == argument.npos && !is_switch(option)) {
            return "flag " + scheduler::quoted(name) + " needs a value: " +
                   scheduler::quoted(flag_of(option) + "=" + std::string{option.value}) + ", " +
                   std::string{option.explanation};
        }
        const std::string_view text = equals == argument.npos ? "on" : argument.substr(equals + 1);
        const std::string error = remember(process_overrides().flags, option, text);
        return error.empty() ? error : "flag " + scheduler::quoted(name) + ": " + error;
    }
    return "there is no flag " + scheduler::quoted(name) + " (" + hint(name, flag_of) +
           "); --help lists all";
}

// ---- environment ----------------------------------------------------------------------------

std::string parse_variable(std::string_view variable, std::string_view text) {
    if (variable == approve_variable) return {};
    for (const option_info& option : option_table()) {
        if (variable_of(option) != variable) continue;
        const std::string error = remember(process_overrides().environment, option, text);
        return error.empty() ? error
                             : "environment variable " + scheduler::quoted(variable) + ": " + error;
    }
    return "there is no environment variable " + scheduler::quoted(variable) + " (" +
           hint(variable, variable_of) + "); --help lists all";
}

std::string read_environment() {
    std::vector<std::pair<std::string_view, std::string_view>> variables;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string_view text = *entry;
        const std::size_t equals = text.find('=');
        if (!text.starts_with(variable_prefix) || equals == text.npos) continue;
        variables.emplace_back(text.substr(0, equals), text.substr(equals + 1));
    }
    // The order of the environment is the shell's affair; the first error should not be.
    std::sort(variables.begin(), variables.end());
    for (const auto& [variable, text] : variables) {
        std::string error = parse_variable(variable, text);
        if (!error.empty()) return error;
    }
    return {};
}

}  // namespace

std::string parse_flags(int* argc, char** argv) {
    int kept = std::min(*argc, 1);
    int next = kept;
    std::string first_error;
    while (next < *argc) {
        const std::string_view argument = argv[next];
        if (argument == "--") break;  // what follows is not for flag parsers
        if (is_meant_as_flag(argument)) {
            std::string error = parse_flag(argument);
            if (first_error.empty()) first_error = std::move(error);
        } else {
            argv[kept++] = argv[next];
        }
        ++next;
    }
    while (next < *argc) argv[kept++] = argv[next++];
    if (kept < *argc) argv[kept] = nullptr;
    *argc = kept;
    return first_error;
}

std::string parse_environment() {
    static const std::string error = read_environment();
    return error;
}

options with_overrides(const options& from_code) {
    parse_environment();
    options o = from_code;
    for (const auto* const source :
         {&process_overrides().environment, &process_overrides().flags}) {
        for (const override_value& value : *source) value.option->set(o, value.text);
    }
    return o;
}

std::string option_help() {
    const options defaults;
    std::string help =
        "Options of heddle. Each is a flag and an environment variable: --heddle_seed=7, "
        "HEDDLE_SEED=7.\n"
        "A flag wins over the environment, the environment over the code.\n\n";
    for (const option_info& option : option_table()) {
        const std::string shown = option.show(defaults);
        help += "  " + flag_of(option) +
                (is_switch(option) ? "[=on|off]" : "=" + std::string{option.value}) + "\n";
        help += "      " + std::string{option.explanation};
        help += shown.empty() ? "\n" : " (default " + shown + ")\n";
    }
    return help;
}

}  // namespace heddle
