// How a run of the engine makes its choices, and what it keeps of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "event_graph.hpp"
#include "polling.hpp"

namespace heddle::scheduler {

// How choices are made. Only `exhaustive` edits graphs; all others build one forward.
// `tolerant` follows a schedule as far as it can be followed, and leaves out the rest.
// `adverse` is random, but for one thread that runs only when fairness demands it.
enum class mode : std::uint8_t {
    exhaustive,
    depth_first,
    random,
    pct,
    replay,
    guided,
    tolerant,
    adverse
};

// Which branches of an operation a run can take. `general` serves all of them. The other two are
// what nearly every run is: nothing is recorded, watched or looked into after its end, and the mode
// is known, so that the compiler leaves the rest out of the hot path.
enum class path : std::uint8_t { general, sampling, proving };

// A choice other than the first made in this run, for its schedule.
struct made_choice {
    std::uint32_t step, ordinal, value;
};

// A schedule to be followed as far as it can be: choices are named by the step of their thread, so
// that they keep their meaning when steps of others move.
struct wished_schedule {
    struct choice {
        std::uint8_t thread;  // by order of creation, as are `steps`
        std::uint16_t step;   // the n-th of that thread, from 1
        std::uint32_t ordinal, value;
    };
    std::vector<std::uint8_t> steps;
    std::vector<choice> choices;
};

// Where nothing could run but loops that wait for ever: to be gone back to.
struct stuck_state {
    event_index events = 0;  // 0: something can run
    unsigned steps = 0, switches = 0, preemptions = 0;
    std::size_t choices = 0, recorded = 0;
    std::vector<thread_polls> polls;
    std::vector<int> holders;  // of locks, by object
};

struct dfs_choice {
    std::uint16_t taken, of;
};

}  // namespace heddle::scheduler
