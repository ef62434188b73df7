// A body repeated on real threads.
#pragma once

namespace heddle::detail {

inline constexpr int repetition_count = 1'000;

struct repetition_result {
    int repetitions = 0;  // begun; the last of them failed if any did
    bool failed = false;
};

// Calls `body` on the calling thread, `repetition_count` times or until GoogleTest holds a failure
// or a skip. Each call leaves a start barrier together with a disturber, a thread that then takes
// processor time in varying amounts.
repetition_result repeat_on_real_threads(void (*body)());

}  // namespace heddle::detail
