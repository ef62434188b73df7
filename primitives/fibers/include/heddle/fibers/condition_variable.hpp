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
// A timed wait ends by a notification or times out; which comes first is explored, as for the locks
// of timed_mutex.hpp. A waiter that was notified may find its time over all the same when it holds
// its lock again: `cv_status::timeout`, and the notification is spent.
#pragma once

#include <chrono>
#include <condition_variable>
#include <heddle/fibers/clock.hpp>
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

    // As wait, but for so long, or until then, at most. With a predicate: what it says at the end.
    template <class Rep, class Period>
    cv_status wait_for(std::unique_lock<mutex>& lock,
                       const std::chrono::duration<Rep, Period>& duration,
                       site where = site::current()) {
        return timed_wait(lock, detail::deadline_after(duration), where);
    }
    template <class Rep, class Period, std::predicate Predicate>
    bool wait_for(std::unique_lock<mutex>& lock, const std::chrono::duration<Rep, Period>& duration,
                  Predicate predicate, site where = site::current()) {
        return timed_wait(lock, detail::deadline_after(duration), predicate, where);
    }
    template <class Clock, class Duration>
    cv_status wait_until(std::unique_lock<mutex>& lock,
                         const std::chrono::time_point<Clock, Duration>& time,
                         site where = site::current()) {
        return timed_wait(lock, detail::deadline_at(time), where);
    }
    template <class Clock, class Duration, std::predicate Predicate>
    bool wait_until(std::unique_lock<mutex>& lock,
                    const std::chrono::time_point<Clock, Duration>& time, Predicate predicate,
                    site where = site::current()) {
        return timed_wait(lock, detail::deadline_at(time), predicate, where);
    }

    void notify_one(site where = site::current()) noexcept {
        scheduler::hooks::notify_one(object_, where);
    }
    void notify_all(site where = site::current()) noexcept {
        scheduler::hooks::notify_all(object_, where);
    }

    scheduler::object_id heddle_object() const noexcept { return object_; }

private:
    using wait_result = scheduler::hooks::wait_result;

    [[gnu::always_inline]] inline void enter(std::unique_lock<mutex>& lock, site where);
    // Waits once and takes the lock back; does not ask whether a notification came too late.
    wait_result wait_once(std::unique_lock<mutex>& lock, std::int64_t deadline, site where);
    cv_status timed_wait(std::unique_lock<mutex>& lock, std::int64_t deadline, site where);
    template <class Predicate>
    bool timed_wait(std::unique_lock<mutex>& lock, std::int64_t deadline, Predicate& predicate,
                    site where) {
        while (!predicate()) {
            const wait_result end = wait_once(lock, deadline, where);
            if (end == wait_result::timed_out) return predicate();
            // Too late or not: where the predicate holds, nobody can tell.
            if (predicate()) return true;
            if (end == wait_result::notified &&
                scheduler::hooks::notified_late(object_, deadline, where))
                return false;
        }
        return true;
    }

    scheduler::object_id object_;
    scheduler::object_id mutex_ = scheduler::no_object;  // of the last thread that entered the set
};

}  // namespace heddle::modelled
