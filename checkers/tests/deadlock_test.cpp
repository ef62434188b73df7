#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <heddle/checkers/deadlock.hpp>

#include "reports.hpp"

namespace heddle::checkers {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using trace::operation;
using trace::stop;
using trace::trace_builder;

TEST(Deadlock, ShowsTheCycleOfTwoTransfers) {
    trace_builder t = sample();
    const int main = t.thread("main"), one = t.thread("mover-1"), two = t.thread("mover-2");
    const int alice = t.mutex("alice.mutex_"), bob = t.mutex("bob.mutex_");
    t.at("transfer_test.cpp", "thread mover_1");
    t.spawn(main, one);
    t.at("transfer_test.cpp", "thread mover_2");
    t.spawn(main, two);
    t.at("transfer_test.cpp", "mover_1.join");
    t.blocks_in_join(main, one);
    t.at("account.hpp", "from.mutex_.lock()");
    const unsigned first = t.lock(one, alice);
    const unsigned second = t.lock(two, bob);
    t.at("account.hpp", "to.mutex_.lock()");
    t.blocks(one, operation::lock, bob);
    const unsigned last = t.blocks(two, operation::lock, alice);
    t.trace.ends[one].callers = {t.place_of("transfer_test.cpp", "transfer(alice, bob")};
    t.trace.ends[two].callers = {t.place_of("transfer_test.cpp", "transfer(bob, alice")};
    t.holds(one, alice, first);
    t.holds(two, bob, second);
    t.stops(stop::deadlock, two, last, alice);
    t.trace.cycle = {two, one};
    const auto d = explain_deadlock(t.trace);
    EXPECT_EQ(d.slug, "deadlock");
    EXPECT_EQ(d.headline, "`mover-1` and `mover-2` wait for each other");
    EXPECT_THAT(d.threads, ElementsAre(one, two));
    EXPECT_THAT(d.objects, ElementsAre(alice, bob));
    EXPECT_THAT(d.help, ElementsAre("lock both with `std::scoped_lock{from.mutex_, to.mutex_}`, or "
                                    "always in one order"));
    expect_report("deadlock_cycle", t.trace, d);
}

TEST(Deadlock, FindsTheCycleThatTheTraceDoesNotName) {
    trace_builder t = sample();
    const int main = t.thread("main"), one = t.thread("a"), two = t.thread("b");
    const int m = t.mutex("m"), n = t.mutex("n");
    t.nowhere();
    t.spawn(main, one);
    t.spawn(main, two);
    const unsigned first = t.lock(one, m), second = t.lock(two, n);
    t.blocks(one, operation::lock, n);
    t.blocks(two, operation::lock, m);
    t.holds(one, m, first);
    t.holds(two, n, second);
    const unsigned last = t.blocks_in_join(main, one);
    t.stops(stop::deadlock, main, last);
    const auto d = explain_deadlock(t.trace);
    EXPECT_EQ(d.headline, "`a` and `b` wait for each other");
    EXPECT_THAT(joined(d.notes), HasSubstr("`main` waits to join `a`"));
    EXPECT_THAT(joined(d.help), HasSubstr("lock `m` and `n` in the same order in both threads"));
}

TEST(Deadlock, NamesTheLockTakenTwice) {
    trace_builder t = sample();
    const int main = t.thread("main");
    const int mutex = t.mutex("alice.mutex_");
    t.at("account.hpp", "std::lock_guard guard{mutex_}");
    const unsigned first = t.lock(main, mutex);
    trace::place inner = t.place_of("account.hpp", "void audit()");
    ++inner.line;
    t.at(inner);
    const unsigned last = t.blocks(main, operation::lock, mutex);
    t.trace.ends[main].callers = {t.place_of("account.hpp", "        audit();")};
    t.holds(main, mutex, first);
    t.stops(stop::deadlock, main, last, mutex);
    t.trace.cycle = {main};
    const auto d = explain_deadlock(t.trace);
    EXPECT_EQ(d.headline, "`main` waits for `alice.mutex_`, which it holds itself");
    expect_report("deadlock_self", t.trace, d);
}

// The attempt stops the execution at once, before the thread counts as blocked.
TEST(Deadlock, NamesTheLockTakenTwiceByARunningThread) {
    trace_builder t = sample();
    const int main = t.thread("main"), mutex = t.mutex("mutex");
    t.holds(main, mutex, t.lock(main, mutex));
    const unsigned last = t.blocks(main, operation::lock, mutex);
    t.goes_on(main);
    t.stops(stop::deadlock, main, last, mutex);
    t.trace.cycle = {main};
    EXPECT_EQ(explain_deadlock(t.trace).headline,
              "`main` waits for `mutex`, which it holds itself");
}

TEST(Deadlock, NamesTheOwnerThatEnded) {
    trace_builder t = sample();
    const int main = t.thread("main"), worker = t.thread("worker");
    const int mutex = t.mutex("alice.mutex_");
    t.at("transfer_test.cpp", "thread mover_1");
    t.spawn(main, worker);
    t.at("account.hpp", "        mutex_.lock();");
    const unsigned taken = t.lock(worker, mutex);
    t.ends(worker);
    t.at("transfer_test.cpp", "mover_1.join");
    t.join(main, worker);
    t.at("account.hpp", "std::lock_guard guard{mutex_}");
    const unsigned last = t.blocks(main, operation::lock, mutex);
    t.holds(worker, mutex, taken);
    t.stops(stop::deadlock, main, last, mutex);
    t.trace.owner_exited = true;
    const auto d = explain_deadlock(t.trace);
    EXPECT_EQ(d.headline,
              "`main` waits for `alice.mutex_`, but `worker` ended without unlocking it");
    EXPECT_THAT(joined(d.help), HasSubstr("std::lock_guard guard{mutex_};"));
    expect_report("deadlock_owner_exited", t.trace, d);
}

TEST(Deadlock, NamesAJoinUnderALock) {
    trace_builder t = sample();
    const int main = t.thread("main"), worker = t.thread("thread-1");
    const int mutex = t.mutex("mutex");
    t.at("transfer_test.cpp", "thread worker");
    t.spawn(main, worker);
    t.at("transfer_test.cpp", "std::unique_lock lock{mutex}");
    const unsigned taken = t.lock(main, mutex);
    t.at("transfer_test.cpp", "worker.join()");
    t.blocks_in_join(main, worker);
    t.at("transfer_test.cpp", "std::scoped_lock guard{mutex}");
    const unsigned last = t.blocks(worker, operation::lock, mutex);
    t.holds(main, mutex, taken);
    t.stops(stop::deadlock, worker, last, mutex);
    const auto d = explain_deadlock(t.trace);
    EXPECT_EQ(d.headline, "`main` and `thread-1` wait for each other");
    EXPECT_THAT(d.help,
                ElementsAre("end the scope of the lock (transfer_test.cpp:19) before joining "
                            "`thread-1` at transfer_test.cpp:20, or join `thread-1` before the "
                            "lock is taken"));
    expect_report("deadlock_join_under_lock", t.trace, d);
}

// Dining philosophers: five threads, five forks.
TEST(Deadlock, ShowsARingOfFive) {
    trace_builder t = sample();
    t.thread("main");
    for (int k = 1; k <= 5; ++k) {
        t.thread("philosopher-" + std::to_string(k));
        t.mutex("fork-" + std::to_string(k));
    }
    t.at("account.hpp", "from.mutex_.lock()");
    for (int k = 0; k < 5; ++k) t.holds(k + 1, k, t.lock(k + 1, k));
    t.at("account.hpp", "to.mutex_.lock()");
    for (int k = 0; k < 5; ++k) t.blocks(k + 1, operation::lock, (k + 1) % 5);
    t.stops(stop::deadlock, 5, t.last(), 0);
    t.trace.cycle = {5, 1, 2, 3, 4};
    t.nowhere();
    t.blocks_in_join(0, 1);
    const auto d = explain_deadlock(t.trace);
    EXPECT_EQ(d.headline, "5 threads wait for each other in a ring");
    expect_report("deadlock_ring", t.trace, d);
}

TEST(Deadlock, SaysThatANotificationWouldNotHelp) {
    trace_builder t = sample();
    const int main = t.thread("main"), worker = t.thread("worker"), second = t.thread("second");
    const int mutex = t.mutex("mutex_"), ready = t.condition_variable("jobs_ready_");
    const int pending = t.atomic("pending_");
    t.at("pool_test.cpp", "thread worker");
    t.spawn(main, worker);
    t.at("pool_test.cpp", "thread second");
    t.spawn(main, second);
    t.at("pool.hpp", "pending_.fetch_add(1)");
    const unsigned add = t.update(main, operation::fetch_add, pending, 0, 1);
    t.at("pool.hpp", "jobs_ready_.notify_one()");
    t.notify(main, operation::notify_one, ready);
    for (const int thread : {worker, second}) {
        t.at(t.place_of("pool.hpp", "void take()"));
        t.lock(thread, mutex, thread == second ? static_cast<int>(t.last()) : trace::none);
        t.at("pool.hpp", "while (pending_.load() <= 0)");
        t.load(thread, pending, thread == worker ? 1 : 0,
               static_cast<int>(thread == worker ? add : t.last() - 2));
        if (thread == worker) {
            t.at("pool.hpp", "pending_.fetch_sub(1)");
            t.update(worker, operation::fetch_sub, pending, 1, 0, static_cast<int>(add));
            t.unlock(worker, mutex);
            t.ends(worker);
        } else {
            t.sleeps(second, ready, mutex);
        }
    }
    t.at("pool_test.cpp", "worker.join()");
    t.join(main, worker);
    t.at("pool_test.cpp", "second.join()");
    t.blocks_in_join(main, second);
    t.stops(stop::deadlock, second, t.trace.ends[second].since, ready);
    const auto d = explain_deadlock(t.trace);
    EXPECT_EQ(d.headline,
              "`second` waits on `jobs_ready_`, and no thread is left to make its condition true");
    EXPECT_EQ(d.reason, "state-undone");
    EXPECT_THAT(
        joined(d.why),
        HasSubstr("two threads wanted it (pool.hpp:30): `worker` took it first (pool.hpp:31, step "
                  "7), and nobody makes it 1 again"));
    EXPECT_THAT(joined(d.notes), HasSubstr("a further notification would not help"));
    EXPECT_THAT(joined(d.help),
                HasSubstr("make `pending_` 1 (pool.hpp:6) once for each thread that waits for it"));
    expect_report("deadlock_condition", t.trace, d);
}

// `main` sets the gate and resets it, in one hold of the mutex or in two; `worker` comes later.
trace::diagnostic set_and_reset(bool one_hold) {
    trace_builder t = sample();
    const int main = t.thread("main"), worker = t.thread("worker");
    const int mutex = t.mutex("mutex_"), ready = t.condition_variable("jobs_ready_");
    const int gate = t.atomic("gate_", trace::value_format::boolean);
    t.at("pool_test.cpp", "thread worker");
    t.spawn(main, worker);
    t.at("pool.hpp", "void open()");
    t.lock(main, mutex);
    t.at("pool.hpp", "gate_.store(true)");
    t.store(main, gate, 1);
    if (!one_hold) {
        t.unlock(main, mutex);
        t.lock(main, mutex);
    }
    t.at("pool.hpp", "gate_{false}");
    t.store(main, gate, 0);
    t.unlock(main, mutex);
    t.at("pool.hpp", "void rest()");
    t.lock(worker, mutex);
    t.load(worker, gate, 0);
    const unsigned last = t.sleeps(worker, ready, mutex);
    t.at("pool_test.cpp", "worker.join");
    t.blocks_in_join(main, worker);
    t.stops(stop::deadlock, worker, last, ready);
    return explain_deadlock(t.trace);
}

TEST(Deadlock, NamesAStateThatNoOtherThreadCouldSee) {
    const auto d = set_and_reset(true);
    EXPECT_EQ(d.headline,
              "`worker` waits on `jobs_ready_`; `main` changed `gate_` to true and back under one "
              "lock");
    EXPECT_EQ(d.reason, "state-undone");
    EXPECT_THAT(joined(d.why), HasSubstr("so no other thread could ever see it true"));
    EXPECT_TRUE(has_label(d, "`main` locks `mutex_` at step 2"));
    EXPECT_THAT(joined(d.help), HasSubstr("let the waiter do that after its wait"));
}

TEST(Deadlock, AccusesNobodyOfAStateThatCouldBeSeen) {
    const auto d = set_and_reset(false);
    EXPECT_EQ(d.headline,
              "`worker` waits on `jobs_ready_`, and no thread is left to make its condition true");
    EXPECT_EQ(d.reason, "state-undone");
    EXPECT_THAT(joined(d.why), HasSubstr("`main` changed `gate_` to true"));
    EXPECT_THAT(joined(d.why), HasSubstr("`worker` tested it only then"));
    EXPECT_THAT(d.help, IsEmpty());
}

TEST(Deadlock, SaysThatNobodyEverNotifies) {
    trace_builder t = sample();
    const int main = t.thread("main");
    const int mutex = t.mutex("mutex_"), ready = t.condition_variable("jobs_ready_");
    t.at("pool.hpp", "void rest()");
    t.lock(main, mutex);
    const unsigned last = t.sleeps(main, ready, mutex);
    t.stops(stop::deadlock, main, last, ready);
    const auto d = explain_deadlock(t.trace);
    EXPECT_THAT(d.why, ElementsAre("nothing in this execution notifies `jobs_ready_`"));
}

TEST(Deadlock, NamesTheLastChangeOfAValueWaitedFor) {
    trace_builder t = sample();
    const int main = t.thread("main"), worker = t.thread("worker");
    const int gate = t.atomic("gate_", trace::value_format::boolean);
    t.at("pool_test.cpp", "thread worker");
    t.spawn(main, worker);
    t.at("pool.hpp", "gate_.store");
    t.store(main, gate, 0);
    t.at("pool.hpp", "gate_.wait");
    const unsigned last = t.blocks(worker, operation::await_not_equal, gate);
    t.at("pool_test.cpp", "worker.join");
    t.blocks_in_join(main, worker);
    t.stops(stop::deadlock, worker, last, gate);
    const auto d = explain_deadlock(t.trace);
    EXPECT_EQ(d.headline, "`worker` waits for a change of `gate_` that no thread can make");
    EXPECT_THAT(
        joined(d.why),
        HasSubstr("`gate_` has been false since step 2, and `worker` waits for another value"));
}

TEST(Deadlock, SaysWhereObjectsOfOneNameWereMade) {
    for (const bool one_place : {true, false}) {
        trace_builder t = sample();
        t.thread("main");
        const int one = t.thread("one"), two = t.thread("two");
        t.at("account.hpp", "mutex mutex_;");
        const int a = t.mutex("");
        t.unnamed("mutex-1");
        if (!one_place) t.at("pool.hpp", "mutex mutex_;");
        const int b = t.mutex("");
        t.unnamed("mutex-2");
        t.at("account.hpp", "from.mutex_.lock()");
        t.holds(one, a, t.lock(one, a));
        t.holds(two, b, t.lock(two, b));
        t.at("account.hpp", "to.mutex_.lock()");
        t.blocks(one, operation::lock, b);
        t.blocks(two, operation::lock, a);
        t.stops(stop::deadlock, two, t.last(), a);
        const auto d = explain_deadlock(t.trace);
        EXPECT_THAT(
            joined(d.notes),
            HasSubstr(one_place ? "`mutex_#1` and `mutex_#2` were made at account.hpp:4, in "
                                  "this order; `heddle::name(object"
                                : "objects of one name were made: `mutex_#1` at "
                                  "account.hpp:4 and `mutex_#2` at "));
    }
}

TEST(Deadlock, CountsManyStuckThreads) {
    trace_builder t = sample();
    t.thread("main");
    const int mutex = t.mutex("mutex_"), ready = t.condition_variable("jobs_ready_");
    t.at("pool.hpp", "void rest()");
    for (int k = 1; k <= 6; ++k) {
        t.thread("thread-" + std::to_string(k));
        t.lock(k, mutex, k > 1 ? static_cast<int>(t.last()) - 1 : trace::none);
        t.sleeps(k, ready, mutex);
    }
    t.nowhere();
    t.blocks_in_join(0, 1);
    t.stops(stop::deadlock, 1, t.trace.ends[1].since, ready);
    const auto d = explain_deadlock(t.trace);
    EXPECT_EQ(d.headline, "6 threads wait on `jobs_ready_`, and no thread is left to notify it");
    expect_report("deadlock_many", t.trace, d);
}

TEST(Deadlock, SurvivesAnEmptyTrace) {
    EXPECT_EQ(explain_deadlock({}).headline, "no thread can run any more");
}

}  // namespace
}  // namespace heddle::checkers
