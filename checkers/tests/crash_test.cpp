#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <heddle/checkers/crash.hpp>

#include "reports.hpp"

namespace heddle::checkers {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using trace::death;
using trace::stop;
using trace::trace_builder;

// A thread that read an index another one published, and then dies of it.
trace_builder dying(death how) {
    trace_builder t = sample();
    const int main = t.thread("main"), other = t.thread("other"), head = t.atomic("head_");
    t.at("stack_test.cpp", "thread other");
    t.spawn(main, other);
    t.at("stack.hpp", "head_.store");
    t.store(other, head, 9);
    t.at("stack.hpp", "head_.load");
    t.load(main, head, 9, 2);
    t.stops(stop::crash, main, t.last());
    t.trace.how_it_died = how;
    t.trace.where = t.place_of("stack.hpp", "next_of");
    return t;
}

TEST(Crash, NamesTheThreadWhereAndWhatItWentBy) {
    const trace_builder t = dying(death::segmentation_fault);
    const auto d = explain_crash(t.trace);
    EXPECT_EQ(d.slug, "crash");
    EXPECT_EQ(d.headline, "`main` accesses memory that is not its own (SIGSEGV)");
    EXPECT_THAT(d.threads, ElementsAre(0, 1));
    EXPECT_THAT(d.help, IsEmpty());
    expect_report("crash", t.trace, d);
}

TEST(Crash, AdvisesALargerStackForAnOverflowOnly) {
    const trace_builder t = dying(death::stack_overflow);
    const auto d = explain_crash(t.trace);
    EXPECT_EQ(d.headline, "`main` overflows its stack (SIGSEGV)");
    EXPECT_THAT(d.help, ElementsAre(HasSubstr("--heddle_stack_bytes")));
    expect_report("crash_stack_overflow", t.trace, d);
}

TEST(Crash, QuotesTheExceptionThatTerminates) {
    trace_builder t = dying(death::terminated);
    t.trace.message = "the list is empty";
    EXPECT_THAT(explain_crash(t.trace).notes,
                ElementsAre("the exception in flight: the list is empty"));
}

TEST(Crash, HasAPhraseForEachDeath) {
    for (int k = 0; k <= static_cast<int>(death::killed); ++k) {
        trace::execution_trace t;
        t.how_it_died = static_cast<death>(k);
        EXPECT_THAT(explain_crash(t).headline, HasSubstr(" "));
        EXPECT_FALSE(phrase_of(t.how_it_died).empty());
    }
}

TEST(EndlessLoop, IsALivelockWithThePlaceOfTheLoop) {
    trace_builder t = dying(death::unknown);
    t.trace.why = stop::endless_loop;
    t.trace.message = "it took no step for 5000 ms of processor time";
    const auto d = explain_endless_loop(t.trace);
    EXPECT_EQ(d.slug, "livelock");
    EXPECT_EQ(d.severity, trace::severity::warning);
    EXPECT_EQ(d.headline, "`main` runs without a step, and does not come to an end");
    expect_report("livelock_endless_loop", t.trace, d);
}

}  // namespace
}  // namespace heddle::checkers
