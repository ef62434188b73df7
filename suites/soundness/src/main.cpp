// heddle_soundness --bodies=N --seed=S: random programs, compared; --program='...': one of them.
#include <chrono>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>

#include "differential.hpp"
#include "generator.hpp"
#include "program_text.hpp"
#include "shrink.hpp"

using namespace heddle::soundness;

int main(int argc, char** argv) {
    std::uint64_t bodies = 1000, seed = 1, show = 2;
    feature_set about = feature_set().set();
    for (int k = 1; k < argc; ++k) {
        const std::string_view a = argv[k];
        if (a.starts_with("--bodies=")) bodies = std::stoull(std::string(a.substr(9)));
        if (a.starts_with("--seed=")) seed = std::stoull(std::string(a.substr(7)));
        if (a.starts_with("--show=")) show = std::stoull(std::string(a.substr(7)));
        if (a.starts_with("--features=")) {
            about.reset();
            for (std::size_t f = 0; f < feature_count; ++f)
                if (("," + std::string(a.substr(11)) + ",").find("," + std::string(name_of(feature(f))) + ",") != std::string::npos) about.set(f);
        }
        if (a == "--print") {
            for (std::uint64_t n = seed; n < seed + bodies; ++n) {
                const program p = generate(n, about);
                if (!(parse(to_line(p)) == p)) std::puts("ROUND TRIP");
                std::puts(to_text(p).c_str());
            }
            return 0;
        }
    }
    summary out;
    const auto start = std::chrono::steady_clock::now();
    for (std::uint64_t n = seed; n < seed + bodies;) {
        std::vector<comparison_case> group;
        for (; group.size() < 16 && n < seed + bodies; ++n) {
            program p = generate(n, about);
            const setting s = setting_of(n, p);
            group.push_back({std::move(p), s, n});
        }
        compare(group, limits{}, n, out);
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    std::map<std::string, unsigned> kinds;
    for (const difference& d : out.differences)
        if (kinds[d.kind]++ < show) {
            const difference s = shrink(d, limits{});
            std::printf("== %s (%s)\n%s%s\n", s.kind.c_str(), to_string(s.with).c_str(),
                        to_text(s.body).c_str(), s.details.c_str());
        }
    std::printf("%s", out.features.text().c_str());
    std::printf("%llu compared, %llu of them enumerated, %zu differences, %.1f s\n",
                (unsigned long long)out.compared, (unsigned long long)out.enumerated,
                out.differences.size(), took.count());
    for (const auto& [why, n] : out.left_out) std::printf("  left out %llu: %s\n", (unsigned long long)n, why.c_str());
    for (const auto& [kind, n] : kinds) std::printf("  %d: %s\n", n, kind.c_str());
}
