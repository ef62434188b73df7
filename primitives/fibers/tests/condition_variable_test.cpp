// The condition variable on both backends: what std promises of it.
#include <gtest/gtest.h>

#include <chrono>
#include <heddle/fibers/condition_variable.hpp>
#include <mutex>
#include <type_traits>

#include "backends.hpp"
#include "one_item_buffer.hpp"

namespace heddle {
namespace {

using namespace std::chrono_literals;
using testing_support::buffer;
using testing_support::runner;

static_assert(!std::is_copy_constructible_v<fibers::condition_variable>);

template <class Backend>
class ConditionVariable : public testing::Test {};
TYPED_TEST_SUITE(ConditionVariable, testing_support::both_backends, testing_support::backend_name);

TYPED_TEST(ConditionVariable, WaitReturnsWithTheLockHeldOnceNotified) {
    runner<TypeParam>::expect_clean([] {
        typename TypeParam::mutex m;
        typename TypeParam::condition_variable changed;
        typename TypeParam::template var<bool> ready{false};
        typename TypeParam::thread setter([&] {
            const std::lock_guard guard(m);
            ready = true;
            changed.notify_one();
        });
        std::unique_lock lock(m);
        while (!ready) changed.wait(lock);
        HEDDLE_ASSERT(lock.owns_lock() && ready);
        lock.unlock();
        setter.join();
    });
}

TYPED_TEST(ConditionVariable, WaitWithPredicateReturnsAtOnceWhenItHolds) {
    runner<TypeParam>::expect_clean([] {
        typename TypeParam::mutex m;
        typename TypeParam::condition_variable changed;
        std::unique_lock lock(m);
        int calls = 0;
        changed.wait(lock, [&calls] { return ++calls == 1; });
        HEDDLE_ASSERT(calls == 1 && lock.owns_lock());
    });
}

TYPED_TEST(ConditionVariable, NotificationWithoutWaitersIsForgotten) {
    runner<TypeParam>::expect_clean([] {
        typename TypeParam::condition_variable changed;
        changed.notify_one();
        changed.notify_all();
    });
}

TYPED_TEST(ConditionVariable, NotifyAllWakesEveryWaiter) {
    runner<TypeParam>::expect_clean([] {
        typename TypeParam::mutex m;
        typename TypeParam::condition_variable opened;
        typename TypeParam::template var<bool> open{false};
        const auto pass = [&] {
            std::unique_lock lock(m);
            opened.wait(lock, [&] { return open.load(); });
        };
        typename TypeParam::thread a(pass), b(pass);
        {
            const std::lock_guard guard(m);
            open = true;
        }
        opened.notify_all();
        a.join();
        b.join();
    });
}

TYPED_TEST(ConditionVariable, TimedWaitEndsByNotificationOrTimeout) {
    runner<TypeParam>::expect_clean([] {
        using clock = typename TypeParam::steady_clock;
        typename TypeParam::mutex m;
        typename TypeParam::condition_variable changed;
        typename TypeParam::template var<bool> set{false};
        typename TypeParam::thread setter([&] {
            const std::lock_guard guard(m);
            set = true;
            changed.notify_one();
        });
        {
            std::unique_lock lock(m);
            const auto begin = clock::now();
            const bool seen = changed.wait_for(lock, 1ms, [&] { return set.load(); });
            HEDDLE_ASSERT(lock.owns_lock());
            HEDDLE_ASSERT(seen == set.load());
            HEDDLE_ASSERT(seen || clock::now() - begin >= 1ms);
            if (changed.wait_until(lock, begin + 2ms) == TypeParam::cv_status::timeout)
                HEDDLE_ASSERT(clock::now() >= begin + 2ms);
            HEDDLE_ASSERT(lock.owns_lock());
        }
        setter.join();
        std::unique_lock lock(m);
        HEDDLE_ASSERT(
            changed.wait_until(lock, TypeParam::system_clock::now(), [&] { return set.load(); }));
        HEDDLE_ASSERT(!changed.wait_for(lock, 1ms, [] { return false; }));
    });
}

TYPED_TEST(ConditionVariable, BufferHandsItemsOverInOrder) {
    runner<TypeParam>::expect_clean([] {
        buffer<TypeParam> b;
        typename TypeParam::thread producer([&] {
            b.put(1);
            b.put(2);
        });
        HEDDLE_ASSERT(b.get() == 1);
        HEDDLE_ASSERT(b.get() == 2);
        producer.join();
    });
}

}  // namespace
}  // namespace heddle
