#include <gtest/gtest.h>

#include <chrono>
#include <heddle/primitives/event.hpp>

#include "backends.hpp"

namespace heddle {
namespace {

using namespace std::chrono_literals;
using testing_support::runner;

template <class Backend>
class Event : public testing::Test {};
TYPED_TEST_SUITE(Event, testing_support::both_backends, testing_support::backend_name);

TYPED_TEST(Event, LetsAllWaitersGoOn) {
    runner<TypeParam>::expect_clean([] {
        event<TypeParam> ready;
        typename TypeParam::template var<int> data{0};
        const auto wait = [&] {
            ready.wait();
            HEDDLE_ASSERT(data == 1);
        };
        typename TypeParam::thread a(wait), b(wait);
        data = 1;
        ready.set();
        a.join();
        b.join();
        HEDDLE_ASSERT(ready.is_set());
    });
}

TYPED_TEST(Event, StaysSetUntilItIsCleared) {
    runner<TypeParam>::expect_clean([] {
        event<TypeParam> e;
        HEDDLE_ASSERT(!e.is_set());
        e.set();
        e.wait();
        HEDDLE_ASSERT(e.wait_for(0ms));
        e.clear();
        HEDDLE_ASSERT(!e.is_set());
        HEDDLE_ASSERT(!e.wait_for(1ms));
        HEDDLE_ASSERT(!e.wait_until(TypeParam::steady_clock::now() + 1ms));
    });
}

TYPED_TEST(Event, AWaiterThatTimesOutSaysSo) {
    runner<TypeParam>::expect_clean([] {
        event<TypeParam> e;
        bool came = false;
        typename TypeParam::thread waiter([&] { came = e.wait_for(1ms); });
        e.set();
        waiter.join();
        record("{}", came);
    });
}

TEST(EventExploration, TimesOutOrNot) {
    EXPECT_EQ(testing_support::outcomes_of([] {
                  event<fibers> e;
                  bool came = false;
                  fibers::thread waiter([&] { came = e.wait_for(1ms); });
                  e.set();
                  waiter.join();
                  record("{}", came);
              }),
              "false true");
}

}  // namespace
}  // namespace heddle
