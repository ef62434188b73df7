// `heddle_instructions ROW N`: that row of the benchmarks for N executions and no more, to have its
// instructions counted from outside (`suites/throughput/instructions`). Without arguments: the
// rows.
//
// `set_up` is no row of the benchmarks: N searches of three executions each.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "rows.hpp"

namespace {

using namespace heddle;

constexpr std::string_view set_up = "set_up";

// Runs `n` executions, in as many searches as it takes, each of `most` at most. False: one failed.
bool run(const throughput::row& row, std::uint64_t n, std::uint64_t most) {
    options o;
    o.strategy = row.how;
    o.progress = false;  // looks at the clock
    for (std::uint64_t done = 0; done < n;) {
        o.execution_limit = std::min(most, n - done);
        const result r = explore(o, row.body);
        if (!r) {
            std::fprintf(stderr, "%s: %s\n", row.name.c_str(), r.summary.c_str());
            return false;
        }
        done += r.executions + r.deadlocks + r.pruned;
    }
    return true;
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<throughput::row> rows = throughput::rows();
    if (argc == 1) {
        for (const throughput::row& row : rows) std::puts(row.name.c_str());
        std::puts(set_up.data());
        return EXIT_SUCCESS;
    }
    const std::uint64_t n = argc == 3 ? std::strtoull(argv[2], nullptr, 10) : 0;
    if (n == 0) {
        std::fprintf(stderr, "usage: %s [ROW N], N executions, at least one\n", argv[0]);
        return 2;
    }
    if (argv[1] == set_up) return run(rows.front(), 3 * n, 3) ? EXIT_SUCCESS : EXIT_FAILURE;
    for (const throughput::row& row : rows)
        if (row.name == argv[1]) return run(row, n, n) ? EXIT_SUCCESS : EXIT_FAILURE;
    std::fprintf(stderr, "%s: no row `%s`; without arguments it lists them\n", argv[0], argv[1]);
    return 2;
}
