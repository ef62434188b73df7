#include <gtest/gtest.h>

#include <chrono>
#include <heddle/primitives/blocking_queue.hpp>
#include <stdexcept>

#include "backends.hpp"

namespace heddle {
namespace {

using namespace std::chrono_literals;
using testing_support::runner;

template <class Backend>
class BlockingQueue : public testing::Test {};
TYPED_TEST_SUITE(BlockingQueue, testing_support::both_backends, testing_support::backend_name);

TYPED_TEST(BlockingQueue, GivesItemsInTheirOrder) {
    runner<TypeParam>::expect_clean([] {
        blocking_queue<int, TypeParam> q(1);
        typename TypeParam::thread producer([&] {
            q.put(1);
            q.put(2);
        });
        HEDDLE_ASSERT(q.get() == 1);
        HEDDLE_ASSERT(q.get() == 2);
        producer.join();
        HEDDLE_ASSERT(q.empty());
    });
}

TYPED_TEST(BlockingQueue, GivesEachItemToOneConsumer) {
    runner<TypeParam>::expect_clean([] {
        blocking_queue<int, TypeParam> q(1);
        int got[2] = {};
        typename TypeParam::thread a([&] { q.put(1); }), b([&] { q.put(2); });
        typename TypeParam::thread consumer([&] { got[0] = q.get().value_or(0); });
        got[1] = q.get().value_or(0);
        a.join();
        b.join();
        consumer.join();
        HEDDLE_ASSERT(got[0] + got[1] == 3);
    });
}

TYPED_TEST(BlockingQueue, EndsWhenItIsClosed) {
    runner<TypeParam>::expect_clean([] {
        blocking_queue<int, TypeParam> q;
        int sum = 0;
        typename TypeParam::thread consumer([&] {
            while (const auto item = q.get()) sum += *item;
        });
        q.put(1);
        q.put(2);
        q.close();
        consumer.join();
        HEDDLE_ASSERT(sum == 3);
        HEDDLE_ASSERT(q.is_closed() && !q.get());
        bool refused = false;
        try {
            q.put(3);
        } catch (const queue_closed&) {
            refused = true;
        }
        HEDDLE_ASSERT(refused);
    });
}

TYPED_TEST(BlockingQueue, JoinWaitsForAllThatWasPut) {
    runner<TypeParam>::expect_clean([] {
        blocking_queue<int, TypeParam> q;
        typename TypeParam::template var<int> done{0};
        typename TypeParam::thread worker([&] {
            while (const auto item = q.get()) {
                done += *item;
                q.task_done();
            }
        });
        q.put(1);
        q.put(2);
        q.join();
        HEDDLE_ASSERT(done == 3);
        q.close();
        worker.join();
    });
}

TYPED_TEST(BlockingQueue, TriesWithoutWaitingOrForATime) {
    runner<TypeParam>::expect_clean([] {
        blocking_queue<int, TypeParam> q(1);
        HEDDLE_ASSERT(!q.try_get() && !q.get_for(1ms));
        HEDDLE_ASSERT(q.try_put(1) && !q.try_put(2) && !q.put_for(2, 1ms));
        HEDDLE_ASSERT(q.size() == 1 && q.get_for(1ms) == 1);
        HEDDLE_ASSERT(q.put_for(3, 1ms) && q.try_get() == 3);
    });
}

TEST(BlockingQueueMisuse, IsNamed) {
    using real = blocking_queue<int, real_threads>;
    EXPECT_THROW(real(0), std::invalid_argument);
    real q;
    EXPECT_THROW(q.task_done(), std::logic_error);
    testing_support::expect_misuse(trace::misuse_kind::violated_precondition, [] {
        blocking_queue<int, fibers> explored;
        explored.put(1);
        explored.get();
        explored.task_done();
        explored.task_done();
    });
}

}  // namespace
}  // namespace heddle
