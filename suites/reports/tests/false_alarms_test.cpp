// Programs that are right and look wrong: each is proved clean.
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <vector>

#include <heddle/gtest/heddle_test.hpp>

namespace {

using heddle::explore;
using heddle::fibers;
using heddle::is_clean;

constexpr auto relaxed = std::memory_order_relaxed;
constexpr auto acquire = std::memory_order_acquire;
constexpr auto release = std::memory_order_release;

// ---- waiting ----------------------------------------------------------------------------------

TEST(FalseAlarms, SpinOnTryLock) {
    EXPECT_THAT(explore([] {
                    fibers::mutex mutex;
                    fibers::var<int> count{0};
                    const auto add = [&] {
                        while (!mutex.try_lock()) fibers::this_thread::yield();
                        count += 1;
                        mutex.unlock();
                    };
                    fibers::thread other{add};
                    add();
                    other.join();
                    HEDDLE_ASSERT(count == 2);
                }),
                is_clean());
}

TEST(FalseAlarms, TryLockThatGivesUp) {
    EXPECT_THAT(explore([] {
                    fibers::mutex mutex;
                    fibers::thread other{[&] {
                        if (mutex.try_lock()) mutex.unlock();
                    }};
                    const std::lock_guard guard{mutex};
                    other.join();
                }),
                is_clean());
}

TEST(FalseAlarms, NotifyWithNobodyWaitingWhileThePredicateHolds) {
    EXPECT_THAT(explore([] {
                    fibers::mutex mutex;
                    fibers::condition_variable changed;
                    fibers::var<bool> ready{false};
                    {
                        const std::lock_guard guard{mutex};
                        ready = true;
                    }
                    changed.notify_one();
                    fibers::thread waiter{[&] {
                        std::unique_lock lock{mutex};
                        changed.wait(lock, [&] { return ready.load(); });
                    }};
                    waiter.join();
                }),
                is_clean());
}

TEST(FalseAlarms, NotifyWithoutTheLock) {
    EXPECT_THAT(explore([] {
                    fibers::mutex mutex;
                    fibers::condition_variable changed;
                    fibers::var<bool> ready{false};
                    fibers::thread waiter{[&] {
                        std::unique_lock lock{mutex};
                        changed.wait(lock, [&] { return ready.load(); });
                    }};
                    {
                        const std::lock_guard guard{mutex};
                        ready = true;
                    }
                    changed.notify_one();
                    waiter.join();
                }),
                is_clean());
}

TEST(FalseAlarms, NotificationThatOnlyTheWaiterWithUseForItGets) {
    EXPECT_THAT(explore([] {
                    fibers::atomic<int> stage{0};
                    fibers::thread waiter{[&] {
                        stage.wait(0);
                        HEDDLE_ASSERT(stage.load() != 0);
                    }};
                    stage.store(1);
                    stage.notify_one();
                    stage.notify_one();
                    waiter.join();
                }),
                is_clean());
}

// The pair is done; the poller runs on until it is told to stop.
TEST(FalseAlarms, PollingThreadBesideAFinishedPair) {
    EXPECT_THAT(explore([] {
                    fibers::mutex mutex;
                    fibers::atomic<bool> stop{false};
                    fibers::thread poller{[&] {
                        while (!stop.load()) fibers::this_thread::yield();
                    }};
                    const auto work = [&] { const std::lock_guard guard{mutex}; };
                    fibers::thread one{work};
                    fibers::thread two{work};
                    one.join();
                    two.join();
                    stop.store(true);
                    poller.join();
                }),
                is_clean());
}

// ---- memory orders ----------------------------------------------------------------------------

TEST(FalseAlarms, DoubleCheckedLockingWithAcquire) {
    EXPECT_THAT(explore([] {
                    fibers::mutex mutex;
                    fibers::atomic<bool> made{false};
                    fibers::var<int> value{0};
                    const auto get = [&] {
                        if (!made.load(acquire)) {
                            const std::lock_guard guard{mutex};
                            if (!made.load(relaxed)) {
                                value = 42;
                                made.store(true, release);
                            }
                        }
                        return value.load();
                    };
                    fibers::thread other{[&] { HEDDLE_ASSERT(get() == 42); }};
                    HEDDLE_ASSERT(get() == 42);
                    other.join();
                }),
                is_clean());
}

// Boehm, "Can Seqlocks Get Along with Programming Language Memory Models?", MSPC 2012, figure 6.
TEST(FalseAlarms, SeqlockDoneRight) {
    EXPECT_THAT(explore([] {
                    fibers::atomic<unsigned> sequence{0};
                    fibers::atomic<int> left{0}, right{0};
                    fibers::thread writer{[&] {
                        sequence.store(1, relaxed);
                        fibers::atomic_thread_fence(release);
                        left.store(1, relaxed);
                        right.store(1, relaxed);
                        sequence.store(2, release);
                    }};
                    const unsigned before = sequence.load(acquire);
                    const int l = left.load(relaxed), r = right.load(relaxed);
                    fibers::atomic_thread_fence(acquire);
                    const unsigned after = sequence.load(relaxed);
                    if (before == after && before % 2 == 0) HEDDLE_ASSERT(l == r);
                    writer.join();
                }),
                is_clean());
}

// Each sees the other's store or is seen: not acquire and release, but one order of all.
TEST(FalseAlarms, StoreBufferingWithSeqCst) {
    EXPECT_THAT(explore([] {
                    fibers::atomic<int> x{0}, y{0};
                    int seen = -1;
                    fibers::thread other{[&] {
                        y.store(1);
                        seen = x.load();
                    }};
                    x.store(1);
                    const int mine = y.load();
                    other.join();
                    HEDDLE_ASSERT(mine == 1 || seen == 1);
                }),
                is_clean());
}

TEST(FalseAlarms, DataHandedOverByAJoin) {
    EXPECT_THAT(explore([] {
                    fibers::var<int> result{0};
                    fibers::thread worker{[&] { result = 1; }};
                    worker.join();
                    HEDDLE_ASSERT(result == 1);
                }),
                is_clean());
}

// ---- locks ------------------------------------------------------------------------------------

TEST(FalseAlarms, RecursiveNesting) {
    EXPECT_THAT(explore([] {
                    fibers::recursive_mutex mutex;
                    fibers::var<int> depth{0};
                    const auto nest = [&] {
                        const std::lock_guard outer{mutex};
                        const std::lock_guard middle{mutex};
                        const bool inner = mutex.try_lock();
                        HEDDLE_ASSERT(inner);
                        depth += 1;
                        mutex.unlock();
                    };
                    fibers::thread other{nest};
                    nest();
                    other.join();
                    HEDDLE_ASSERT(depth == 2);
                }),
                is_clean());
}

// Opposite orders, but a third lock keeps them from crossing.
TEST(FalseAlarms, OppositeOrdersUnderAGate) {
    EXPECT_THAT(explore([] {
                    fibers::mutex gate, left, right;
                    fibers::thread other{[&] {
                        const std::lock_guard keeper{gate};
                        const std::lock_guard first{left};
                        const std::lock_guard second{right};
                    }};
                    {
                        const std::lock_guard keeper{gate};
                        const std::lock_guard first{right};
                        const std::lock_guard second{left};
                    }
                    other.join();
                }),
                is_clean());
}

// The standard allows to destroy a mutex that nobody holds or will use, whoever held it before: the
// last one out locks and unlocks, and then knows that it is the last.
TEST(FalseAlarms, MutexDestroyedAfterOnesOwnLockAndUnlock) {
    EXPECT_THAT(explore([] {
                    std::optional<fibers::mutex> mutex{std::in_place};
                    fibers::var<int> users{2};
                    const auto leave = [&] {
                        mutex->lock();
                        users -= 1;
                        const bool last = users == 0;
                        mutex->unlock();
                        if (last) mutex.reset();
                    };
                    fibers::thread other{leave};
                    leave();
                    other.join();
                    HEDDLE_ASSERT(!mutex.has_value());
                }),
                is_clean());
}

// ---- lifetimes --------------------------------------------------------------------------------

TEST(FalseAlarms, DetachedThreadsThatFinish) {
    EXPECT_THAT(explore([] {
                    const auto count = std::make_shared<fibers::atomic<int>>(0);
                    for (int k = 0; k < 2; ++k) {
                        fibers::thread worker{[count] { count->fetch_add(1); }};
                        worker.detach();
                    }
                }),
                is_clean());
}

TEST(FalseAlarms, ResultsCollectedInAnOuterContainer) {
    std::set<std::vector<int>> seen;
    EXPECT_THAT(explore([&] {
                    fibers::atomic<int> next{0};
                    std::vector<int> drawn(2, -1);
                    fibers::thread other{[&] { drawn[1] = next.fetch_add(1); }};
                    drawn[0] = next.fetch_add(1);
                    other.join();
                    seen.insert(drawn);
                }),
                is_clean());
    EXPECT_EQ(seen, (std::set<std::vector<int>>{{0, 1}, {1, 0}}));
}

TEST(FalseAlarms, StaticLocals) {
    EXPECT_THAT(explore([] {
                    const auto table = [] {
                        static const std::vector<int> squares{0, 1, 4, 9};
                        return squares;
                    };
                    fibers::atomic<int> sum{0};
                    fibers::thread other{[&] { sum.fetch_add(table()[2]); }};
                    sum.fetch_add(table()[3]);
                    other.join();
                    HEDDLE_ASSERT(sum.load() == 13);
                }),
                is_clean());
}

}  // namespace
