// The seam between litmus programs and the engine that explores them.
#pragma once

#include <cstdint>
#include <heddle/litmus/program.hpp>
#include <map>
#include <string>

namespace heddle::litmus {

enum class memory_model : std::uint8_t { sc, rc11, cpp20 };
enum class search_strategy : std::uint8_t { exhaustive, depth_first, random };

struct run_options {
    memory_model model = memory_model::cpp20;
    search_strategy strategy = search_strategy::exhaustive;
    std::uint64_t execution_limit = 0;  // 0: none
    std::uint64_t seed = 1;             // of `random`
};

struct row_result {
    std::uint64_t graphs =
        0;  // complete ones; for other strategies than exhaustive: complete executions
    std::uint64_t deadlocks =
        0;  // graphs (executions) that are blocked for good; not among `graphs`
    bool race = false;
    std::map<std::string, std::uint64_t> outcomes;  // of `graphs`: text (outcome.hpp) to how many

    std::uint64_t executions = 0;  // begun
    std::uint64_t pruned = 0;      // of these, given up: redundant, or an `assume` was false
    bool exhausted = true;         // nothing was left out
    std::string note;              // where not exhausted: what stopped the search
};

// Explores `p`. The counts of a racy program mean nothing: executions go on past a race.
// Fails: std::exception for a program that the engine cannot hold.
row_result run(const program& p, const run_options& options);

}  // namespace heddle::litmus
