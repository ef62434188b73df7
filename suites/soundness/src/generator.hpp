// Random programs: small ones, each with two to four of the features, all of them over many seeds.
#pragma once

#include <cstdint>

#include "program.hpp"

namespace heddle::soundness {

// The same seed gives the same program with every compiler.
program generate(std::uint64_t seed);

}  // namespace heddle::soundness
