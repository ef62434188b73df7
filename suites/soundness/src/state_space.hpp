// All interleavings of a program under sequential consistency, by a search of its states.
#pragma once

#include <cstddef>
#include <set>
#include <string>

#include "machine.hpp"
#include "program.hpp"

namespace heddle::soundness {

struct state_space {
    bool complete = false;  // within the limit of states
    std::size_t states = 0;
    std::set<std::string> outcomes;  // of complete executions, and of those that are stuck
    std::set<std::string> findings;  // by the names of heddle's verdicts
};

// What can come of `p`. Loops that poll have no bound: who polls for what never comes is a
// `livelock`, unless others wait for more than that.
state_space enumerate(const program& p, bounds b, std::size_t state_limit);

}  // namespace heddle::soundness
