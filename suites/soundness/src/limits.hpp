// How large a program may be.
#pragma once

namespace heddle::soundness {

inline constexpr unsigned most_atomics = 4, most_mutexes = 4, most_conditions = 2, most_vars = 4,
                          most_threads = 6, most_slots = 16;

}  // namespace heddle::soundness
