#include "command_line.hpp"

#include <charconv>
#include <stdexcept>
#include <string_view>

namespace heddle::soundness {
namespace {

[[noreturn]] void refuse(const std::string& why) { throw std::invalid_argument(why); }

template <class Number>
Number number(std::string_view name, std::string_view text) {
    Number n{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
    if (error != std::errc{} || end != text.data() + text.size())
        refuse("--" + std::string(name) + " '" + std::string(text) + "' is not a number");
    return n;
}

heddle::memory_model model(std::string_view text) {
    for (const auto m :
         {heddle::memory_model::cpp20, heddle::memory_model::rc11, heddle::memory_model::sc})
        if (text == heddle::to_string(m)) return m;
    refuse("--memory_model '" + std::string(text) + "' is none of cpp20, rc11, sc");
}

feature_set features(std::string_view text) {
    feature_set set;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(','), text.size());
        const std::string_view name = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        std::string known;
        std::size_t f = 0;
        for (; f < feature_count; ++f) {
            if (name == name_of(static_cast<feature>(f))) break;
            known += (known.empty() ? "" : ", ") + std::string(name_of(static_cast<feature>(f)));
        }
        if (f == feature_count)
            refuse("--features '" + std::string(name) + "' is none of " + known);
        set.set(f);
    }
    return set;
}

}  // namespace

arguments parse_arguments(const std::vector<std::string>& given) {
    arguments a;
    for (const std::string& argument : given) {
        const std::string_view text = argument;
        const std::size_t equals = std::min(text.find('='), text.size());
        const std::string_view name = text.substr(0, equals);
        const std::string_view value = text.substr(std::min(equals + 1, text.size()));
        if (name == "--bodies")
            a.bodies = number<std::uint64_t>("bodies", value);
        else if (name == "--seed")
            a.seed = number<std::uint64_t>("seed", value);
        else if (name == "--program")
            a.program = value;
        else if (name == "--features")
            a.about = features(value);
        else if (name == "--executions")
            a.search.executions = number<std::uint64_t>("executions", value);
        else if (name == "--samples")
            a.search.samples = number<std::uint64_t>("samples", value);
        else if (name == "--states")
            a.search.states = number<std::size_t>("states", value);
        else if (name == "--shown")
            a.shown = number<std::uint64_t>("shown", value);
        else if (name == "--memory_model")
            a.model = model(value);
        else if (name == "--spurious_bound")
            a.spurious_bound = number<unsigned>("spurious_bound", value);
        else if (name == "--early_timeout_bound")
            a.early_timeout_bound = number<unsigned>("early_timeout_bound", value);
        else if (argument == "--print")
            a.prints = true;
        else if (argument == "--help")
            a.help = true;
        else
            refuse("'" + argument + "' is no argument of heddle_soundness; see --help");
    }
    return a;
}

std::string usage() {
    return "heddle_soundness [argument...]: random programs, in which all strategies must agree\n"
           "  --bodies=N               so many programs (1000)\n"
           "  --seed=S                 the first seed (1); the next programs have the next seeds\n"
           "  --program=TEXT           this program, as it is printed, instead of generated ones\n"
           "  --features=NAME,...      programs about these features\n"
           "  --print                  prints the programs, without a search\n"
           "  --executions=N           searches that need more are left out (3000)\n"
           "  --samples=N              executions of each sampler (100)\n"
           "  --states=N               programs with more are not enumerated (30000)\n"
           "  --shown=N                differences of one kind that are shrunk and printed (3)\n"
           "  --memory_model=NAME, --spurious_bound=N, --early_timeout_bound=N\n"
           "                           instead of what the seed says\n";
}

}  // namespace heddle::soundness
