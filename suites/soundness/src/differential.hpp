// Compares what all strategies, and the enumerator, say of programs.
//
// Everything happens in one process: each search runs twice, in an order that changes, with those
// of other programs in between. So a search that reads what an earlier one left is found.
#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <map>
#include <string>
#include <vector>

#include "features.hpp"
#include "observation.hpp"
#include "program.hpp"

namespace heddle::soundness {

struct limits {
    std::uint64_t executions = 3'000;  // of depth_first, and of exhaustive; beyond: left out
    std::uint64_t samples = 100;       // of each sampler
    std::size_t states = 30'000;
};

struct difference {
    std::string kind;  // "outcomes of exhaustive and depth_first", ...: what shrinking keeps
    program body;
    setting with;
    std::string details;  // what both sides say
};

// A program with its setting; what the searches say of it.
struct comparison_case {
    program body;
    setting with;
    std::uint64_t seed = 0;
};

struct summary {
    std::uint64_t compared = 0, enumerated = 0;
    std::map<std::string, std::uint64_t> left_out;  // by reason
    std::vector<difference> differences;
    feature_table features;
};

// One setting a seed: all models and bounds come over many seeds.
setting setting_of(std::uint64_t seed, const program& p);

// Compares a group of programs. Each search is one of many: `order_seed` shuffles them.
void compare(const std::vector<comparison_case>& group, const limits& l, std::uint64_t order_seed,
             summary& out);

// The kinds of difference of one program.
std::vector<difference> differences_of(const program& p, const setting& s, const limits& l);

}  // namespace heddle::soundness
