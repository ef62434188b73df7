// Timed mutexes on both backends: what std promises of them.
#include <gtest/gtest.h>

#include <chrono>
#include <heddle/fibers/timed_mutex.hpp>
#include <mutex>
#include <type_traits>

#include "backends.hpp"

namespace heddle {
namespace {

using namespace std::chrono_literals;
using testing_support::runner;

static_assert(!std::is_copy_constructible_v<fibers::timed_mutex> &&
              !std::is_copy_constructible_v<fibers::recursive_timed_mutex>);
// std's waits take a std::mutex, not a timed one.
static_assert(!std::is_convertible_v<fibers::timed_mutex&, fibers::mutex&>);

template <class Backend>
class TimedMutex : public testing::Test {
protected:
    using clock = typename Backend::steady_clock;

    // Whether another thread could take it now, by each of the ways to ask.
    template <class M>
    static bool is_free(M& m) {
        int taken = 0;
        typename Backend::thread other([&] {
            if (m.try_lock()) ++taken, m.unlock();
            if (m.try_lock_for(1ms)) ++taken, m.unlock();
            if (m.try_lock_until(clock::now() + 1ms)) ++taken, m.unlock();
            if (m.try_lock_until(Backend::system_clock::now() + 1ms)) ++taken, m.unlock();
        });
        other.join();
        HEDDLE_ASSERT(taken == 0 || taken == 4);
        return taken == 4;
    }
};
TYPED_TEST_SUITE(TimedMutex, testing_support::both_backends, testing_support::backend_name);

TYPED_TEST(TimedMutex, IsHeldBetweenLockAndUnlock) {
    runner<TypeParam>::expect_clean([] {
        typename TypeParam::timed_mutex m;
        HEDDLE_ASSERT(TestFixture::is_free(m));
        m.lock();
        HEDDLE_ASSERT(!TestFixture::is_free(m));
        m.unlock();
        HEDDLE_ASSERT(m.try_lock_for(1ms));
        HEDDLE_ASSERT(!TestFixture::is_free(m));
        m.unlock();
    });
}

TYPED_TEST(TimedMutex, RecursiveOneIsHeldByAsManyLocksAsUnlocks) {
    runner<TypeParam>::expect_clean([] {
        typename TypeParam::recursive_timed_mutex m;
        m.lock();
        HEDDLE_ASSERT(m.try_lock_for(1ms));
        HEDDLE_ASSERT(m.try_lock_until(TestFixture::clock::now() + 1ms));
        HEDDLE_ASSERT(m.try_lock());
        m.unlock();
        m.unlock();
        m.unlock();
        HEDDLE_ASSERT(!TestFixture::is_free(m));
        m.unlock();
        HEDDLE_ASSERT(TestFixture::is_free(m));
    });
}

TYPED_TEST(TimedMutex, ATimeoutTakesItsTime) {
    runner<TypeParam>::expect_clean([] {
        typename TypeParam::timed_mutex m;
        const std::lock_guard guard(m);
        typename TypeParam::thread other([&] {
            const auto begin = TestFixture::clock::now();
            HEDDLE_ASSERT(!m.try_lock_for(2ms));
            HEDDLE_ASSERT(TestFixture::clock::now() - begin >= 2ms);
            const auto deadline = TestFixture::clock::now() + 1ms;
            HEDDLE_ASSERT(!m.try_lock_until(deadline));
            HEDDLE_ASSERT(TestFixture::clock::now() >= deadline);
        });
        other.join();
    });
}

TYPED_TEST(TimedMutex, StdGuardsAreUsedAsTheyAre) {
    runner<TypeParam>::expect_clean([] {
        typename TypeParam::timed_mutex m;
        {
            std::unique_lock lock(m, 1ms);
            HEDDLE_ASSERT(lock.owns_lock());
            lock.unlock();
            HEDDLE_ASSERT(lock.try_lock_for(1ms));
            lock.unlock();
            HEDDLE_ASSERT(lock.try_lock_until(TestFixture::clock::now() + 1ms));
        }
        HEDDLE_ASSERT(TestFixture::is_free(m));
        std::unique_lock until(m, TestFixture::clock::now() + 1ms);
        HEDDLE_ASSERT(until.owns_lock());
    });
}

TYPED_TEST(TimedMutex, IsTakenTogetherWithOthers) {
    runner<TypeParam>::expect_clean([] {
        typename TypeParam::timed_mutex a;
        typename TypeParam::recursive_timed_mutex b;
        const auto take = [&] {
            const auto both = TypeParam::lock_all(a, b);
            HEDDLE_ASSERT(b.try_lock_for(1ms));
            b.unlock();
        };
        typename TypeParam::thread other(take);
        take();
        other.join();
    });
}

}  // namespace
}  // namespace heddle
