#include <gtest/gtest.h>

#include <heddle/primitives/counter.hpp>

#include "backends.hpp"

namespace heddle {
namespace {

using testing_support::runner;

template <class Backend>
class Counter : public testing::Test {};
TYPED_TEST_SUITE(Counter, testing_support::both_backends, testing_support::backend_name);

TYPED_TEST(Counter, CountsWhatThreeThreadsAdd) {
    runner<TypeParam>::expect_clean([] {
        counter<TypeParam> c(10);
        const auto twice = [&] {
            c.add(1);
            c.add(1);
        };
        typename TypeParam::thread a(twice), b(twice);
        twice();
        a.join();
        b.join();
        HEDDLE_ASSERT(c.get() == 16);
        HEDDLE_ASSERT(c.add(-6) == 10);
    });
}

TYPED_TEST(Counter, AtomicIntegerGivesEachNumberOnce) {
    runner<TypeParam>::expect_clean([] {
        atomic_integer<int, TypeParam> next;
        int mine[3] = {};
        typename TypeParam::thread a([&] { mine[0] = next.increment_and_get(); });
        typename TypeParam::thread b([&] { mine[1] = next.increment_and_get(); });
        mine[2] = next.increment_and_get();
        a.join();
        b.join();
        HEDDLE_ASSERT(mine[0] + mine[1] + mine[2] == 6);
        HEDDLE_ASSERT(mine[0] != mine[1] && mine[1] != mine[2]);
        HEDDLE_ASSERT(next.decrement_and_get() == 2);
    });
}

TYPED_TEST(Counter, OneOfTwoSwapsTheSameValue) {
    runner<TypeParam>::expect_clean([] {
        atomic_integer<int, TypeParam> owner(0);
        bool first = false, second = false;
        typename TypeParam::thread other([&] { first = owner.compare_and_swap(0, 1); });
        second = owner.compare_and_swap(0, 2);
        other.join();
        HEDDLE_ASSERT(first != second);
        HEDDLE_ASSERT(owner.get() == (first ? 1 : 2));
        owner.set(0);
        HEDDLE_ASSERT(owner.update([](int v) { return v + 5; }) == 5);
    });
}

}  // namespace
}  // namespace heddle
