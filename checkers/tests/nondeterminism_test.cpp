#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <heddle/checkers/nondeterminism.hpp>

#include "reports.hpp"

namespace heddle::checkers {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using trace::stop;
using trace::trace_builder;

TEST(Nondeterminism, NamesTheFirstDifference) {
    trace_builder t = sample();
    const int main = t.thread("main"), head = t.atomic("head_");
    t.at("stack.hpp", "head_.load");
    t.load(main, head, 1);
    t.stops(stop::nondeterminism, main, t.last());
    t.trace.message =
        "first difference at step 2: this program performs store on head_ there, the recorded one "
        "did something else";
    const auto d = explain_nondeterminism(t.trace);
    EXPECT_EQ(d.slug, "nondeterminism");
    EXPECT_THAT(d.why, ElementsAre(t.trace.message));
    expect_report("nondeterminism", t.trace, d);
}

TEST(Nondeterminism, IsNotTheBodysWhereOnlyTheSearchRepeatsIt) {
    trace_builder t = sample();
    const int main = t.thread("main"), head = t.atomic("head_");
    t.at("stack.hpp", "head_.load");
    t.load(main, head, 1);
    t.stops(stop::nondeterminism, main, t.last());
    t.trace.message = "the search ended in data_race, the same schedule run again in ok";
    t.trace.heddle_at_fault = true;
    const auto d = explain_nondeterminism(t.trace);
    EXPECT_EQ(d.slug, "nondeterminism");
    EXPECT_EQ(d.reason, "not_replayed");
    expect_report("nondeterminism_of_heddle", t.trace, d);
}

TEST(Nondeterminism, SurvivesAnEmptyTrace) {
    EXPECT_THAT(explain_nondeterminism({}).why, ElementsAre(HasSubstr("are not those")));
}

}  // namespace
}  // namespace heddle::checkers
