#include <heddle/fibers/mutex.hpp>

namespace heddle::modelled {

namespace hooks = scheduler::hooks;

void recursive_mutex::heddle_taken(site where) {
    if (heddle_held()) {
        if (depth_ == max_depth)
            hooks::fail_misuse(trace::misuse_kind::recursion_limit, object_, scheduler::no_thread,
                               where);
        ++depth_;
        return;
    }
    owner_ = hooks::self();
    depth_ = 1;
}

void recursive_mutex::lock(site where) {
    if (!heddle_held()) hooks::lock(object_, where);
    heddle_taken(where);
}

bool recursive_mutex::try_lock(site where) {
    if (!heddle_held() && !hooks::try_lock(object_, where)) return false;
    heddle_taken(where);
    return true;
}

void recursive_mutex::unlock(site where) {
    if (heddle_held()) {
        if (--depth_ != 0) return;
        owner_ = scheduler::no_thread;
    }
    // Where the caller does not hold it, the engine says so.
    hooks::unlock(object_, where);
}

}  // namespace heddle::modelled
