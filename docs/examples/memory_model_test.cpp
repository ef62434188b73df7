// What docs/memory_model.md claims.
#include <atomic>
#include <chrono>
#include <mutex>

#include <heddle/gtest/heddle_test.hpp>

namespace {

using namespace std::chrono_literals;
using heddle::fibers;
using heddle::memory_model;
using testing::Contains;
using testing::ElementsAre;
using testing::Key;
using testing::Not;

// [store_buffering]
heddle::result store_buffering(memory_model model, std::memory_order order) {
    return heddle::explore({.memory_model = model}, [order] {
        fibers::atomic<int> x{0}, y{0};
        int r0 = -1, r1 = -1;
        fibers::thread a([&] {
            x.store(1, order);
            r0 = y.load(order);
        });
        fibers::thread b([&] {
            y.store(1, order);
            r1 = x.load(order);
        });
        a.join();
        b.join();
        heddle::record("r0={} r1={}", r0, r1);
    });
}

TEST(MemoryModel, StoresAreBufferedUnlessTheyAreSequentiallyConsistent) {
    const auto relaxed = std::memory_order_relaxed;
    const auto seq_cst = std::memory_order_seq_cst;
    EXPECT_THAT(store_buffering(memory_model::cpp20, relaxed).outcomes, Contains(Key("r0=0 r1=0")));
    EXPECT_THAT(store_buffering(memory_model::cpp20, seq_cst).outcomes,
                Not(Contains(Key("r0=0 r1=0"))));
    EXPECT_THAT(store_buffering(memory_model::sc, relaxed).outcomes,
                Not(Contains(Key("r0=0 r1=0"))));
}
// [/store_buffering]

// [load_buffering]
TEST(MemoryModel, LoadsAreNeverBuffered) {
    const heddle::result r = heddle::explore([] {
        fibers::atomic<int> x{0}, y{0};
        int r0 = -1, r1 = -1;
        fibers::thread a([&] {
            r0 = x.load(std::memory_order_relaxed);
            y.store(1, std::memory_order_relaxed);
        });
        fibers::thread b([&] {
            r1 = y.load(std::memory_order_relaxed);
            x.store(1, std::memory_order_relaxed);
        });
        a.join();
        b.join();
        heddle::record("r0={} r1={}", r0, r1);
    });
    EXPECT_TRUE(r.exhausted);
    EXPECT_THAT(r.outcomes, Not(Contains(Key("r0=1 r1=1"))));  // C++20 allows it
}
// [/load_buffering]

// [atomic_wait]
TEST(MemoryModel, AnAtomicWaitNeedsANotification) {
    const auto body = [](bool notify) {
        return [notify] {
            fibers::atomic<int> ready{0};
            fibers::thread waiter([&] { ready.wait(0); });
            ready.store(1);
            if (notify) ready.notify_one();
            waiter.join();
        };
    };
    EXPECT_THAT(heddle::explore(body(true)), heddle::is_clean());
    EXPECT_THAT(heddle::explore(body(false)), heddle::finds(heddle::verdict::lost_notification));
}
// [/atomic_wait]

// [timed_wait]
TEST(MemoryModel, ATimeoutMayComeBeforeOrAfterItsEvent) {
    const auto poll = [](unsigned early_timeouts) {
        return heddle::explore({.early_timeout_bound = early_timeouts}, [] {
            fibers::mutex m;
            fibers::condition_variable changed;
            fibers::var<bool> ready{false};
            fibers::thread other([&] {
                std::lock_guard lock(m);
                ready = true;
                changed.notify_one();
            });
            int timeouts = 0;
            {
                std::unique_lock lock(m);
                while (!changed.wait_for(lock, 10ms, [&] { return ready.load(); })) ++timeouts;
            }
            HEDDLE_ASSERT(fibers::steady_clock::now().time_since_epoch() >= timeouts * 10ms);
            other.join();
            heddle::record("{}", timeouts);
        });
    };
    EXPECT_THAT(poll(0).outcomes, ElementsAre(Key("0")));
    EXPECT_THAT(poll(2).outcomes, ElementsAre(Key("0"), Key("1"), Key("2")));
}
// [/timed_wait]

}  // namespace
