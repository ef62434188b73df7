#include <algorithm>
#include <array>
#include <heddle/litmus/command_line.hpp>
#include <heddle/litmus/table.hpp>
#include <heddle/litmus/text.hpp>

namespace heddle::litmus {
namespace {

constexpr std::array<std::string_view, 3> strategy_names{"exhaustive", "depth_first", "random"};

struct flag {
    std::string_view name;
    std::string_view value;  // empty: the flag takes none
    std::string_view help;
};

constexpr std::array<flag, 10> flags{{
    {"--model", "MODEL",
     "sc, rc11 or cpp20; may be repeated (default: all that the file has\ncolumns for, else "
     "cpp20)"},
    {"--strategy", "STRATEGY", "exhaustive (default), depth_first or random"},
    {"--check", "", "compare with the columns of the file; exit 1 if anything differs"},
    {"--limit", "N", "skip rows of which more than N graphs are expected"},
    {"--only", "NAME", "run the row of that name only; may be repeated"},
    {"--program", "TEXT", "run this program instead of files"},
    {"--outcomes", "", "print each outcome and its graphs in place of how many there are"},
    {"--execution_limit", "N", "end a search after N executions (default: none; random: 10000)"},
    {"--seed", "N", "of the strategy random (default: 1)"},
    {"--help", "", "print this text"},
}};

std::vector<std::string_view> flag_names() {
    std::vector<std::string_view> names;
    for (const flag& f : flags) names.push_back(f.name);
    return names;
}

std::uint64_t number(const flag& f, std::string_view value) {
    std::uint64_t result = 0;
    if (!parse_unsigned(value, result))
        throw usage_error("expected a number for " + std::string(f.name) + ", found " +
                          in_quotes(value));
    return result;
}

std::size_t choice(const flag& f, std::string_view value, std::span<const std::string_view> names) {
    const auto found = std::find(names.begin(), names.end(), value);
    if (found == names.end())
        throw usage_error("expected " + listed(names) + " for " + std::string(f.name) + ", found " +
                          in_quotes(value) + suggestion(value, names));
    return static_cast<std::size_t>(found - names.begin());
}

void apply_flag(command_line& c, const flag& f, std::string_view value) {
    if (f.name == "--model") {
        const memory_model model = all_models[choice(f, value, model_names)];
        if (std::find(c.models.begin(), c.models.end(), model) == c.models.end())
            c.models.push_back(model);
    } else if (f.name == "--strategy") {
        c.strategy = static_cast<search_strategy>(choice(f, value, strategy_names));
    } else if (f.name == "--check") {
        c.check = true;
    } else if (f.name == "--limit") {
        c.limit = number(f, value);
    } else if (f.name == "--only") {
        c.only.emplace_back(value);
    } else if (f.name == "--program") {
        c.program = std::string(value);
    } else if (f.name == "--outcomes") {
        c.list_outcomes = true;
    } else if (f.name == "--execution_limit") {
        c.execution_limit = number(f, value);
    } else if (f.name == "--seed") {
        c.seed = number(f, value);
    } else {
        c.help = true;
    }
}

void read_flag(command_line& c, std::string_view argument) {
    const std::size_t equals = argument.find('=');
    const std::string_view name = argument.substr(0, equals);
    const auto found =
        std::find_if(flags.begin(), flags.end(), [&](const flag& f) { return f.name == name; });
    if (found == flags.end())
        throw usage_error("unknown flag " + in_quotes(name) + suggestion(name, flag_names()) +
                          (nearest(name, flag_names()).empty() ? "; see --help" : ""));
    const bool has_value = equals != std::string_view::npos;
    if (found->value.empty() && has_value)
        throw usage_error("expected no value for " + std::string(name) + ", found " +
                          in_quotes(argument.substr(equals + 1)));
    if (!found->value.empty() && !has_value)
        throw usage_error("expected a value for " + std::string(name) + ", as in " +
                          std::string(name) + '=' + std::string(found->value));
    apply_flag(c, *found, has_value ? argument.substr(equals + 1) : std::string_view());
}

void check_combination(const command_line& c) {
    if (c.program && !c.files.empty())
        throw usage_error("expected files or --program, found both: " + in_quotes(c.files.front()) +
                          " and --program");
    if (!c.program && c.files.empty())
        throw usage_error("expected a CSV file or --program=TEXT, found neither; see --help");
    if (c.program && c.check)
        throw usage_error(
            "expected a file with --check, found --program, which has nothing to compare with");
    if (c.check && c.strategy == search_strategy::random)
        throw usage_error(
            "expected exhaustive or depth_first with --check, found 'random', which leaves out "
            "outcomes");
}

}  // namespace

command_line parse_command_line(std::span<const std::string_view> arguments) {
    command_line c;
    bool only_files = false;  // after "--"
    for (const std::string_view argument : arguments) {
        if (!only_files && argument == "--")
            only_files = true;
        else if (!only_files && argument.size() > 1 && argument[0] == '-')
            read_flag(c, argument);
        else
            c.files.emplace_back(argument);
    }
    if (!c.help) check_combination(c);
    return c;
}

std::string help_text() {
    std::string text =
        "usage: heddle-litmus [flags] FILE.csv...\n"
        "       heddle-litmus [flags] --program='x.store(1,rlx) | r0=x.load(acq)'\n"
        "\n"
        "Explores litmus programs and prints a CSV row for each and each memory model.\n"
        "\n";
    constexpr std::size_t width = 24;
    for (const flag& f : flags) {
        std::string line =
            "  " + std::string(f.name) + (f.value.empty() ? "" : '=' + std::string(f.value));
        line.resize(std::max(width, line.size() + 1), ' ');
        for (const char c : f.help)
            line += c == '\n' ? '\n' + std::string(width, ' ') : std::string(1, c);
        text += line + '\n';
    }
    return text +
           "\n"
           "exit status: 0, 1 if --check found a difference or a program could not be run,\n"
           "             2 for a wrong flag or file\n";
}

}  // namespace heddle::litmus
