// Executions per second, nanoseconds a schedule point, and the bare fiber jump to compare them
// with.
//
// Figures are ratios: machines differ and are noisy, so the jump is timed right before each
// program, and `jumps` is what an execution takes, in jumps. Recorded in docs/performance.md,
// asserted nowhere.
#include <cstdlib>

#include <benchmark/benchmark.h>

#include "bare_jump.hpp"
#include "rows.hpp"

namespace {

using namespace heddle;

void bare_jump(benchmark::State& state) {
    throughput::jumper j;
    for (auto _ : state) j.there_and_back();
    state.SetItemsProcessed(2 * state.iterations());
    state.counters["ns_a_jump"] =
        benchmark::Counter(2e-9 * static_cast<double>(state.iterations()),
                           benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(bare_jump);

constexpr std::uint64_t sampled_executions = 200'000;

void explore_body(benchmark::State& state, void (*body)(), const strategy& how) {
    std::uint64_t executions = 0, steps = 0;
    const double jump = throughput::seconds_a_jump();
    options o;
    o.strategy = how;
    const bool proves = std::holds_alternative<strategies::exhaustive>(how);
    if (!proves) o.execution_limit = sampled_executions;
    for (auto _ : state) {
        const result r = explore(o, body);
        if (!r) {
            state.SkipWithError(r.summary.c_str());
            return;
        }
        executions += r.executions + r.deadlocks + r.pruned;
        steps += r.steps;
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(executions));
    state.counters["ns_an_execution"] =
        benchmark::Counter(1e-9 * static_cast<double>(executions),
                           benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
    state.counters["jumps"] =
        benchmark::Counter(jump * static_cast<double>(executions),
                           benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
    state.counters["steps"] = static_cast<double>(steps) / static_cast<double>(executions);
    state.counters["ns_a_step"] =
        benchmark::Counter(1e-9 * static_cast<double>(steps),
                           benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

}  // namespace

int main(int argc, char** argv) {
    benchmark::Initialize(&argc, argv);
    heddle::init(&argc, argv);
    for (const throughput::row& row : throughput::rows())
        benchmark::RegisterBenchmark(row.name.c_str(), explore_body, row.body, row.how)
            ->Unit(benchmark::kMillisecond);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
    benchmark::RunSpecifiedBenchmarks();
    return EXIT_SUCCESS;
}
