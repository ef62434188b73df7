// `heddle_steady_state [EXECUTIONS]`: allocations, system calls and memory over that many random
// executions of each of three programs; ten million if not said.
#include <cstdio>
#include <cstdlib>
#include <string>

#include "programs.hpp"
#include "steady_state.hpp"

namespace {

using namespace heddle::throughput;

std::string shown(const std::optional<std::uint64_t>& count) {
    return count ? std::to_string(*count) : "not counted";
}

bool print(const char* name, void (*body)(), std::uint64_t executions) {
    const steady_state_figures f = measure_steady_state(body, executions);
    if (!f.failure.empty()) {
        std::fprintf(stderr, "%s: %s\n", name, f.failure.c_str());
        return false;
    }
    constexpr double mega = 1024.0 * 1024.0;
    std::printf("%-16s %12llu %12.0f %12s %12s %9.2f %9.2f\n", name,
                static_cast<unsigned long long>(f.executions), f.executions_per_second,
                shown(f.allocations).c_str(), shown(f.executions_with_system_calls).c_str(),
                static_cast<double>(f.resident_before) / mega,
                static_cast<double>(f.resident_after) / mega);
    std::fflush(stdout);
    return true;
}

}  // namespace

int main(int argc, char** argv) {
    const std::uint64_t executions = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 10'000'000;
    if (argc > 2 || executions <= warm_up_executions + 1) {
        std::fprintf(stderr, "usage: %s [EXECUTIONS], more than %llu of them\n", argv[0],
                     static_cast<unsigned long long>(warm_up_executions + 1));
        return 2;
    }
    // Column 5: executions in which at least one system call was made.
    std::printf("%-16s %12s %12s %12s %12s %9s %9s\n", "random", "executions", "per second",
                "allocations", "system calls", "MiB first", "MiB last");
    bool good = print("sb_seq_cst", store_buffering<std::memory_order_seq_cst>, executions);
    good &= print("mutex_3x2", mutex_sections<3, 2>, executions);
    good &= print("buffer_2p2c_1", bounded_buffer<2, 2, 1>, executions);
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
