// What reports advise, done: each test is the failing program of its name, changed as its `help`
// says, and clean. Those of lost notifications stand in notification_advice_test.cpp.
#include <atomic>
#include <mutex>
#include <optional>

#include <heddle/gtest/heddle_test.hpp>

namespace {

using heddle::explore;
using heddle::fibers;
using heddle::finds;
using heddle::is_clean;
using heddle::verdict;

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

// The join that came after the read, before it.
TEST(Races, NotJoined) {
    EXPECT_THAT(explore([] {
                    fibers::var<int> result{0};
                    fibers::thread worker{[&] { result = 42; }};
                    worker.join();
                    HEDDLE_ASSERT(result == 42);
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
    EXPECT_THAT(explore([] {
                    fibers::mutex mutex;
                    fibers::thread worker{[&] { const std::lock_guard guard{mutex}; }};
                    worker.join();
                    const std::lock_guard guard{mutex};
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
    EXPECT_THAT(explore([] {
                    fibers::mutex left, right;
                    fibers::thread both{[&] { const fibers::scoped_lock guard{left, right}; }};
                    both.join();
                    const std::lock_guard guard{right};
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

// An event that its waiter resets, or that is reset when its waiter has seen it.
template <bool waiter_resets>
void pulse() {
    fibers::mutex mutex;
    fibers::condition_variable changed;
    fibers::var<bool> set{false}, seen{false};
    fibers::thread runner{[&] {
        std::unique_lock lock{mutex};
        while (!set) changed.wait(lock);
        if (waiter_resets) set = false;
        seen = true;
        changed.notify_all();
    }};
    {
        std::unique_lock lock{mutex};
        set = true;
        changed.notify_all();
        if (!waiter_resets) {
            while (!seen) changed.wait(lock);
            set = false;
        }
    }
    runner.join();
}

TEST(Deadlocks, EventClearedTooEarly) {
    EXPECT_THAT(explore(pulse<true>), is_clean());
    EXPECT_THAT(explore(pulse<false>), is_clean());
}

TEST(Deadlocks, ItemTakenByAnother) {
    const auto two_takers = [](int puts, int takers) {
        return [=] {
            fibers::mutex mutex;
            fibers::condition_variable filled;
            fibers::var<int> items{0};
            const auto take = [&] {
                std::unique_lock lock{mutex};
                while (items == 0) filled.wait(lock);
                items -= 1;
            };
            fibers::thread first{take};
            fibers::thread second{[&] {
                if (takers == 2) take();
            }};
            for (int k = 0; k < puts; ++k) {
                const std::lock_guard guard{mutex};
                items += 1;
                filled.notify_one();
            }
            first.join();
            second.join();
        };
    };
    EXPECT_THAT(explore(two_takers(2, 2)), is_clean());
    EXPECT_THAT(explore(two_takers(1, 1)), is_clean());
}

// ---- calls that are allowed -------------------------------------------------------------------

TEST(Misuses, DestroyedWhileHeld) {
    EXPECT_THAT(explore([] {
                    std::optional<fibers::mutex> mutex{std::in_place};
                    fibers::thread holder{[&] { const std::lock_guard guard{*mutex}; }};
                    holder.join();
                    mutex.reset();
                }),
                is_clean());
}

TEST(Misuses, DestroyedWhileWaitedOn) {
    EXPECT_THAT(explore([] {
                    fibers::mutex mutex;
                    fibers::atomic<bool> waits{false};
                    std::optional<fibers::condition_variable> changed{std::in_place};
                    fibers::thread waiter{[&] {
                        std::unique_lock lock{mutex};
                        waits = true;
                        changed->wait(lock);
                    }};
                    heddle::await(waits, [](bool value) { return value; });
                    mutex.lock();
                    mutex.unlock();
                    changed->notify_one();
                    waiter.join();
                    changed.reset();
                }),
                is_clean());
}

TEST(Misuses, TwoMutexesForOneWait) {
    EXPECT_THAT(explore([] {
                    fibers::mutex red;
                    fibers::condition_variable opened;
                    fibers::var<bool> open{false};
                    const auto pass = [&] {
                        std::unique_lock lock{red};
                        while (!open) opened.wait(lock);
                    };
                    fibers::thread other{pass};
                    fibers::thread keeper{[&] {
                        const std::lock_guard guard{red};
                        open = true;
                        opened.notify_all();
                    }};
                    pass();
                    other.join();
                    keeper.join();
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

TEST(Others, Livelock) {
    EXPECT_THAT(explore([] {
                    fibers::atomic<bool> ready{false};
                    fibers::thread waiter{[&] {
                        while (!ready.load()) fibers::this_thread::yield();
                    }};
                    ready.store(true);
                    waiter.join();
                }),
                is_clean());
}

// An unfair schedule still has no end: it runs a visitor for ever. A fair one has.
TEST(Others, Starvation) {
    const auto body = [] {
        fibers::atomic<int> visitors{0};
        fibers::atomic<bool> sweeping{false}, swept{false};
        const auto visit = [&] {
            while (!swept.load()) {
                if (sweeping.load()) {
                    fibers::this_thread::yield();
                    continue;
                }
                visitors.fetch_add(1);
                visitors.fetch_sub(1);
            }
        };
        fibers::thread first{visit}, second{visit};
        sweeping.store(true);
        while (visitors.load() != 0) fibers::this_thread::yield();
        swept.store(true);
        first.join();
        second.join();
    };
    EXPECT_EQ(
        explore({.strategy = heddle::strategies::random{}, .execution_limit = 500}, body).verdict,
        verdict::ok);
    EXPECT_EQ(
        explore({.strategy = heddle::strategies::exhaustive{}, .execution_limit = 20'000}, body)
            .verdict,
        verdict::ok);
}

TEST(Others, StaleRead) {
    EXPECT_THAT(explore([] {
                    fibers::atomic<int> x{0}, y{0};
                    fibers::thread writer{[&] {
                        x.store(1, std::memory_order_relaxed);
                        y.store(1, std::memory_order_release);
                    }};
                    if (y.load(std::memory_order_acquire) == 1)
                        HEDDLE_ASSERT(x.load(std::memory_order_relaxed) == 1);
                    writer.join();
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
