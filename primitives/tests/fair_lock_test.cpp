#include <gtest/gtest.h>

#include <heddle/primitives/fair_lock.hpp>
#include <mutex>
#include <stdexcept>

#include "backends.hpp"

namespace heddle {
namespace {

using testing_support::runner;

template <class Backend>
class FairLock : public testing::Test {};
TYPED_TEST_SUITE(FairLock, testing_support::both_backends, testing_support::backend_name);

TYPED_TEST(FairLock, LetsOneInAtATime) {
    runner<TypeParam>::expect_clean([] {
        fair_lock<TypeParam> lock;
        typename TypeParam::template var<int> count{0};
        const auto add = [&] {
            const std::lock_guard guard(lock);
            count += 1;
        };
        typename TypeParam::thread a(add), b(add);
        add();
        a.join();
        b.join();
        HEDDLE_ASSERT(count == 3);
        HEDDLE_ASSERT(lock.queued() == 0);
    });
}

// Who unlocks and asks again comes after a thread that waited.
TYPED_TEST(FairLock, NobodyIsOvertaken) {
    runner<TypeParam>::expect_clean([] {
        fair_lock<TypeParam> lock;
        typename TypeParam::template var<bool> came{false};
        lock.lock();
        typename TypeParam::thread other([&] {
            const std::lock_guard guard(lock);
            came = true;
        });
        const bool waits = lock.queued() == 2;
        lock.unlock();
        lock.lock();
        HEDDLE_ASSERT(!waits || came);
        lock.unlock();
        other.join();
    });
}

TYPED_TEST(FairLock, IsTriedWithoutWaiting) {
    runner<TypeParam>::expect_clean([] {
        fair_lock<TypeParam> lock;
        HEDDLE_ASSERT(lock.try_lock());
        HEDDLE_ASSERT(!lock.try_lock());
        lock.unlock();
        HEDDLE_ASSERT(lock.try_lock());
        lock.unlock();
    });
}

TEST(FairLockMisuse, IsUnlockedByNobodyElse) {
    fair_lock<real_threads> lock;
    EXPECT_THROW(lock.unlock(), std::logic_error);
    testing_support::expect_misuse(trace::misuse_kind::violated_precondition, [] {
        fair_lock<fibers> explored;
        explored.unlock();
    });
}

}  // namespace
}  // namespace heddle
