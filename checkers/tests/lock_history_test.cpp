#include "lock_history.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "trace_builder.hpp"

namespace heddle::checkers {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using trace::none;
using trace::operation;
using trace::trace_builder;

TEST(LockHistory, ListsWhatIsHeldBeforeAStep) {
    trace_builder t;
    const int main = t.thread("main"), other = t.thread("other");
    const int a = t.mutex("a"), b = t.mutex("b"), c = t.mutex("c");
    t.lock(main, a);
    t.lock(main, b, none, operation::try_lock);
    t.lock(other, c);
    t.try_lock_fails(main, c);
    t.unlock(main, a);
    t.lock(main, a, none, operation::lock_all);
    EXPECT_THAT(held_mutexes(t.trace, main, 1), IsEmpty());
    EXPECT_THAT(held_mutexes(t.trace, main, 3), ElementsAre(a, b));
    EXPECT_THAT(held_mutexes(t.trace, main, 6), ElementsAre(b));
    EXPECT_THAT(held_mutexes(t.trace, main, 7), ElementsAre(b, a));
    EXPECT_TRUE(holds(t.trace, other, 7, c));
    EXPECT_FALSE(holds(t.trace, main, 7, c));
}

TEST(LockHistory, TellsTheHoldsOfAMutexApart) {
    trace_builder t;
    const int main = t.thread("main"), mutex = t.mutex("mutex");
    t.lock(main, mutex);
    t.lock(main, mutex);  // a recursive one, say
    t.unlock(main, mutex);
    t.lock(main, mutex);
    EXPECT_EQ(acquisition(t.trace, main, 1, mutex), nullptr);
    EXPECT_EQ(acquisition(t.trace, main, 3, mutex), &t.trace.events[0]);
    EXPECT_EQ(acquisition(t.trace, main, 4, mutex), nullptr);
    EXPECT_EQ(acquisition(t.trace, main, 5, mutex), &t.trace.events[3]);
    EXPECT_EQ(acquisition(t.trace, main + 1, 5, mutex), nullptr);
}

TEST(LockHistory, AWaitGivesItsMutexBack) {
    trace_builder t;
    const int main = t.thread("main"), mutex = t.mutex("mutex"), ready = t.condition_variable("cv");
    t.lock(main, mutex);
    t.sleeps(main, ready, mutex);
    EXPECT_EQ(mutex_of_wait(t.trace, 2), mutex);
    EXPECT_THAT(held_mutexes(t.trace, main, 4), IsEmpty());
    EXPECT_EQ(mutex_of_wait(t.trace, 9), none);
    EXPECT_EQ(mutex_of_wait(t.trace, 4), none);
}

}  // namespace
}  // namespace heddle::checkers
