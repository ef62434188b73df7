// heddle_soundness --bodies=N --seed=S: compares all strategies, and the enumerator, on random
// programs. Exit code 1: they differ.
#include <chrono>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "command_line.hpp"
#include "differential.hpp"
#include "generator.hpp"
#include "program_text.hpp"
#include "shrink.hpp"
#include "well_formed.hpp"

namespace {

using namespace heddle::soundness;

// Programs that are compared in one go, their searches mixed.
constexpr std::size_t group_size = 16;

comparison_case case_of(const arguments& a, program p, std::uint64_t seed) {
    setting s = setting_of(seed, p);
    if (a.model) s.model = *a.model;
    if (a.spurious_bound) s.limits.spurious = *a.spurious_bound;
    if (a.early_timeout_bound) s.limits.early_timeouts = *a.early_timeout_bound;
    return {std::move(p), s, seed};
}

void print(const difference& d) {
    std::printf("\ndifference: %s (%s)\n%s%s--program='%s'\n", d.kind.c_str(),
                to_string(d.with).c_str(), to_text(d.body).c_str(), d.details.c_str(),
                to_line(d.body).c_str());
    std::fflush(stdout);
}

int run(const arguments& a) {
    const auto start = std::chrono::steady_clock::now();
    summary out;
    std::map<std::string, std::uint64_t> kinds;
    std::size_t printed = 0;
    std::vector<comparison_case> group;
    const auto finish_group = [&] {
        compare(group, a.search, a.seed + group.size(), out);
        group.clear();
        for (; printed < out.differences.size(); ++printed)
            if (const difference& d = out.differences[printed]; kinds[d.kind]++ < a.shown)
                print(shrink(d, a.search));
    };
    const std::uint64_t bodies = a.program.empty() ? a.bodies : 1;
    for (std::uint64_t n = 0; n < bodies; ++n) {
        const std::uint64_t seed = a.seed + n;
        program p = a.program.empty() ? generate(seed, a.about) : parse(a.program);
        if (const std::string fault = fault_of(p); !fault.empty())
            throw std::invalid_argument("the program is not well-formed: " + fault);
        if (a.prints)
            std::printf("%s\n", to_text(p).c_str());
        else
            group.push_back(case_of(a, std::move(p), seed));
        if (group.size() == group_size) finish_group();
    }
    if (a.prints) return 0;
    finish_group();

    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    std::printf("\nprograms with each two features\n%s\n", out.features.text().c_str());
    std::printf(
        "%llu programs: %llu compared, %llu of them with the enumerator too, %zu differ, %.1f s\n",
        static_cast<unsigned long long>(bodies), static_cast<unsigned long long>(out.compared),
        static_cast<unsigned long long>(out.enumerated), out.differences.size(), took.count());
    for (const auto& [why, n] : out.left_out)
        std::printf("  left out %llu: %s\n", static_cast<unsigned long long>(n), why.c_str());
    for (const auto& [kind, n] : kinds)
        std::printf("  differ %llu: %s\n", static_cast<unsigned long long>(n), kind.c_str());
    return out.differences.empty() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        const arguments a = parse_arguments({argv + (argc > 0 ? 1 : 0), argv + argc});
        if (!a.help) return run(a);
        std::fputs(usage().c_str(), stdout);
        return 0;
    } catch (const std::exception& e) {
        std::fprintf(stderr, "heddle_soundness: %s\n", e.what());
        return 2;
    }
}
