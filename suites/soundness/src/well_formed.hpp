// Which programs may run at all. A program that is not well-formed would break a precondition of
// std, or record how often a loop without an end went round.
#pragma once

#include <string>

#include "program.hpp"

namespace heddle::soundness {

// An empty string, or what is wrong.
std::string fault_of(const program& p);

// Whether somebody may still use or hold the objects when main has ended, so that they are not
// destroyed: a detached thread, or a lock that is never given back.
bool outlives_main(const program& p);

// Whether a loop without a bound counts its rounds in this atomic or var: then nobody else uses it,
// and nobody records it.
bool counts_rounds(const program& p, kind counting, unsigned object);

}  // namespace heddle::soundness
