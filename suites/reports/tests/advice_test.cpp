// What reports advise, done: each test is the failing program of its name, changed as its `help`
// says, and clean.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>

#include <heddle/gtest/heddle_test.hpp>

namespace {

using heddle::explore;
using heddle::fibers;
using heddle::finds;
using heddle::is_clean;
using heddle::verdict;
using namespace std::chrono_literals;

// ---- store with release; lock around the read; one mutex in both places ------------------------

TEST(Races, RelaxedFlag) {
    EXPECT_THAT(explore([] {
                    fibers::var<int> letter{0};
                    fibers::atomic<bool> sent{false};
                    fibers::thread sender{[&] {
                        letter = 7;
                        sent.store(true, std::memory_order_release);
                    }};
                    if (sent.load(std::memory_order_acquire)) HEDDLE_ASSERT(letter == 7);
                    sender.join();
                }),
                is_clean());
}

TEST(Races, UnlockedRead) {
    EXPECT_THAT(explore([] {
                    fibers::mutex mutex;
                    fibers::var<int> balance{1};
                    fibers::thread teller{[&] {
                        const std::lock_guard guard{mutex};
                        balance += 10;
                    }};
                    {
                        const std::lock_guard guard{mutex};
                        HEDDLE_ASSERT(balance >= 1);
                    }
                    teller.join();
                }),
                is_clean());
}

TEST(Races, DifferentMutexes) {
    EXPECT_THAT(explore([] {
                    fibers::mutex mutex;
                    fibers::var<int> shared{0};
                    fibers::thread other{[&] {
                        const std::lock_guard guard{mutex};
                        shared.store(1);
                    }};
                    {
                        const std::lock_guard guard{mutex};
                        shared.store(2);
                    }
                    other.join();
                }),
                is_clean());
}

// ---- one order of locks, or all at once; unlock first; a guard; a recursive mutex ---------------

template <class Mutex, class First, class Second>
void two_locks(First first, Second second) {
    Mutex left, right;
    fibers::thread other{[&] { first(left, right); }};
    second(left, right);
    other.join();
}

TEST(Deadlocks, Mutexes) {
    const auto both = [](auto& left, auto& right) { const fibers::scoped_lock guard{left, right}; };
    const auto both_reversed = [](auto& left, auto& right) {
        const fibers::scoped_lock guard{right, left};
    };
    const auto in_order = [](auto& left, auto& right) {
        const std::lock_guard outer{left};
        const std::lock_guard inner{right};
    };
    EXPECT_THAT(explore([&] { two_locks<fibers::mutex>(both, both_reversed); }), is_clean());
    EXPECT_THAT(explore([&] { two_locks<fibers::mutex>(in_order, in_order); }), is_clean());
}

TEST(Deadlocks, RecursiveMutexes) {
    const auto nested = [](auto& left, auto& right) {
        const std::lock_guard outer{left};
        const std::lock_guard again{left};
        const std::lock_guard inner{right};
    };
    EXPECT_THAT(explore([&] { two_locks<fibers::recursive_mutex>(nested, nested); }), is_clean());
}

TEST(Deadlocks, LockedTwice) {
    EXPECT_THAT(explore([] {
                    fibers::mutex mutex;
                    const auto audit = [&] { const std::lock_guard guard{mutex}; };
                    { const std::lock_guard guard{mutex}; }
                    audit();
                }),
                is_clean());
    EXPECT_THAT(explore([] {
                    fibers::recursive_mutex mutex;
                    const auto audit = [&] { const std::lock_guard guard{mutex}; };
                    const std::lock_guard guard{mutex};
                    audit();
                }),
                is_clean());
}

TEST(Deadlocks, JoinUnderLock) {
    EXPECT_THAT(explore([] {
                    fibers::mutex mutex;
                    fibers::thread worker{[&] { const std::lock_guard guard{mutex}; }};
                    { const std::lock_guard guard{mutex}; }
                    worker.join();
                }),
                is_clean());
}

TEST(Deadlocks, AllLocksAtOnce) {
    EXPECT_THAT(explore([] {
                    fibers::mutex left, right;
                    fibers::thread both{[&] { const fibers::scoped_lock guard{left, right}; }};
                    { const std::lock_guard guard{right}; }
                    both.join();
                }),
                is_clean());
}

TEST(Deadlocks, LockNeverReleased) {
    EXPECT_THAT(explore([] {
                    fibers::mutex mutex;
                    fibers::thread worker{[&] { const std::lock_guard guard{mutex}; }};
                    worker.join();
                    const std::lock_guard guard{mutex};
                }),
                is_clean());
}

// ---- change and test under the mutex; a flag; notify all; notify after the change ---------------

struct gate {
    fibers::mutex mutex;
    fibers::condition_variable opened;
    fibers::var<bool> open{false};

    void pass() {
        std::unique_lock lock{mutex};
        opened.wait(lock, [&] { return open.load(); });
    }
};

void pass_together(int visitors, void (*let_in)(gate&)) {
    gate g;
    fibers::thread first{[&] { g.pass(); }};
    fibers::thread second{[&] {
        if (visitors == 2) g.pass();
    }};
    let_in(g);
    first.join();
    second.join();
}

// A timed waiter that gives up, after a last look or passing its notification on.
template <bool looks_again>
void patient_and_hasty() {
    fibers::mutex mutex;
    fibers::condition_variable filled;
    fibers::var<int> items{0};
    const auto put = [&] {
        const std::lock_guard guard{mutex};
        ++items;
        filled.notify_one();
    };
    fibers::thread patient{[&] {
        std::unique_lock lock{mutex};
        while (items == 0) filled.wait(lock);
        --items;
    }};
    bool taken = false;
    fibers::thread hasty{[&] {
        std::unique_lock lock{mutex};
        while (items == 0)
            if (filled.wait_for(lock, 1ms) == std::cv_status::timeout) {
                if (looks_again && items != 0) break;
                if (!looks_again) filled.notify_one();
                return;
            }
        --items;
        taken = true;
    }};
    put();
    hasty.join();
    if (taken) put();
    patient.join();
}

TEST(LostNotifications, TakenByATimedOutWaiter) {
    EXPECT_THAT(explore(patient_and_hasty<true>), is_clean());
    EXPECT_THAT(explore(patient_and_hasty<false>), is_clean());
}

TEST(LostNotifications, BeforeTheWait) {
    EXPECT_THAT(explore([] {
                    fibers::mutex mutex;
                    fibers::condition_variable jobs_ready;
                    fibers::atomic<int> pending{0};
                    fibers::thread worker{[&] {
                        {
                            std::unique_lock lock{mutex};
                            jobs_ready.wait(lock, [&] { return pending.load() != 0; });
                        }
                        pending.fetch_sub(1);
                    }};
                    {
                        const std::lock_guard guard{mutex};
                        pending.fetch_add(1);
                    }
                    jobs_ready.notify_one();
                    worker.join();
                }),
                is_clean());
}

TEST(LostNotifications, WithoutState) {
    EXPECT_THAT(explore([] {
                    pass_together(1, [](gate& g) {
                        {
                            const std::lock_guard guard{g.mutex};
                            g.open = true;
                        }
                        g.opened.notify_all();
                    });
                }),
                is_clean());
}

TEST(LostNotifications, OneForTwo) {
    EXPECT_THAT(explore([] {
                    pass_together(2, [](gate& g) {
                        const std::lock_guard guard{g.mutex};
                        g.open = true;
                        g.opened.notify_all();
                    });
                }),
                is_clean());
    EXPECT_THAT(explore([] {
                    pass_together(2, [](gate& g) {
                        const std::lock_guard guard{g.mutex};
                        g.open = true;
                        g.opened.notify_one();
                        g.opened.notify_one();
                    });
                }),
                is_clean());
}

void open_and_notify_one(gate& g) {
    const std::lock_guard guard{g.mutex};
    g.open = true;
    g.opened.notify_one();
}

TEST(LostNotifications, NobodyNotified) {
    EXPECT_THAT(explore([] { pass_together(1, open_and_notify_one); }), is_clean());
}

TEST(LostNotifications, AnotherWasNotified) {
    EXPECT_THAT(explore([] { pass_together(1, open_and_notify_one); }), is_clean());
}

// `filled` and `emptied` are one condition variable, or two.
void hand_over(fibers::condition_variable& filled, fibers::condition_variable& emptied, bool all) {
    fibers::mutex mutex;
    fibers::var<bool> full{false};
    const auto notify = [&](fibers::condition_variable& changed) {
        all ? changed.notify_all() : changed.notify_one();
    };
    const auto put = [&] {
        std::unique_lock lock{mutex};
        emptied.wait(lock, [&] { return !full.load(); });
        full = true;
        notify(filled);
    };
    const auto take = [&] {
        std::unique_lock lock{mutex};
        filled.wait(lock, [&] { return full.load(); });
        full = false;
        notify(emptied);
    };
    fibers::thread taker_1{take};
    fibers::thread taker_2{take};
    put();
    put();
    taker_1.join();
    taker_2.join();
}

TEST(LostNotifications, Swallowed) {
    EXPECT_THAT(explore([] {
                    fibers::condition_variable changed;
                    hand_over(changed, changed, true);
                }),
                is_clean());
    EXPECT_THAT(explore([] {
                    fibers::condition_variable filled, emptied;
                    hand_over(filled, emptied, false);
                }),
                is_clean());
}

TEST(LostNotifications, AtomicNobodyNotified) {
    EXPECT_THAT(explore([] {
                    fibers::atomic<bool> ready{false};
                    fibers::thread worker{[&] { ready.wait(false); }};
                    ready.store(true);
                    ready.notify_one();
                    worker.join();
                }),
                is_clean());
}

// The notification was one of two mistakes: what is left is that nobody sets `done`.
TEST(LostNotifications, ThenJoinsAThreadThatWaits) {
    EXPECT_THAT(explore([] {
                    fibers::atomic<bool> ready{false}, done{false};
                    heddle::name(done, "done");
                    fibers::thread worker{[&] {
                        ready.store(true);
                        ready.notify_one();
                        done.wait(false);
                    }};
                    ready.wait(false);
                    worker.join();
                }),
                finds(verdict::deadlock, "`done`"));
}

// ---- calls that are allowed -------------------------------------------------------------------

TEST(Misuses, WaitWithoutLock) {
    EXPECT_THAT(explore([] {
                    pass_together(1, [](gate& g) {
                        std::unique_lock lock{g.mutex};
                        g.open = true;
                        g.opened.notify_one();
                        g.opened.wait(lock, [&] { return g.open.load(); });
                    });
                }),
                is_clean());
}

TEST(Misuses, NeitherJoinedNorDetached) {
    EXPECT_THAT(explore([] {
                    fibers::thread worker{[] {}};
                    worker.join();
                }),
                is_clean());
    EXPECT_THAT(explore([] { fibers::jthread worker{[] {}}; }), is_clean());
}

TEST(Misuses, ChooseFromNothing) {
    EXPECT_THAT(explore([] { heddle::choose(1); }), is_clean());
}

TEST(Misuses, GlobalObject) {
    EXPECT_THAT(explore([] {
                    fibers::atomic<int> built_in_the_body{0};
                    built_in_the_body.store(1);
                }),
                is_clean());
}

TEST(Others, StepLimit) {
    EXPECT_THAT(explore({.step_limit = 5'000},
                        [] {
                            fibers::atomic<int> count{0};
                            while (count.load() < 1000) count.fetch_add(1);
                        }),
                is_clean());
}

}  // namespace
