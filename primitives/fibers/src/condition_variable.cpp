#include <heddle/fibers/condition_variable.hpp>

namespace heddle::modelled {

namespace hooks = scheduler::hooks;

void condition_variable::wait(std::unique_lock<mutex>& lock, site where) {
    mutex* const m = lock.mutex();
    if (!lock.owns_lock() || hooks::holder(m->heddle_object()) != hooks::self())
        hooks::fail_misuse(trace::misuse_kind::wait_without_lock, object_, scheduler::no_thread,
                           where);

    hooks::wait_enqueue(object_, where);
    // Looked at after the step and not before it: waits are ordered by their entry into the set.
    if (mutex_ != m->heddle_object()) {
        if (hooks::waiter_count(object_) > 1)
            hooks::fail_misuse(trace::misuse_kind::wait_two_mutexes, object_, scheduler::no_thread,
                               where);
        mutex_ = m->heddle_object();
    }
    m->unlock(where);
    hooks::wait_wake(object_, where);
    m->lock(where);
}

}  // namespace heddle::modelled
