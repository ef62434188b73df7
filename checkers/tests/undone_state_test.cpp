#include "undone_state.hpp"

#include <gtest/gtest.h>

#include "trace_builder.hpp"

namespace heddle::checkers {
namespace {

using trace::none;
using trace::operation;
using trace::trace_builder;

TEST(UndoneState, IsTheLastValueThatIsGone) {
    trace_builder t;
    const int main = t.thread("main"), other = t.thread("other"), x = t.atomic("x");
    t.update(main, operation::fetch_add, x, 0, 1);
    const unsigned undone = t.update(other, operation::fetch_sub, x, 1, 0);
    const auto s = undone_state_of(t.trace, x);
    ASSERT_TRUE(s);
    EXPECT_EQ(s->made, &t.trace.events[0]);
    EXPECT_EQ(s->undone, trace::event_at(t.trace, undone));
    EXPECT_TRUE(s->once);
    EXPECT_FALSE(s->by_one_thread());

    const unsigned again = t.update(main, operation::fetch_add, x, 0, 1);
    t.update(main, operation::fetch_sub, x, 1, 0);
    const auto later = undone_state_of(t.trace, x);
    ASSERT_TRUE(later);
    EXPECT_EQ(later->made, trace::event_at(t.trace, again));
    EXPECT_FALSE(later->once);
    EXPECT_TRUE(later->by_one_thread());
}

TEST(UndoneState, IsNoneWhereTheValueOnlyMovedOn) {
    trace_builder t;
    const int main = t.thread("main"), x = t.atomic("x");
    EXPECT_FALSE(undone_state_of(t.trace, none));
    EXPECT_FALSE(undone_state_of(t.trace, x));
    t.update(main, operation::fetch_add, x, 0, 1);
    EXPECT_FALSE(undone_state_of(t.trace, x));
    t.update(main, operation::fetch_add, x, 1, 2);
    EXPECT_FALSE(undone_state_of(t.trace, x));
}

// A wait between the two changes gives the mutex back, and others may look.
TEST(UndoneState, IsHiddenByALockHeldThroughout) {
    for (const bool waits_between : {false, true}) {
        trace_builder t;
        const int main = t.thread("main"), mutex = t.mutex("mutex"), x = t.atomic("x");
        const int changed = t.condition_variable("changed");
        t.lock(main, mutex);
        t.update(main, operation::exchange, x, 0, 1);
        if (waits_between) {
            t.sleeps(main, changed, mutex);
            t.wakes(main, changed, none);
            t.lock(main, mutex);
        }
        t.store(main, x, 0);
        const auto s = undone_state_of(t.trace, x);
        ASSERT_TRUE(s);
        EXPECT_EQ(lock_around(t.trace, *s), waits_between ? none : mutex);
    }
}

}  // namespace
}  // namespace heddle::checkers
