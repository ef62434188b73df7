#include <gtest/gtest.h>

#include <chrono>
#include <heddle/primitives/bounded_semaphore.hpp>
#include <stdexcept>

#include "backends.hpp"

namespace heddle {
namespace {

using namespace std::chrono_literals;
using testing_support::runner;

template <class Backend>
class BoundedSemaphore : public testing::Test {};
TYPED_TEST_SUITE(BoundedSemaphore, testing_support::both_backends, testing_support::backend_name);

TYPED_TEST(BoundedSemaphore, LetsTwoOfThreeIn) {
    runner<TypeParam>::expect_clean([] {
        bounded_semaphore<TypeParam> pool(2);
        typename TypeParam::template atomic<int> in{0};
        const auto use = [&] {
            pool.acquire();
            HEDDLE_ASSERT(in.fetch_add(1, std::memory_order_relaxed) < 2);
            in.fetch_sub(1, std::memory_order_relaxed);
            pool.release();
        };
        typename TypeParam::thread a(use), b(use);
        use();
        a.join();
        b.join();
        HEDDLE_ASSERT(pool.available() == 2);
    });
}

TYPED_TEST(BoundedSemaphore, TriesWithoutWaitingOrForATime) {
    runner<TypeParam>::expect_clean([] {
        bounded_semaphore<TypeParam> pool(1);
        HEDDLE_ASSERT(pool.try_acquire());
        HEDDLE_ASSERT(!pool.try_acquire());
        HEDDLE_ASSERT(!pool.try_acquire_for(1ms));
        pool.release();
        HEDDLE_ASSERT(pool.try_acquire_for(1ms));
        pool.release();
    });
}

TEST(BoundedSemaphoreBound, MayNotBeExceeded) {
    bounded_semaphore<real_threads> pool(1);
    EXPECT_THROW(pool.release(), std::logic_error);
    testing_support::expect_misuse(trace::misuse_kind::violated_precondition, [] {
        bounded_semaphore<fibers> explored(1);
        explored.release();
    });
}

}  // namespace
}  // namespace heddle
