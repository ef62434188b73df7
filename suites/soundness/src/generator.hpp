// Random programs: small ones, each with two to four of the features, all of them over many seeds.
#pragma once

#include <cstdint>

#include "features.hpp"
#include "program.hpp"

namespace heddle::soundness {

// The same seed gives the same program with every compiler. A program is about features of `about`,
// but for how its threads are arranged. It is small enough for a search of all orders of its steps,
// as a rule; one in 25 may poll for what never comes, where executions are long.
program generate(std::uint64_t seed, const feature_set& about = feature_set().set());

}  // namespace heddle::soundness
