// Clocks and sleep on both backends, and what virtual time promises beyond std.
#include <gtest/gtest.h>

#include <chrono>
#include <heddle/fibers/clock.hpp>
#include <mutex>

#include "backends.hpp"

namespace heddle {
namespace {

using namespace std::chrono_literals;
using testing_support::exhaustive;
using testing_support::expect_executions;
using testing_support::expect_verdict;
using testing_support::outcomes_of;
using testing_support::runner;

template <class Backend>
class Clock : public testing::Test {};
TYPED_TEST_SUITE(Clock, testing_support::both_backends, testing_support::backend_name);

TYPED_TEST(Clock, NeverGoesBack) {
    runner<TypeParam>::expect_clean([] {
        using clock = typename TypeParam::steady_clock;
        static_assert(clock::is_steady);
        const auto first = clock::now();
        const auto second = clock::now();
        HEDDLE_ASSERT(second >= first);
        const typename TypeParam::system_clock::time_point date = TypeParam::system_clock::now();
        HEDDLE_ASSERT(TypeParam::system_clock::to_time_t(date) > 1'700'000'000);
        HEDDLE_ASSERT(TypeParam::system_clock::from_time_t(0).time_since_epoch() == 0s);
    });
}

TYPED_TEST(Clock, SleepTakesItsTime) {
    runner<TypeParam>::expect_clean([] {
        using clock = typename TypeParam::steady_clock;
        const auto begin = clock::now();
        TypeParam::this_thread::sleep_for(1ms);
        HEDDLE_ASSERT(clock::now() - begin >= 1ms);
        const auto deadline = clock::now() + 1ms;
        TypeParam::this_thread::sleep_until(deadline);
        HEDDLE_ASSERT(clock::now() >= deadline);
        const auto date = TypeParam::system_clock::now() + 1ms;
        TypeParam::this_thread::sleep_until(date);
        HEDDLE_ASSERT(TypeParam::system_clock::now() >= date);
        TypeParam::this_thread::sleep_for(-1ms);
        TypeParam::this_thread::sleep_until(begin);
    });
}

// Who receives something is not earlier than who gave it.
TYPED_TEST(Clock, TimeIsHandedOnWithAMessage) {
    runner<TypeParam>::expect_clean([] {
        using clock = typename TypeParam::steady_clock;
        typename TypeParam::template atomic<bool> sent{false};
        typename TypeParam::template atomic<std::int64_t> then{0};
        const auto begin = clock::now();
        typename TypeParam::thread other([&] {
            TypeParam::this_thread::sleep_for(1ms);
            then.store(clock::now().time_since_epoch().count(), std::memory_order_relaxed);
            sent.store(true, std::memory_order_relaxed);
        });
        if (sent.load(std::memory_order_relaxed)) HEDDLE_ASSERT(clock::now() - begin >= 1ms);
        other.join();
        HEDDLE_ASSERT(clock::now().time_since_epoch().count() >= then.load());
    });
}

TEST(VirtualClock, BeginsAnewInEachExecution) {
    EXPECT_EQ(outcomes_of([] {
                  choose(3);
                  record("{}us", fibers::steady_clock::now().time_since_epoch() / 1us);
                  fibers::this_thread::sleep_for(1h);
                  record("{}s", fibers::steady_clock::now().time_since_epoch() / 1s);
                  record("{}s", fibers::system_clock::now().time_since_epoch() / 1s);
              }),
              "1us 3600s 1704070800s");
}

// Only what precedes a call in program order and reads-from counts: the sleeps of `other` are
// another's time until it is joined. One execution, since nothing is shared.
TEST(VirtualClock, UnrelatedThreadsDoNotShareTheirTime) {
    expect_executions(2, [] {  // an early sleep, and a late one
        fibers::thread other([] { fibers::this_thread::sleep_for(1s); });
        HEDDLE_ASSERT(fibers::steady_clock::now().time_since_epoch() < 1s);
        other.join();
        HEDDLE_ASSERT(fibers::steady_clock::now().time_since_epoch() >= 1s);
    });
}

TEST(VirtualClock, IsTheSameInEveryStrategy) {
    const auto body = [] {
        fibers::atomic<int> x{0};
        fibers::thread other([&] {
            fibers::this_thread::sleep_for(20ms);
            x.store(1, std::memory_order_relaxed);
        });
        fibers::this_thread::sleep_for(5ms);
        const int seen = x.load(std::memory_order_relaxed);
        record("{} {}ms", seen, fibers::steady_clock::now().time_since_epoch() / 1ms);
        other.join();
    };
    EXPECT_EQ(outcomes_of(body), "0 5ms 1 20ms");
    EXPECT_EQ(outcomes_of(body, {.strategy = strategies::depth_first{}}), "0 5ms 1 20ms");
    EXPECT_EQ(outcomes_of(body, {.strategy = strategies::random{}, .execution_limit = 500}),
              "0 5ms 1 20ms");
}

// The clock runs when it is read: 8 reads of 1 us each, 8 of 2 us, and so on, reach 1 ms.
TEST(VirtualClock, ALoopThatWaitsForTheClockAloneEnds) {
    expect_executions(1, [] {
        const auto deadline = fibers::steady_clock::now() + 1ms;
        while (fibers::steady_clock::now() < deadline) fibers::this_thread::yield();
    });
}

// The loop looks the same in each round but for the clock, and gives up all the same.
TEST(VirtualClock, APollWithADeadlineIsNoRepetition) {
    EXPECT_EQ(outcomes_of([] {
                  fibers::atomic<bool> ready{false};
                  fibers::thread other([&] { ready = true; });
                  const auto deadline = fibers::steady_clock::now() + 300us;
                  bool seen = false;
                  while (!(seen = ready.load()) && fibers::steady_clock::now() < deadline)
                      fibers::this_thread::yield();
                  record("{}", seen);
                  other.join();
              }),
              "false true");
}

TEST(VirtualClock, LongWaitsSaturate) {
    options o = exhaustive();
    o.early_timeout_bound = 0;
    const auto body = [] {
        fibers::timed_mutex m;
        const std::lock_guard guard(m);
        fibers::thread forever([&] { HEDDLE_ASSERT(!m.try_lock_for(std::chrono::hours::max())); });
        fibers::thread hour(
            [&] { HEDDLE_ASSERT(!m.try_lock_for(std::chrono::duration<double>(3600.0))); });
        hour.join();
        HEDDLE_ASSERT(fibers::steady_clock::now().time_since_epoch() < 2h);
        forever.join();
    };
    expect_verdict(verdict::ok, body, o);
}

}  // namespace
}  // namespace heddle
