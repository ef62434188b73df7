#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <heddle/checkers/leak.hpp>

#include "reports.hpp"

namespace heddle::checkers {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using trace::stop;
using trace::trace_builder;

trace_builder leaking(int blocks) {
    trace_builder t = sample();
    const int main = t.thread("main"), other = t.thread("other"), head = t.atomic("head_");
    t.at("stack_test.cpp", "thread other");
    t.spawn(main, other);
    t.at("stack.hpp", "head_.store");
    t.store(other, head, 9);
    t.trace.why = stop::leak;
    for (int k = 0; k < blocks; ++k)
        t.trace.leaked.push_back({16, other, t.last(), t.place_of("stack.hpp", "next_of"), {}});
    return t;
}

TEST(Leak, SaysWhoAllocatedWhatAndWhere) {
    trace_builder t = leaking(1);
    t.trace.leaked[0].callers = {t.place_of("stack_test.cpp", "thread other")};
    const auto d = explain_leak(t.trace);
    EXPECT_EQ(d.slug, "leak");
    EXPECT_EQ(d.reason, "not-freed");
    EXPECT_EQ(d.headline, "1 block of the heap is left when all threads have ended (16 bytes)");
    EXPECT_THAT(d.threads, ElementsAre(1));
    expect_report("leak", t.trace, d);
}

TEST(Leak, CountsTheBlocksOfOneLineTogether) {
    const trace_builder t = leaking(3);
    const auto d = explain_leak(t.trace);
    EXPECT_EQ(d.headline, "3 blocks of the heap are left when all threads have ended (48 bytes)");
    ASSERT_EQ(d.labels.size(), 1U);
    EXPECT_EQ(d.labels[0].text, "`other` allocates 3 blocks, 48 bytes in all, after step 2");
}

TEST(Leak, ShowsTheFirstPlacesOfMany) {
    trace_builder t = leaking(0);
    for (unsigned line = 1; line <= 6; ++line)
        t.trace.leaked.push_back({8, 0, 0, {"stack.hpp", line, {}}, {}});
    const auto d = explain_leak(t.trace);
    EXPECT_EQ(d.labels.size(), 4U);
    EXPECT_THAT(d.notes, Contains("2 further places with blocks not freed"));
}

}  // namespace
}  // namespace heddle::checkers
