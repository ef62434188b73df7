// What the exploration finds in timed waits: every order of timeout against event once, no alarm
// for a wait that ends by itself, and the bound on early timeouts.
#include <gtest/gtest.h>

#include <chrono>
#include <heddle/fibers/condition_variable.hpp>
#include <heddle/fibers/timed_mutex.hpp>
#include <mutex>

#include "backends.hpp"

namespace heddle {
namespace {

using namespace std::chrono_literals;
using testing_support::exhaustive;
using testing_support::expect_executions;
using testing_support::expect_misuse;
using testing_support::expect_verdict;
using testing_support::outcomes_of;
using trace::misuse_kind;

options bounded(unsigned early_timeouts, strategy how = strategies::exhaustive{}) {
    options o;
    o.strategy = how;
    o.early_timeout_bound = early_timeouts;
    return o;
}

// Every behaviour once: so many executions, and each entry into the body is accounted for.
template <class Body>
void expect_executions_within(unsigned early_timeouts, std::uint64_t expected, const Body& body) {
    std::uint64_t entries = 0;
    const result r = explore(bounded(early_timeouts), [&] {
        ++entries;
        body();
    });
    EXPECT_EQ(to_string(r.verdict), "ok") << testing_support::message_of(r);
    EXPECT_TRUE(r.exhausted) << r.summary;
    EXPECT_EQ(r.executions, expected);
    // An early wait that gets what it waits for is left to the late one.
    if (early_timeouts == 0) {
        EXPECT_EQ(r.pruned, 0U);
    }
    EXPECT_EQ(entries, r.executions + r.deadlocks + r.pruned + r.warm_ups);
}

// ---- timed mutexes

void lock_for_a_while() {
    fibers::timed_mutex m;
    fibers::thread holder([&] { const std::lock_guard guard(m); });
    if (m.try_lock_for(10ms)) m.unlock();
    holder.join();
}

// The timed lock before the other lock, after its unlock, or between: that is where it times out.
// With no early timeout it waits there, so the order of the two critical sections is all.
TEST(TimedMutexExploration, CountsEveryPlaceOfATimeoutOnce) {
    expect_executions_within(2, 3, lock_for_a_while);
    expect_executions_within(0, 2, lock_for_a_while);
}

// Two timed locks in a row take 2, 1 or 0 times out among 3 places in the order of lock and unlock,
// not descending: 3 + 2 + 1 pairs. Within 1 early timeout the pair of two timeouts is left out, and
// the second waits for the unlock instead, which the pair (between, after) has already.
TEST(TimedMutexExploration, TheBoundIsOnTimeoutsOfAThread) {
    const auto body = [] {
        fibers::timed_mutex m;
        fibers::thread holder([&] { const std::lock_guard guard(m); });
        for (int k = 0; k < 2; ++k)
            if (m.try_lock_for(10ms)) m.unlock();
        holder.join();
    };
    expect_executions_within(2, 6, body);
    expect_executions_within(1, 5, body);
    expect_executions_within(0, 3, body);
}

TEST(TimedMutexExploration, TwoOfThemInOppositeOrderDoNotDeadlock) {
    const auto body = [] {
        fibers::timed_mutex a, b;
        bool other_got = false, main_got = false;
        fibers::thread other([&] {
            const std::lock_guard guard(a);
            other_got = b.try_lock_for(10ms);
            if (other_got) b.unlock();
        });
        {
            const std::lock_guard guard(b);
            main_got = a.try_lock_for(20ms);
            if (main_got) a.unlock();
        }
        other.join();
        record("{}{}", int{other_got}, int{main_got});
    };
    EXPECT_EQ(outcomes_of(body, bounded(2)), "00 01 10 11");
    // One of the two has to give up, and that is the one with the earlier deadline.
    EXPECT_EQ(outcomes_of(body, bounded(0)), "01 11");
    EXPECT_EQ(outcomes_of(body, bounded(0, strategies::depth_first{})), "01 11");
}

TEST(TimedMutexExploration, ATimeoutBesideALockOfSeveral) {
    const auto body = [](bool asserts) {
        return [asserts] {
            fibers::mutex first;
            fibers::timed_mutex second;
            fibers::thread both([&] { auto guard = fibers::lock_all(second, first); });
            const bool taken = second.try_lock_for(10ms);
            if (taken) second.unlock();
            if (asserts) HEDDLE_ASSERT(taken);
            both.join();
            record("{}", taken);
        };
    };
    for (const strategy& s :
         {strategy{strategies::exhaustive{}}, strategy{strategies::depth_first{}}})
        for (const unsigned bound : {0U, 1U, 2U}) {
            EXPECT_EQ(outcomes_of(body(false), bounded(bound, s)), bound ? "false true" : "true");
            expect_verdict(bound ? verdict::assertion : verdict::ok, body(true), bounded(bound, s));
        }
}

// A lock of two that waits for the second may take the first at any time: so too after the sleep.
TEST(TimedMutexExploration, ALockOfSeveralBeginsAfterTimeHasPassed) {
    const auto body = [] {
        fibers::mutex first, second;
        second.lock();
        fibers::thread both([&] { auto guard = fibers::lock_all(first, second); });
        fibers::this_thread::sleep_for(10ms);
        const bool taken = first.try_lock();
        if (taken) first.unlock();
        second.unlock();
        both.join();
        record("{}", taken);
    };
    EXPECT_EQ(outcomes_of(body, bounded(0)), "false true");
    EXPECT_EQ(outcomes_of(body, bounded(0, strategies::depth_first{})), "false true");
}

// A mutex that nobody gives back is no alarm for one who waits for it in vain, but it is for
// others.
TEST(TimedMutexExploration, AWaitThatEndsIsNoDeadlock) {
    const auto body = [](bool timed) {
        return [timed] {
            fibers::timed_mutex m;
            fibers::thread holder([&] { m.lock(); });
            holder.join();
            if (timed)
                HEDDLE_ASSERT(!m.try_lock_for(10ms));
            else
                m.lock();
        };
    };
    // Destroying the mutex is where the forgotten lock is found.
    expect_misuse(misuse_kind::mutex_destroyed_held, body(true));
    expect_verdict(verdict::deadlock, body(false));
}

TEST(TimedMutexExploration, ACycleOfOthersIsADeadlockBesideATimedWaiter) {
    bool waits_first = false;
    const auto body = [&] {
        fibers::mutex a, b;
        fibers::timed_mutex m;
        const std::lock_guard guard(m);
        fibers::thread waiter([&] {
            if (m.try_lock_for(1h)) m.unlock();
        });
        if (waits_first) fibers::this_thread::sleep_for(1ms);
        fibers::thread first([&] { const std::lock_guard x(a), y(b); });
        fibers::thread second([&] { const std::lock_guard y(b), x(a); });
        first.join();
        second.join();
        waiter.join();
    };
    for (const unsigned bound : {0U, 2U}) {
        expect_verdict(verdict::deadlock, body, bounded(bound));
        expect_verdict(verdict::deadlock, body, bounded(bound, strategies::depth_first{}));
    }
    // The report says what the timed waiter does meanwhile, and blames it for nothing. It waits
    // already: a sleep ends only when nothing else can run.
    waits_first = true;
    const result r = explore(bounded(0), body);
    ASSERT_TRUE(r.failure);
    EXPECT_EQ(r.failure->trace.cycle.size(), 2U);
    EXPECT_NE(r.failure->message.find("waits for 3600s at most for `m`"), std::string::npos)
        << r.failure->message;
}

TEST(TimedMutexExploration, FindsMisuse) {
    expect_misuse(
        misuse_kind::unlock_not_owner,
        [] {
            fibers::timed_mutex m;
            fibers::thread other([&] {
                if (!m.try_lock_for(1ms)) m.unlock();
            });
            const std::lock_guard guard(m);
            other.join();
        },
        __LINE__ - 5);
    expect_misuse(
        misuse_kind::relock_by_owner_try,
        [] {
            fibers::timed_mutex m;
            const std::lock_guard guard(m);
            static_cast<void>(m.try_lock_for(1ms));
        },
        __LINE__ - 2);
    expect_verdict(verdict::deadlock, [] {
        fibers::timed_mutex m;
        m.lock();
        m.lock();
    });
}

// ---- condition variables

void wait_for_a_notification() {
    fibers::mutex m;
    fibers::condition_variable changed;
    fibers::thread other([&] { changed.notify_one(); });
    {
        std::unique_lock lock(m);
        record("{}", changed.wait_for(lock, 10ms) == std::cv_status::timeout);
    }
    other.join();
}

// The notification comes before the waiter enters, while it waits, or after it has timed out; the
// one in time may also be noticed too late: 4. With no early timeout: before it enters, or in time.
TEST(TimedWaitExploration, CountsEveryPlaceOfATimeoutOnce) {
    expect_executions_within(2, 5, wait_for_a_notification);
    expect_executions_within(0, 2, wait_for_a_notification);
    EXPECT_EQ(outcomes_of(wait_for_a_notification, bounded(2)), "false true");
    EXPECT_EQ(outcomes_of(wait_for_a_notification, bounded(0)), "false true");
}

void wait_for_a_flag() {
    fibers::mutex m;
    fibers::condition_variable changed;
    fibers::var<bool> flag{false};
    fibers::thread other([&] {
        const std::lock_guard guard(m);
        flag = true;
        changed.notify_one();
    });
    {
        std::unique_lock lock(m);
        record("{}", changed.wait_for(lock, 10ms, [&] { return flag.load(); }));
    }
    other.join();
}

// The critical section of `other` stands before that of main, in its wait, or after it. In the wait
// the notification comes before the timeout or after it, and is true either way, since main looks
// at the flag last: 4. With no early timeout main waits for the notification: 2, both true.
TEST(TimedWaitExploration, APredicateIsLookedAtLast) {
    expect_executions_within(2, 4, wait_for_a_flag);
    expect_executions_within(0, 2, wait_for_a_flag);
    EXPECT_EQ(outcomes_of(wait_for_a_flag, bounded(2)), "false true");
    EXPECT_EQ(outcomes_of(wait_for_a_flag, bounded(0)), "true");
}

// Nobody else is there, so time alone can end the wait: one execution, however often.
TEST(TimedWaitExploration, AWaitForNobodyTimesOut) {
    const auto body = [] {
        fibers::mutex m;
        fibers::condition_variable changed;
        std::unique_lock lock(m);
        for (int k = 0; k < 5; ++k)
            HEDDLE_ASSERT(changed.wait_for(lock, 10ms) == std::cv_status::timeout);
        HEDDLE_ASSERT(
            !changed.wait_until(lock, fibers::steady_clock::now() + 10ms, [] { return false; }));
        HEDDLE_ASSERT(fibers::steady_clock::now().time_since_epoch() >= 60ms);
    };
    expect_executions_within(2, 1, body);
    expect_executions_within(0, 1, body);
}

// A loop of timed waits ends, as the timeouts beyond the bound wait for all others.
TEST(TimedWaitExploration, APollOfAFlagIsFinite) {
    const auto counts = [](unsigned bound, strategy how) {
        return outcomes_of(
            [] {
                fibers::mutex m;
                fibers::condition_variable changed;
                fibers::var<bool> flag{false};
                int polls = 0;
                fibers::thread other([&] {
                    const std::lock_guard guard(m);
                    flag = true;
                });
                {
                    std::unique_lock lock(m);
                    while (!flag) {
                        changed.wait_for(lock, 1ms);
                        ++polls;
                    }
                }
                other.join();
                record("{}", polls);
            },
            bounded(bound, how));
    };
    EXPECT_EQ(counts(0, strategies::exhaustive{}), "0 1");
    EXPECT_EQ(counts(1, strategies::exhaustive{}), "0 1 2");
    EXPECT_EQ(counts(2, strategies::exhaustive{}), "0 1 2 3");
    EXPECT_EQ(counts(2, strategies::depth_first{}), "0 1 2 3");
}

// What a search says of a waiter beside a timed one: the timed wait ends, the other never.
TEST(TimedWaitExploration, AWaiterBesideATimedOneIsStillStuck) {
    const auto body = [](bool timed) {
        return [timed] {
            fibers::mutex m;
            fibers::condition_variable changed;
            fibers::thread other([&] {
                std::unique_lock lock(m);
                if (timed)
                    changed.wait_for(lock, 20ms, [] { return false; });
                else
                    changed.wait(lock, [] { return false; });
            });
            {
                std::unique_lock lock(m);
                changed.wait_for(lock, 10ms, [] { return false; });
            }
            other.join();
        };
    };
    for (const unsigned bound : {0U, 2U}) {
        expect_verdict(verdict::deadlock, body(false), bounded(bound));
        expect_verdict(verdict::ok, body(true), bounded(bound));
    }
}

// The trace says which waiter timed out and which notification was spent on it.
TEST(TimedWaitExploration, TheTraceSaysWhoTimedOut) {
    const result r = explore(bounded(2), [] {
        fibers::mutex m;
        fibers::condition_variable changed;
        fibers::var<bool> flag{false};
        bool woken = false;
        fibers::thread other([&] {
            const std::lock_guard guard(m);
            changed.notify_one();
            woken = true;
        });
        std::unique_lock lock(m);
        const bool timed_out = changed.wait_for(lock, 10ms) == std::cv_status::timeout;
        HEDDLE_ASSERT(!(timed_out && woken));
        lock.unlock();
        other.join();
    });
    ASSERT_TRUE(r.failure) << r.summary;
    const trace::event* late = nullptr;
    const trace::event* left = nullptr;
    for (const trace::event& e : r.failure->trace.events) {
        if (e.op == trace::operation::wait_late && e.timed_out) late = &e;
        if (e.op == trace::operation::wait_timed ||
            (e.op == trace::operation::wait_wake && !e.blocked))
            left = &e;
    }
    ASSERT_TRUE(left);
    EXPECT_EQ(left->thread, 0);
    EXPECT_EQ(left->nanoseconds, 10'000'000);
    if (left->timed_out) {
        EXPECT_FALSE(late);
        EXPECT_NE(r.failure->message.find("wait_for(lock, 10ms) -> timeout"), std::string::npos)
            << r.failure->message;
    } else {
        ASSERT_TRUE(late);
        ASSERT_NE(left->reads_from, trace::none);
        const trace::event* notify =
            event_at(r.failure->trace, static_cast<unsigned>(left->reads_from));
        ASSERT_TRUE(notify);
        EXPECT_EQ(notify->woken, std::vector<int>{0});
        EXPECT_NE(r.failure->message.find(") -> timeout"), std::string::npos) << r.failure->message;
    }
}

// ---- sleep

void sleep_beside_a_store() {
    fibers::atomic<int> x{0};
    fibers::thread other([&] { x = 1; });
    fibers::this_thread::sleep_for(1s);
    record("{}", x.load());
    other.join();
}

// A sleep orders nothing: the store before the load, or after it. A sleep that ends last is no
// synchronisation either, but all stores have become visible by then.
TEST(SleepExploration, IsATimedWaitForNothing) {
    expect_executions_within(2, 3, sleep_beside_a_store);  // early: 2, and late
    expect_executions_within(0, 1, sleep_beside_a_store);
    EXPECT_EQ(outcomes_of(sleep_beside_a_store, bounded(2)), "0 1");
    EXPECT_EQ(outcomes_of(sleep_beside_a_store, bounded(0)), "1");
    EXPECT_EQ(outcomes_of(sleep_beside_a_store, bounded(0, strategies::depth_first{})), "1");
}

TEST(SleepExploration, DoesNotOrderPlainData) {
    for (const unsigned bound : {0U, 2U})
        expect_verdict(
            verdict::data_race,
            [] {
                fibers::var<int> x{0};
                fibers::thread other([&] { x = 1; });
                fibers::this_thread::sleep_for(1s);
                x = 2;
                other.join();
            },
            bounded(bound));
}

// Beyond the bound sleeps end in the order of their deadlines; those that end together go on in
// any.
TEST(SleepExploration, DeadlinesAreReachedInOrder) {
    const auto order = [](std::chrono::milliseconds a, std::chrono::milliseconds b) {
        return [a, b] {
            fibers::atomic<int> next{0};
            int first = 0, second = 0;
            fibers::thread t([&] {
                fibers::this_thread::sleep_for(a);
                first = ++next;
            });
            fibers::thread u([&] {
                fibers::this_thread::sleep_for(b);
                second = ++next;
            });
            t.join();
            u.join();
            record("{}{}", first, second);
        };
    };
    expect_executions_within(0, 1, order(10ms, 20ms));
    EXPECT_EQ(outcomes_of(order(10ms, 20ms), bounded(0)), "12");
    EXPECT_EQ(outcomes_of(order(20ms, 10ms), bounded(0)), "21");
    expect_executions_within(0, 2, order(10ms, 10ms));
    EXPECT_EQ(outcomes_of(order(20ms, 10ms), bounded(1)), "12 21");
}

TEST(SleepExploration, APollThatSleepsIsNoLivelock) {
    const auto body = [](int sleeps) {
        return [sleeps] {
            fibers::atomic<bool> ready{false};
            fibers::thread other([&] {
                for (int k = 0; k < sleeps; ++k) fibers::this_thread::sleep_for(10ms);
                ready = true;
            });
            while (!ready.load()) fibers::this_thread::sleep_for(1ms);
            other.join();
        };
    };
    for (const unsigned bound : {0U, 2U})
        for (const strategy how :
             {strategy{strategies::exhaustive{}}, strategy{strategies::depth_first{}},
              strategy{strategies::random{}}, strategy{strategies::pct{}}}) {
            options o = bounded(bound, how);
            o.execution_limit = 2'000;
            for (const int sleeps : {0, 1, 3}) expect_verdict(verdict::ok, body(sleeps), o);
        }
}

// A thread that spins does not keep one that sleeps from its deadline, under any strategy.
TEST(SleepExploration, ASpinThatWaitsForASleeperIsNoLivelock) {
    const auto body = [](auto wait) {
        return [wait] {
            fibers::atomic<int> x{0};
            fibers::thread other([&] {
                for (int k = 0; k < 3; ++k) fibers::this_thread::sleep_for(10ms);
                x = 1;
                x.notify_one();
            });
            wait(x);
            other.join();
        };
    };
    const auto spins = body([](auto& x) {
        while (x.load() == 0) fibers::this_thread::yield();
    });
    const auto awaits = body([](auto& x) { await(x, [](int v) { return v != 0; }); });
    const auto waits = body([](auto& x) { x.wait(0); });
    for (const strategy how :
         {strategy{strategies::exhaustive{}}, strategy{strategies::depth_first{}},
          strategy{strategies::random{}}, strategy{strategies::pct{}}}) {
        options o = bounded(1, how);
        o.execution_limit = 500;
        expect_verdict(verdict::ok, spins, o);
        expect_verdict(verdict::ok, awaits, o);
        expect_verdict(verdict::ok, waits, o);
    }
}

// It never ends, but nobody is stuck.
TEST(SleepExploration, ALoopOfSleepsWithoutEndIsALivelock) {
    for (const strategy how :
         {strategy{strategies::exhaustive{}}, strategy{strategies::depth_first{}},
          strategy{strategies::random{}}, strategy{strategies::pct{}}}) {
        options o = bounded(2, how);
        o.step_limit = 500;
        expect_verdict(
            verdict::livelock,
            [] {
                fibers::thread other([] {
                    for (;;) fibers::this_thread::sleep_for(1ms);
                });
                other.join();
            },
            o);
    }
}

// ---- every strategy comes back to what it found

void fails_by_a_timeout() {
    fibers::mutex m;
    fibers::timed_mutex n;
    fibers::condition_variable changed;
    fibers::var<bool> flag{false};
    fibers::thread other([&] {
        const std::lock_guard held(n);
        fibers::this_thread::sleep_for(5ms);
        const std::lock_guard guard(m);
        flag = true;
        changed.notify_one();
    });
    int timeouts = 0;
    {
        std::unique_lock lock(m);
        for (int k = 0; k < 3 && !flag; ++k)
            timeouts += changed.wait_for(lock, 1ms) == std::cv_status::timeout;
    }
    timeouts += 4 * !std::unique_lock(n, 1ms);
    other.join();
    HEDDLE_ASSERT(timeouts == 0);
}

TEST(TimedWaitReplay, BringsTheTimeoutsBack) {
    for (const unsigned bound : {0U, 1U, 2U, 3U, 4U})
        for (const strategy how :
             {strategy{strategies::exhaustive{}}, strategy{strategies::depth_first{}},
              strategy{strategies::random{}}, strategy{strategies::pct{}}}) {
            options o = bounded(bound, how);
            o.execution_limit = 100'000;
            const result found = explore(o, fails_by_a_timeout);
            ASSERT_TRUE(found.failure) << found.summary;
            ASSERT_EQ(to_string(found.verdict), "assertion") << found.failure->message;
            options by_schedule = bounded(2);
            by_schedule.replay = found.failure->replay;
            const result again = explore(by_schedule, fails_by_a_timeout);
            ASSERT_EQ(to_string(again.verdict), "assertion") << testing_support::message_of(again);
            EXPECT_EQ(again.failure->replay, found.failure->replay);
            options by_seed = o;
            by_seed.replay = std::to_string(found.failure->seed) + ":" +
                             std::to_string(found.failure->execution);
            const result third = explore(by_seed, fails_by_a_timeout);
            ASSERT_EQ(to_string(third.verdict), "assertion") << testing_support::message_of(third);
            EXPECT_EQ(third.failure->replay, found.failure->replay);
        }
}

}  // namespace
}  // namespace heddle
