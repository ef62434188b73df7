#include <gtest/gtest.h>

#include <chrono>
#include <heddle/primitives/cyclic_barrier.hpp>
#include <stdexcept>

#include "backends.hpp"

namespace heddle {
namespace {

using namespace std::chrono_literals;
using testing_support::runner;

template <class Backend>
class CyclicBarrier : public testing::Test {
protected:
    // Whether a wait on it ends with broken_barrier.
    template <class Wait>
    static bool breaks(Wait wait) {
        try {
            wait();
            return false;
        } catch (const broken_barrier&) {
            return true;
        }
    }
};
TYPED_TEST_SUITE(CyclicBarrier, testing_support::both_backends, testing_support::backend_name);

TYPED_TEST(CyclicBarrier, HoldsAllBackPhaseAfterPhase) {
    runner<TypeParam>::expect_clean([] {
        cyclic_barrier<TypeParam> barrier(2);
        typename TypeParam::template var<int> left{0}, right{0};
        typename TypeParam::thread other([&] {
            left = 1;
            barrier.wait();
            HEDDLE_ASSERT(right == 1);
            barrier.wait();
            left = 2;
        });
        right = 1;
        barrier.wait();
        HEDDLE_ASSERT(left == 1);
        barrier.wait();
        right = 2;
        other.join();
    });
}

TYPED_TEST(CyclicBarrier, GivesEachPlaceOnceAndRunsTheAction) {
    runner<TypeParam>::expect_clean([] {
        int actions = 0;
        cyclic_barrier<TypeParam> barrier(3, [&] { ++actions; });
        std::size_t places[3] = {};
        typename TypeParam::thread a([&] { places[0] = barrier.wait(); });
        typename TypeParam::thread b([&] { places[1] = barrier.wait(); });
        places[2] = barrier.wait();
        HEDDLE_ASSERT(actions == 1);
        a.join();
        b.join();
        HEDDLE_ASSERT(places[0] + places[1] + places[2] == 3);
        HEDDLE_ASSERT(places[0] != places[1] && places[1] != places[2]);
    });
}

TYPED_TEST(CyclicBarrier, BreaksForAllWhenOneTimesOut) {
    runner<TypeParam>::expect_clean([] {
        cyclic_barrier<TypeParam> barrier(3);
        bool other_broke = false;
        typename TypeParam::thread other(
            [&] { other_broke = TestFixture::breaks([&] { barrier.wait(); }); });
        HEDDLE_ASSERT(TestFixture::breaks([&] { barrier.wait_for(1ms); }));
        other.join();
        HEDDLE_ASSERT(other_broke && barrier.is_broken());
        HEDDLE_ASSERT(TestFixture::breaks([&] { barrier.wait(); }));
    });
}

TYPED_TEST(CyclicBarrier, IsAbortedAndReset) {
    runner<TypeParam>::expect_clean([] {
        cyclic_barrier<TypeParam> barrier(2);
        bool broke = false;
        typename TypeParam::thread waiter(
            [&] { broke = TestFixture::breaks([&] { barrier.wait(); }); });
        barrier.abort();
        waiter.join();
        HEDDLE_ASSERT(broke && barrier.waiting() == 0);
        barrier.reset();
        HEDDLE_ASSERT(!barrier.is_broken() && barrier.parties() == 2);
        typename TypeParam::thread again([&] { barrier.wait(); });
        barrier.wait();
        again.join();
    });
}

TYPED_TEST(CyclicBarrier, BreaksWhenItsActionThrows) {
    runner<TypeParam>::expect_clean([] {
        cyclic_barrier<TypeParam> barrier(2, [] { throw std::runtime_error("no"); });
        int broken = 0, thrown = 0;
        typename TypeParam::mutex m;
        const auto wait = [&] {
            try {
                barrier.wait();
            } catch (const broken_barrier&) {
                const std::lock_guard guard(m);
                ++broken;
            } catch (const std::runtime_error&) {
                const std::lock_guard guard(m);
                ++thrown;
            }
        };
        typename TypeParam::thread other(wait);
        wait();
        other.join();
        HEDDLE_ASSERT(broken == 1 && thrown == 1);
    });
}

TEST(CyclicBarrierParties, AreOneOrMore) {
    EXPECT_THROW(cyclic_barrier<real_threads>(0), std::invalid_argument);
}

}  // namespace
}  // namespace heddle
