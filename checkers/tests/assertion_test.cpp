#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <heddle/checkers/assertion.hpp>

#include "reports.hpp"

namespace heddle::checkers {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using trace::operation;
using trace::order;
using trace::stop;
using trace::trace_builder;

// A pop that is overtaken by two others and a push of the same node.
trace_builder popped(bool changed_between) {
    trace_builder t = sample();
    const int main = t.thread("main"), other = t.thread("other"), head = t.atomic("head_");
    t.at("stack_test.cpp", "thread other");
    t.spawn(main, other);
    t.at("stack.hpp", "head_.load");
    t.load(main, head, 1);
    if (changed_between) {
        t.at("stack.hpp", "head_.compare_exchange_strong");
        t.update(other, operation::compare_exchange_strong, head, 1, 2);
        t.at("stack.hpp", "head_.store");
        t.store(other, head, 1);
    }
    t.at("stack.hpp", "head_.compare_exchange_strong");
    t.update(main, operation::compare_exchange_strong, head, 1, 2, changed_between ? 4 : -1);
    t.stops(stop::assertion, main, t.last());
    t.trace.where = t.place_of("stack_test.cpp", "HEDDLE_ASSERT");
    t.trace.message = "s.size() == 2: a node was lost";
    return t;
}

TEST(Assertion, ShowsTheLastReadsAndNamesAba) {
    const trace_builder t = popped(true);
    const auto d = explain_assertion(t.trace);
    EXPECT_EQ(d.slug, "assertion");
    EXPECT_EQ(d.headline, "assertion failed in `main`: s.size() == 2: a node was lost");
    EXPECT_THAT(joined(d.notes), HasSubstr("ABA: `main` read 1 from `head_`"));
    expect_report("assertion_aba", t.trace, d);
}

TEST(Assertion, DoesNotNameAbaWhereNothingChanged) {
    const trace_builder t = popped(false);
    EXPECT_THAT(joined(explain_assertion(t.trace).notes), Not(HasSubstr("ABA")));
}

TEST(Assertion, NamesAReadThatWasNotTheNewest) {
    trace_builder t = sample();
    const int main = t.thread("main"), writer = t.thread("thread-1"), x = t.atomic("x");
    t.at("stack_test.cpp", "thread other");
    t.spawn(main, writer);
    t.at("stack.hpp", "head_.store");
    t.store(writer, x, 1, order::relaxed);
    t.at("stack_test.cpp", "x.load");
    t.load(main, x, 0, trace::none, order::relaxed);
    t.trace.events.back().stale = true;
    t.stops(stop::exception, main, t.last());
    t.trace.where = t.place_of("stack_test.cpp", "throw std::runtime_error");
    t.trace.message = "x is not set";
    const auto d = explain_exception(t.trace);
    EXPECT_EQ(d.slug, "exception");
    EXPECT_EQ(d.headline, "an exception was not caught in `main`: x is not set");
    EXPECT_THAT(joined(d.notes), HasSubstr("although it was not the newest value: `thread-1` had "
                                           "written 1"));
    expect_report("exception_stale_read", t.trace, d);
}

// The writer sets a value and announces it with `announce`; main sees that, and not the value.
trace::diagnostic announced(order announce) {
    trace_builder t = sample();
    const int main = t.thread("main"), writer = t.thread("writer");
    const int x = t.atomic("x"), head = t.atomic("head_");
    t.at("stack.hpp", "head_.store");
    t.store(writer, x, 1, order::relaxed);
    t.at("stack.hpp", "head_.compare_exchange_strong");
    const unsigned store = t.store(writer, head, 1, announce);
    t.at("stack.hpp", "head_.load");
    t.load(main, head, 1, static_cast<int>(store), order::relaxed);
    t.at("stack_test.cpp", "x.load");
    t.load(main, x, 0, trace::none, order::relaxed);
    t.trace.events.back().stale = true;
    t.stops(stop::assertion, main, t.last());
    t.trace.where = t.place_of("stack_test.cpp", "HEDDLE_ASSERT");
    return explain_assertion(t.trace);
}

TEST(Assertion, NamesWhatWouldHaveToSynchronize) {
    const auto both = announced(order::relaxed);
    EXPECT_TRUE(has_label(both, "`writer` stores 1 at step 2, relaxed"));
    EXPECT_THAT(joined(both.help), HasSubstr("store with `std::memory_order_release` at"));
    EXPECT_THAT(joined(both.help), HasSubstr("load with `std::memory_order_acquire` at"));
    const auto one = announced(order::release);
    EXPECT_THAT(joined(one.help), Not(HasSubstr("release")));
    EXPECT_THAT(joined(one.notes), HasSubstr("a weakly ordered machine, or the compiler"));
}

TEST(Assertion, KeepsTheLinesOfAMessage) {
    trace_builder t = sample();
    const int main = t.thread("main");
    t.stops(stop::assertion, main, 0);
    t.trace.where = t.place_of("stack_test.cpp", "s.pop()");
    t.trace.message =
        "stack_test.cpp:4: Failure\nExpected equality of these values:\n  s.pop()\n    Which is: "
        "0\n  1\n";
    const auto d = explain_assertion(t.trace);
    EXPECT_EQ(d.headline, "assertion failed in `main`: Expected equality of these values:");
    EXPECT_THAT(d.notes, ElementsAre("  s.pop()\n    Which is: 0\n  1"));
}

TEST(Assertion, WithoutAMessageOrAStepIsStillAFinding) {
    const auto d = explain_assertion({});
    EXPECT_EQ(d.headline, "assertion failed in `an unknown thread`");
    EXPECT_THAT(d.notes, IsEmpty());
}

}  // namespace
}  // namespace heddle::checkers
