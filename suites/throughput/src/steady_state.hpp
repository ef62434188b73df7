// What random exploration costs the machine once it is warm: allocations, system calls, memory.
//
//   steady_state_figures f = measure_steady_state(mutex_sections<3, 2>, 10'000'000);
//
// Replaces malloc and its like for the whole program, except under sanitizers, whose own it would
// displace.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace heddle::throughput {

struct steady_state_figures {
    std::uint64_t executions = 0;  // measured: those after the warm-up
    std::optional<std::uint64_t>
        allocations;  // calls of malloc, calloc, realloc and the aligned ones; none: not counted
    std::optional<std::uint64_t> executions_with_system_calls;
    int last_system_call = -1;
    std::size_t resident_before = 0, resident_after = 0;  // bytes
    double executions_per_second = 0;                     // of processor time
    std::string failure;  // the summary of a search that did not end well
};

// Executions at the start of a search in which its storage may still grow.
inline constexpr std::uint64_t warm_up_executions = 2'000;

// Requires: executions > warm_up_executions + 1.
steady_state_figures measure_steady_state(void (*body)(), std::uint64_t executions);

}  // namespace heddle::throughput
