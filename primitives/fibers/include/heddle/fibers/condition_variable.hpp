// std's condition variable, modelled: a set of waiting threads that keeps no memory of
// notifications.
//
//   std::unique_lock lock(mutex);
//   ready.wait(lock, [&] { return queued > 0; });
//
// `notify_one` may wake any of the waiters: which one is explored. `wait` may return without a
// notification, at most `options::spurious_bound` times an execution.
//
// Fails: `lost_notification`, if nothing can run any more and one more wakeup of a waiter would
// have let it go on; `deadlock`, if not; `misuse` for a wait with a lock that the caller does not
// hold, for waits with different mutexes at one time, and for destruction while threads wait.
// Limits: no timed waits yet.
#pragma once

#include <condition_variable>
#include <heddle/fibers/mutex.hpp>
#include <heddle/scheduler/hooks.hpp>
#include <mutex>

namespace heddle::modelled {

using std::cv_status;

class condition_variable {
    using site = trace::site;

public:
    condition_variable(site where = site::current()) noexcept
        : object_(scheduler::hooks::make_object(scheduler::object_kind::condition_variable, 0, 8,
                                                trace::value_format::bits, where)) {}
    ~condition_variable() { scheduler::hooks::destroy_object(object_, {}); }
    condition_variable(const condition_variable&) = delete;
    condition_variable& operator=(const condition_variable&) = delete;

    // Requires: the calling thread holds the mutex of `lock`, and so it does again on return.
    // Blocks: until a notification takes it out of the set of waiters, then until the mutex is
    // free.
    void wait(std::unique_lock<mutex>& lock, site where = site::current());
    template <class Predicate>
    void wait(std::unique_lock<mutex>& lock, Predicate predicate, site where = site::current()) {
        while (!predicate()) wait(lock, where);
    }

    void notify_one(site where = site::current()) noexcept {
        scheduler::hooks::notify_one(object_, where);
    }
    void notify_all(site where = site::current()) noexcept {
        scheduler::hooks::notify_all(object_, where);
    }

    scheduler::object_id heddle_object() const noexcept { return object_; }

private:
    scheduler::object_id object_;
    scheduler::object_id mutex_ = scheduler::no_object;  // of the last thread that entered the set
};

}  // namespace heddle::modelled
