// The arguments of heddle_soundness.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "differential.hpp"
#include "features.hpp"

namespace heddle::soundness {

struct arguments {
    std::uint64_t bodies = 1'000, seed = 1;
    std::string program;  // instead of generated ones
    feature_set about = feature_set().set();
    limits search;
    std::uint64_t shown = 3;  // differences of a kind that are shrunk and shown
    bool prints = false;      // the programs only
    // Instead of a setting drawn for each seed.
    std::optional<heddle::memory_model> model;
    std::optional<unsigned> spurious_bound, early_timeout_bound;
    bool help = false;
};

// Throws: std::invalid_argument, which names the bad value and says what would be right.
arguments parse_arguments(const std::vector<std::string>& given);

std::string usage();

}  // namespace heddle::soundness
