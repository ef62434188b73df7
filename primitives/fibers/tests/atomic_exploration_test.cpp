// What the exploration finds in atomics: every outcome of the memory model, every waiter, every
// misuse, exact counts.
#include <gtest/gtest.h>

#include <atomic>
#include <heddle/fibers/atomic.hpp>
#include <string>

#include "backends.hpp"

namespace heddle {
namespace {

using testing_support::exhaustive;
using testing_support::expect_executions;
using testing_support::expect_misuse;
using testing_support::expect_verdict;
using testing_support::outcomes_of;
using trace::misuse_kind;

constexpr std::memory_order relaxed = std::memory_order_relaxed;
constexpr std::memory_order acquire = std::memory_order_acquire;
constexpr std::memory_order release = std::memory_order_release;
constexpr std::memory_order acq_rel = std::memory_order_acq_rel;
constexpr std::memory_order seq_cst = std::memory_order_seq_cst;

std::string store_buffering(std::memory_order store, std::memory_order load) {
    return outcomes_of([=] {
        fibers::atomic<int> x{0}, y{0};
        int r0 = 0, r1 = 0;
        fibers::thread other([&] {
            y.store(1, store);
            r1 = x.load(load);
        });
        x.store(1, store);
        r0 = y.load(load);
        other.join();
        record("{}{}", r0, r1);
    });
}

TEST(AtomicExploration, StoreBufferingShowsBothZerosUnlessSequentiallyConsistent) {
    EXPECT_EQ(store_buffering(relaxed, relaxed), "00 01 10 11");
    EXPECT_EQ(store_buffering(release, acquire), "00 01 10 11");
    EXPECT_EQ(store_buffering(seq_cst, seq_cst), "01 10 11");
}

std::string message_passing(std::memory_order store, std::memory_order load) {
    return outcomes_of([=] {
        fibers::atomic<int> data{0}, flag{0};
        fibers::thread writer([&] {
            data.store(1, relaxed);
            flag.store(1, store);
        });
        const int seen = flag.load(load);
        record("{}{}", seen, data.load(relaxed));
        writer.join();
    });
}

TEST(AtomicExploration, MessagePassingLosesTheMessageWithoutReleaseAndAcquire) {
    EXPECT_EQ(message_passing(relaxed, relaxed), "00 01 10 11");
    EXPECT_EQ(message_passing(release, relaxed), "00 01 10 11");
    EXPECT_EQ(message_passing(release, acquire), "00 01 11");
    EXPECT_EQ(message_passing(seq_cst, std::memory_order_consume), "00 01 11");
}

TEST(AtomicExploration, FailedCompareExchangeHasTheFailureOrder) {
    const auto body = [](std::memory_order failure) {
        return [failure] {
            fibers::atomic<int> data{0}, flag{0};
            fibers::thread writer([&] {
                data.store(1, relaxed);
                flag.store(1, release);
            });
            int expected = 5;
            flag.compare_exchange_strong(expected, 6, acq_rel, failure);
            record("{}{}", expected, data.load(relaxed));
            writer.join();
        };
    };
    EXPECT_EQ(outcomes_of(body(acquire)), "00 01 11");
    EXPECT_EQ(outcomes_of(body(relaxed)), "00 01 10 11");
}

TEST(AtomicExploration, WeakCompareExchangeFailsSpuriouslyWithinTheBound) {
    const auto body = [] {
        fibers::atomic<int> x{0};
        int expected = 0;
        const bool weak = x.compare_exchange_weak(expected, 1);
        HEDDLE_ASSERT(weak || expected == 0);
        record("{}", weak);
    };
    options bounded = exhaustive();
    EXPECT_EQ(outcomes_of(body, bounded), "true");
    bounded.spurious_bound = 1;
    EXPECT_EQ(outcomes_of(body, bounded), "false true");
}

TEST(AtomicExploration, CountsInterleavingsOfUpdatesOnce) {
    expect_executions(40'320, [] {
        fibers::atomic<int> x{0};
        fibers::thread threads[8];
        for (fibers::thread& t : threads) t = fibers::thread([&] { x.fetch_add(1); });
        for (fibers::thread& t : threads) t.join();
        HEDDLE_ASSERT(x == 8);
    });
}

TEST(AtomicExploration, ReadAddStoreLosesAnUpdate) {
    expect_verdict(verdict::assertion, [] {
        fibers::atomic<int> x{0};
        const auto add = [&] { x = x + 1; };
        fibers::thread other(add);
        add();
        other.join();
        HEDDLE_ASSERT(x == 2);
    });
}

TEST(AtomicExploration, NotifyOneWakesAnyOfTheWaiters) {
    EXPECT_EQ(outcomes_of([] {
                  fibers::atomic<int> x{0}, entered{0};
                  fibers::atomic<int> first{0};
                  const auto wait = [&](int who) {
                      entered.fetch_add(1);
                      x.wait(0);
                      int nobody = 0;
                      first.compare_exchange_strong(nobody, who);
                      x.notify_one();
                  };
                  fibers::thread a([&] { wait(1); });
                  fibers::thread b([&] { wait(2); });
                  x.store(1);
                  x.notify_one();
                  a.join();
                  b.join();
                  record("{}", first.load());
              }),
              "1 2");
}

TEST(AtomicExploration, ChangeWithoutNotificationIsALostNotification) {
    expect_verdict(verdict::lost_notification, [] {
        fibers::atomic<int> x{0};
        fibers::thread waiter([&] { x.wait(0); });
        x.store(1);
        waiter.join();
    });
}

TEST(AtomicExploration, NotificationWithoutChangeIsADeadlock) {
    expect_verdict(verdict::deadlock, [] {
        fibers::atomic<int> x{0};
        fibers::thread waiter([&] { x.wait(0); });
        x.notify_all();
        waiter.join();
    });
}

TEST(AtomicExploration, RefusesOrdersThatStdForbids) {
    const auto misuse = [](auto operation) {
        expect_misuse(misuse_kind::invalid_memory_order, [operation] {
            fibers::atomic<int> x{0};
            operation(x);
        });
    };
    misuse([](auto& x) { x.load(release); });
    misuse([](auto& x) { x.load(acq_rel); });
    misuse([](auto& x) { x.store(1, acquire); });
    misuse([](auto& x) { x.store(1, std::memory_order_consume); });
    misuse([](auto& x) { x.store(1, acq_rel); });
    misuse([](auto& x) {
        int e = 0;
        x.compare_exchange_strong(e, 1, seq_cst, release);
    });
    misuse([](auto& x) {
        int e = 0;
        x.compare_exchange_weak(e, 1, seq_cst, acq_rel);
    });
    misuse([](auto& x) { x.wait(1, release); });
    expect_misuse(misuse_kind::invalid_memory_order, [] { fibers::atomic_flag().clear(acquire); });
    expect_misuse(misuse_kind::invalid_memory_order, [] { fibers::atomic_flag().test(release); });
    expect_misuse(misuse_kind::invalid_memory_order,
                  [] { fibers::atomic_flag().wait(true, acq_rel); });
}

TEST(AtomicExploration, NamesThePlaceOfTheCall) {
    expect_misuse(
        misuse_kind::invalid_memory_order,
        [] {
            fibers::atomic<int> x{0};
            x.load(release);
        },
        __LINE__ - 2);
}

TEST(AtomicExploration, OperatorsKnowWhereTheirArgumentStands) {
    fibers::atomic<int> outside{0};
    expect_misuse(
        misuse_kind::outside_execution, [&] { outside = 1; }, __LINE__);
    expect_misuse(
        misuse_kind::outside_execution, [&] { outside += 1; }, __LINE__);
    expect_misuse(
        misuse_kind::outside_execution, [&] { outside ^= 1; }, __LINE__);
}

TEST(AtomicExploration, BuiltOutsideAnExecutionIsMisuseInside) {
    fibers::atomic<int> x{0};
    fibers::atomic_flag flag;
    expect_misuse(misuse_kind::outside_execution, [&] { x.load(); });
    expect_misuse(misuse_kind::outside_execution, [&] { x.store(1); });
    expect_misuse(misuse_kind::outside_execution, [&] { ++x; });
    expect_misuse(misuse_kind::outside_execution, [&] { x.notify_one(); });
    expect_misuse(misuse_kind::outside_execution, [&] { x.wait(0); });
    expect_misuse(misuse_kind::outside_execution, [&] { flag.test_and_set(); });
    expect_misuse(misuse_kind::outside_execution, [&] { flag.notify_all(); });
}

TEST(AtomicExploration, IsLockFreeAsTheRealOneIs) {
    EXPECT_TRUE(fibers::atomic<int>().is_lock_free());
    EXPECT_TRUE(fibers::atomic<void*>().is_lock_free());
}

TEST(AtomicDeathTest, OperationWithoutAnyExecutionEndsTheProcess) {
    fibers::atomic<int> x{0};
    EXPECT_DEATH(x.load(), "outside of an execution");
}

// Under sc a store has one place, but a replay may have more to choose from: what is chosen in the
// same step is found again.
TEST(AtomicExploration, AChoiceAfterAStoreIsReplayed) {
    const auto body = [] {
        fibers::atomic<int> x{0};
        fibers::thread other([&] {
            x.store(1);
            HEDDLE_ASSERT(choose(3) != 2);
        });
        x.store(2);
        other.join();
    };
    for (const strategy& s : {strategy{strategies::exhaustive{}},
                              strategy{strategies::depth_first{}}, strategy{strategies::random{}}})
        expect_verdict(verdict::assertion, body, {.strategy = s, .memory_model = memory_model::sc});
}

}  // namespace
}  // namespace heddle
