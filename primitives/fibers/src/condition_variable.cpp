#include <heddle/fibers/condition_variable.hpp>

namespace heddle::modelled {

namespace hooks = scheduler::hooks;

void condition_variable::enter(std::unique_lock<mutex>& lock, site where) {
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
}

void condition_variable::wait(std::unique_lock<mutex>& lock, site where) {
    enter(lock, where);
    hooks::wait_wake(object_, where);
    lock.mutex()->lock(where);
}

hooks::wait_result condition_variable::wait_once(std::unique_lock<mutex>& lock,
                                                 std::int64_t deadline, site where) {
    const hooks::timed_scope scope(deadline);
    enter(lock, where);
    const wait_result end = hooks::wait_wake_until(object_, deadline, where);
    lock.mutex()->lock(where);
    return end;
}

cv_status condition_variable::timed_wait(std::unique_lock<mutex>& lock, std::int64_t deadline,
                                         site where) {
    const wait_result end = wait_once(lock, deadline, where);
    const bool timed_out =
        end == wait_result::timed_out ||
        (end == wait_result::notified && hooks::notified_late(object_, deadline, where));
    return timed_out ? cv_status::timeout : cv_status::no_timeout;
}

}  // namespace heddle::modelled
