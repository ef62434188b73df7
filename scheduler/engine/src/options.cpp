// The table of options, and how the text of each is read and shown. Where texts come from (flags,
// environment) is in option_parsing.cpp.
#include <algorithm>
#include <array>
#include <charconv>
#include <cinttypes>
#include <cstdio>
#include <limits>
#include <random>
#include <string>
#include <system_error>
#include <type_traits>
#include <variant>

#include <heddle/scheduler/options.hpp>
#include <heddle/trace/schedule.hpp>

#include "option_text.hpp"

namespace heddle {
namespace {

using scheduler::nearest_hint;
using scheduler::one_of;

constexpr std::uint64_t any_number = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint64_t longest_time = 31'536'000'000;  // milliseconds in 365 days
constexpr std::uint64_t deepest_pct = 1'000;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string range_text(std::uint64_t low, std::uint64_t high) {
    return std::to_string(low) + " to " + std::to_string(high);
}

auto constant(const char* text) {
    return [text] { return std::string(text); };
}

// What is wrong with `text` as a whole number in [low, high], followed by what `expected` returns;
// empty: nothing.
template <class Expected>
std::string read_number(std::string_view text, std::uint64_t low, std::uint64_t high,
                        Expected expected, std::uint64_t& out) {
    if (text.empty()) return "the value is empty; expected " + expected();
    if (text.size() > 1 && text[0] == '-' && is_digit(text[1])) {
        return scheduler::quoted(text) + " is negative; expected " + expected();
    }
    std::uint64_t value = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, value);
    if (rest == text.data())
        return scheduler::quoted(text) + " is not a number; expected " + expected();
    if (rest != end) {
        const std::string_view junk{rest, static_cast<std::size_t>(end - rest)};
        return scheduler::quoted(text) + " has " + scheduler::quoted(junk) +
               " after its digits; expected " + expected();
    }
    if (error == std::errc::result_out_of_range || value > high) {
        return scheduler::quoted(text) + " is too large; expected " + expected();
    }
    if (value < low) return scheduler::quoted(text) + " is too small; expected " + expected();
    out = value;
    return {};
}

// ---- plain numbers and switches -------------------------------------------------------------

template <auto Member, std::uint64_t Low, std::uint64_t High>
std::string set_number(options& o, std::string_view text) {
    using number = std::remove_reference_t<decltype(o.*Member)>;
    static_assert(High <= std::numeric_limits<number>::max());
    std::uint64_t value = 0;
    const auto expected = [] { return "a whole number, " + range_text(Low, High); };
    std::string error = read_number(text, Low, High, expected, value);
    if (error.empty()) o.*Member = static_cast<number>(value);
    return error;
}

template <auto Member>
std::string show_number(const options& o) {
    return std::to_string(o.*Member);
}

template <bool options::*Member>
std::string set_switch(options& o, std::string_view text) {
    if (text == "on" || text == "true" || text == "1") {
        o.*Member = true;
    } else if (text == "off" || text == "false" || text == "0") {
        o.*Member = false;
    } else if (text.empty()) {
        return "the value is empty; expected on or off";
    } else {
        return scheduler::quoted(text) +
               " is neither on nor off; expected on, true, 1, off, false or 0";
    }
    return {};
}

template <bool options::*Member>
std::string show_switch(const options& o) {
    return o.*Member ? "on" : "off";
}

// ---- strategy -------------------------------------------------------------------------------

constexpr std::array<std::string_view, 5> strategy_names{"automatic", "exhaustive", "depth_first",
                                                         "random", "pct"};

std::string set_strategy(options& o, std::string_view text) {
    const std::string expected = one_of(strategy_names) + " (or pct:DEPTH)";
    const std::size_t colon = text.find(':');
    const std::string_view name = text.substr(0, colon);
    if (text.empty()) return "the value is empty; expected " + expected;
    if (std::find(strategy_names.begin(), strategy_names.end(), name) == strategy_names.end()) {
        return scheduler::quoted(text) + " is no strategy (" + nearest_hint(name, strategy_names) +
               "); expected " + expected;
    }
    if (colon != text.npos && name != "pct") {
        return scheduler::quoted(text) + ": " + scheduler::quoted(name) +
               " takes no number, only pct does; expected " + expected;
    }
    if (name == "automatic") o.strategy = strategies::automatic{};
    if (name == "exhaustive") o.strategy = strategies::exhaustive{};
    if (name == "depth_first") o.strategy = strategies::depth_first{};
    if (name == "random") o.strategy = strategies::random{};
    if (name == "pct") {
        std::uint64_t depth = 0;
        if (colon != text.npos) {
            std::string error = read_number(
                text.substr(colon + 1), 0, deepest_pct,
                [] {
                    return "pct:DEPTH with a depth of " + range_text(0, deepest_pct) +
                           " (0: 1, 2, 3 in turn)";
                },
                depth);
            if (!error.empty()) return scheduler::quoted(text) + ": " + error;
        }
        o.strategy = strategies::pct{.depth = static_cast<unsigned>(depth)};
    }
    return {};
}

std::string show_strategy(const options& o) {
    const auto* pct = std::get_if<strategies::pct>(&o.strategy);
    if (pct != nullptr && pct->depth != 0) return "pct:" + std::to_string(pct->depth);
    return to_string(o.strategy);
}

// ---- the other values with a form of their own ----------------------------------------------

std::string set_seed(options& o, std::string_view text) {
    if (text == "random") {
        std::random_device device;
        o.seed = (std::uint64_t{device()} << 32) | device();
        std::fprintf(stderr,
                     "heddle: drew the seed %" PRIu64 "; --heddle_seed=%" PRIu64 " repeats it\n",
                     o.seed, o.seed);
        return {};
    }
    const auto expected = [] {
        return "a whole number, " + range_text(0, any_number) + ", or random";
    };
    return read_number(text, 0, any_number, expected, o.seed);
}

std::string set_time_limit(options& o, std::string_view text) {
    const auto expected = [] {
        return "a duration such as 1500, 1500ms or 2s, at most " + std::to_string(longest_time) +
               "ms (0: no limit)";
    };
    const auto digits_end = std::find_if_not(text.begin(), text.end(), is_digit);
    const auto digit_count = static_cast<std::size_t>(digits_end - text.begin());
    const std::string_view unit = text.substr(digit_count);
    const bool in_seconds = unit == "s";
    // Without digits, or with another unit, the whole text goes to the reader: its error quotes it.
    const bool unit_known = digit_count > 0 && (in_seconds || unit == "ms");
    std::uint64_t count = 0;
    std::string error =
        read_number(unit_known ? text.substr(0, digit_count) : text, 0,
                    in_seconds ? longest_time / 1000 : longest_time, expected, count);
    if (!error.empty()) return unit_known ? scheduler::quoted(text) + ": " + error : error;
    o.time_limit =
        std::chrono::milliseconds{static_cast<std::int64_t>(count * (in_seconds ? 1000 : 1))};
    return {};
}

std::string show_time_limit(const options& o) {
    return std::to_string(o.time_limit.count()) + "ms";
}

std::string set_preemption_bound(options& o, std::string_view text) {
    constexpr std::uint64_t high = 30'000;
    if (text == "none") {
        o.preemption_bound.reset();
        return {};
    }
    std::uint64_t value = 0;
    const auto expected = [] { return "a whole number, " + range_text(0, high) + ", or none"; };
    std::string error = read_number(text, 0, high, expected, value);
    if (error.empty()) o.preemption_bound = static_cast<unsigned>(value);
    return error;
}

std::string show_preemption_bound(const options& o) {
    return o.preemption_bound ? std::to_string(*o.preemption_bound) : "none";
}

constexpr std::array<std::string_view, 3> model_names{"cpp20", "rc11", "sc"};

std::string set_memory_model(options& o, std::string_view text) {
    for (const memory_model m : {memory_model::cpp20, memory_model::rc11, memory_model::sc}) {
        if (text == to_string(m)) {
            o.memory_model = m;
            return {};
        }
    }
    const std::string expected = "expected " + one_of(model_names);
    if (text.empty()) return "the value is empty; " + expected;
    return scheduler::quoted(text) + " is no memory model (" + nearest_hint(text, model_names) +
           "); " + expected;
}

std::string show_memory_model(const options& o) { return std::string{to_string(o.memory_model)}; }

// A report prefixes the text with `N@` where the test explores more than once: N is the call meant.
std::string set_replay(options& o, std::string_view text) {
    const std::string expected =
        "a schedule (h1:...) or SEED:EXECUTION, as the replay line of a report has it";
    if (text.empty()) return "the value is empty; expected " + expected;
    std::string_view rest = text;
    std::uint64_t number = 0;
    if (const std::size_t at = text.find('@'); at != text.npos) {
        const std::string error =
            read_number(text.substr(0, at), 1, any_number,
                        constant("the number of a call, from 1, before the @"), number);
        if (!error.empty()) return scheduler::quoted(text) + ": " + error;
        rest = text.substr(at + 1);
    }
    if (!rest.empty() && rest[0] == 'h') {
        trace::schedule_error error;
        trace::parse_schedule(rest, error);
        if (!error.message.empty()) return error.message;
    } else {
        const std::size_t colon = rest.find(':');
        if (colon == rest.npos || rest.find_first_not_of("0123456789:") != rest.npos) {
            return scheduler::quoted(text) + " is no replay; expected " + expected;
        }
        for (const std::string_view part : {rest.substr(0, colon), rest.substr(colon + 1)}) {
            const std::string error = read_number(
                part, 0, any_number, constant("SEED:EXECUTION, two whole numbers"), number);
            if (!error.empty()) return scheduler::quoted(text) + ": " + error;
        }
    }
    o.replay = text;
    return {};
}

std::string show_replay(const options& o) { return o.replay; }

std::string set_report_dir(options& o, std::string_view text) {
    o.report_dir = text;
    return {};
}

std::string show_report_dir(const options& o) { return o.report_dir.string(); }

// ---- the table ------------------------------------------------------------------------------

constexpr option_info table[] = {
    {"strategy", "NAME",
     "how executions are chosen: automatic, exhaustive, depth_first, random, pct or pct:DEPTH",
     set_strategy, show_strategy},
    {"seed", "N", "same seed, same schedules, on every machine; random draws one and prints it",
     set_seed, show_number<&options::seed>},
    {"execution_limit", "N", "stop after so many executions; 0: no limit",
     set_number<&options::execution_limit, 0, any_number>, show_number<&options::execution_limit>},
    {"time_limit", "TIME", "stop after so long: 1500, 1500ms or 2s; 0: no limit", set_time_limit,
     show_time_limit},
    {"exhaustive_budget", "N", "steps that automatic spends on the exhaustive search",
     set_number<&options::exhaustive_budget, 0, any_number>,
     show_number<&options::exhaustive_budget>},
    {"sample_budget", "N", "steps that automatic spends on sampling what that did not finish",
     set_number<&options::sample_budget, 0, any_number>, show_number<&options::sample_budget>},
    {"preemption_bound", "N", "only schedules of at most so many preemptions; none: all",
     set_preemption_bound, show_preemption_bound},
    {"memory_model", "NAME", "what reads may return: cpp20, rc11 or sc", set_memory_model,
     show_memory_model},
    {"step_limit", "N",
     "steps in one execution, 1 to 30000; past them it fails as livelock, starvation or step_limit",
     set_number<&options::step_limit, 1, 30'000>, show_number<&options::step_limit>},
    {"early_timeout_bound", "N",
     "timed waits of one thread that time out, and sleeps that end, while others could run",
     set_number<&options::early_timeout_bound, 0, 1'000>,
     show_number<&options::early_timeout_bound>},
    {"unproductive_bound", "N",
     "rounds of an endless loop that find the same before its thread waits for a change",
     set_number<&options::unproductive_bound, 1, 1'000>, show_number<&options::unproductive_bound>},
    {"spurious_bound", "N", "spurious wakeups and spurious failures in one execution",
     set_number<&options::spurious_bound, 0, 1'000>, show_number<&options::spurious_bound>},
    {"replay", "TEXT", "run one execution: a schedule (h1:...) or SEED:EXECUTION, from a report",
     set_replay, show_replay},
    {"stack_bytes", "N", "stack of each modelled thread, in bytes, above 64 MiB of guard",
     set_number<&options::stack_bytes, 16 * 1024, 1024 * 1024 * 1024>,
     show_number<&options::stack_bytes>},
    {"break_at", "N", "call heddle_break in this step of a replay, for a debugger; 0: never",
     set_number<&options::break_at, 0, 1'000'000>, show_number<&options::break_at>},
    {"report_dir", "DIR",
     "write failures below this folder, as text, JSON and Graphviz; empty: none", set_report_dir,
     show_report_dir},
    {"keep_going", "on|off", "explore on after a failing execution",
     set_switch<&options::keep_going>, show_switch<&options::keep_going>},
    {"progress", "on|off", "a line on stderr that says how far a search of more than a second is",
     set_switch<&options::progress>, show_switch<&options::progress>},
    {"detect_leaks", "on|off", "report memory that is still allocated when an execution ends",
     set_switch<&options::detect_leaks>, show_switch<&options::detect_leaks>},
    {"isolate", "on|off",
     "explore in a forked child: a crash is a verdict, and the process lives on",
     set_switch<&options::isolate>, show_switch<&options::isolate>},
};

}  // namespace

std::string_view to_string(memory_model m) noexcept {
    switch (m) {
        case memory_model::cpp20: return "cpp20";
        case memory_model::rc11: return "rc11";
        case memory_model::sc: return "sc";
    }
    return "unknown";
}

std::span<const option_info> option_table() { return table; }

std::string set_option(options& o, std::string_view name, std::string_view text) {
    for (const option_info& option : table) {
        if (option.name != name) continue;
        const std::string error = option.set(o, text);
        return error.empty() ? error : "option " + scheduler::quoted(name) + ": " + error;
    }
    std::array<std::string_view, std::size(table)> names;
    std::transform(std::begin(table), std::end(table), names.begin(),
                   [](const option_info& option) { return option.name; });
    return "there is no option " + scheduler::quoted(name) + "; " + nearest_hint(name, names);
}

// A field is in range when its own text is accepted: one rule for code, flags and environment.
std::string validate(const options& o) {
    options scratch;
    for (const option_info& option : table) {
        const std::string text = option.show(o);
        if (option.name == "replay" && text.empty()) continue;
        const std::string error = option.set(scratch, text);
        if (!error.empty()) return "option " + scheduler::quoted(option.name) + ": " + error;
    }
    if (std::holds_alternative<strategies::automatic>(o.strategy) && o.exhaustive_budget == 0 &&
        o.sample_budget == 0) {
        return "options `exhaustive_budget` and `sample_budget` are both 0: `automatic` would run "
               "nothing; "
               "expected at least one above 0";
    }
    return {};
}

}  // namespace heddle
