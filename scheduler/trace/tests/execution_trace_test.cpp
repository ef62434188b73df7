#include <gtest/gtest.h>

#include <heddle/trace/execution_trace.hpp>

#include "trace_builder.hpp"

namespace heddle::trace {
namespace {

TEST(ExecutionTrace, FindsTheEventOfAStep) {
    trace_builder t;
    const int main = t.thread("main"), x = t.atomic("x");
    t.store(main, x, 1);
    const unsigned second = t.store(main, x, 2);
    const event* const e = event_at(t.trace, second);
    ASSERT_NE(e, nullptr);
    EXPECT_EQ(e->after, 2U);
}

TEST(ExecutionTrace, HasNoEventForOtherSteps) {
    trace_builder t;
    const int main = t.thread("main"), x = t.atomic("x");
    EXPECT_EQ(event_at(t.trace, 1), nullptr);
    t.store(main, x, 1);
    EXPECT_EQ(event_at(t.trace, 0), nullptr);
    EXPECT_EQ(event_at(t.trace, 2), nullptr);
}

TEST(ExecutionTrace, FindsAStepThatIsOutOfPlace) {
    execution_trace trace;
    trace.events.resize(2);
    trace.events[0].step = 7;
    trace.events[1].step = 9;
    EXPECT_EQ(event_at(trace, 9), &trace.events[1]);
    EXPECT_EQ(event_at(trace, 1), nullptr);
}

TEST(ExecutionTrace, APlaceIsKnownByItsFile) {
    EXPECT_FALSE(place{}.known());
    EXPECT_TRUE((place{"queue.hpp", 3, {}}).known());
}

TEST(ExecutionTrace, ShowsNamesInMessages) {
    EXPECT_EQ(testing::PrintToString(stop::endless_loop), "endless_loop");
    EXPECT_EQ(testing::PrintToString(death::stack_overflow), "stack_overflow");
    EXPECT_EQ(testing::PrintToString(misuse_kind::join_self), "join_self");
    EXPECT_EQ(testing::PrintToString(thread_state::blocked), "blocked");
    EXPECT_EQ(testing::PrintToString(switch_reason::preemption), "preemption");
    EXPECT_EQ(name_of(static_cast<stop>(200)), "unknown");
}

}  // namespace
}  // namespace heddle::trace
