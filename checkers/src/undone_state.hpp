// A state that held once and is gone when an execution stops: who made it, who undid it.
#pragma once

#include <optional>

#include "report_writer.hpp"

namespace heddle::checkers {

struct undone_state {
    const event* made = nullptr;
    const event* undone = nullptr;
    bool once = false;  // it was made only once

    bool by_one_thread() const { return made->thread == undone->thread; }
};

// The last time that `object` had another value than it had before and has now.
std::optional<undone_state> undone_state_of(const execution_trace& trace, int object);

// The mutex that was held from the one change to the other, so that no thread that locks it could
// see the state; `none`: there is none.
int lock_around(const execution_trace& trace, const undone_state& s);

}  // namespace heddle::checkers
