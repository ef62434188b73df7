#include <gtest/gtest-spi.h>

#include <string>

#include <heddle/gtest/matchers.hpp>

namespace heddle {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

result clean() {
    result r;
    r.exhausted = true;
    r.executions = 6;
    r.summary = "proved: 6 executions";
    return r;
}

result sampled() {
    result r;
    r.executions = 1'000;
    r.summary = "sampled: 1000 executions";
    return r;
}

result deadlocked() {
    result r;
    r.verdict = verdict::deadlock;
    r.executions = 1;
    r.summary = "deadlock in execution 0";
    r.failure.emplace();
    r.failure->verdict = verdict::deadlock;
    r.failure->message = "error[deadlock]: `a` and `b` wait for each other\n   = replay: ./test";
    return r;
}

// With keep_going.
result raced_and_deadlocked() {
    result r = deadlocked();
    failure race;
    race.verdict = verdict::data_race;
    race.message = "error[data-race]: `x` is written by `a`";
    r.failures = {race, *r.failure};
    r.failure = race;
    r.verdict = verdict::data_race;
    return r;
}

std::string description(const testing::Matcher<const result&>& m) {
    return testing::DescribeMatcher<const result&>(m);
}

std::string negated(const testing::Matcher<const result&>& m) {
    return testing::DescribeMatcher<const result&>(m, true);
}

TEST(IsClean, MatchesOkAndExhausted) {
    EXPECT_THAT(clean(), is_clean());
    EXPECT_THAT(sampled(), Not(is_clean()));
    EXPECT_THAT(deadlocked(), Not(is_clean()));
}

TEST(IsClean, DoesNotTakeAnExhaustedFailureForClean) {
    result r = deadlocked();
    r.exhausted = true;
    EXPECT_THAT(r, Not(is_clean()));
}

TEST(IsClean, ShowsSummaryAndReportOfWhatWasFound) {
    EXPECT_NONFATAL_FAILURE(EXPECT_THAT(deadlocked(), is_clean()), "Expected: is clean");
    EXPECT_NONFATAL_FAILURE(EXPECT_THAT(deadlocked(), is_clean()), "(deadlock in execution 0)");
    EXPECT_NONFATAL_FAILURE(EXPECT_THAT(deadlocked(), is_clean()),
                            "whose report is\nerror[deadlock]: `a` and `b` wait for each other\n");
}

TEST(IsClean, SaysThatASampledResultIsNoProof) {
    EXPECT_NONFATAL_FAILURE(EXPECT_THAT(sampled(), is_clean()), "not every behaviour was visited");
    EXPECT_NONFATAL_FAILURE(EXPECT_THAT(sampled(), is_clean()), "(sampled: 1000 executions)");
}

TEST(Finds, MatchesTheVerdict) {
    EXPECT_THAT(deadlocked(), finds(verdict::deadlock));
    EXPECT_THAT(deadlocked(), Not(finds(verdict::data_race)));
    EXPECT_THAT(clean(), Not(finds(verdict::deadlock)));
    EXPECT_THAT(sampled(), finds(verdict::ok));
}

TEST(Finds, MatchesPartOfTheReport) {
    EXPECT_THAT(deadlocked(), finds(verdict::deadlock, "wait for each other"));
    EXPECT_THAT(deadlocked(), finds(verdict::deadlock, std::string{"`a`"}));
    EXPECT_THAT(deadlocked(), Not(finds(verdict::deadlock, "mutex")));
    EXPECT_THAT(deadlocked(), Not(finds(verdict::data_race, "wait for each other")));
}

TEST(Finds, MatchesTheReportByAMatcher) {
    EXPECT_THAT(deadlocked(), finds(verdict::deadlock, AllOf(HasSubstr("`a`"), HasSubstr("`b`"))));
    EXPECT_THAT(deadlocked(), Not(finds(verdict::deadlock, Not(HasSubstr("`a`")))));
}

TEST(Finds, MatchesEachOfSeveralFailures) {
    const result r = raced_and_deadlocked();
    EXPECT_THAT(r, finds(verdict::data_race));
    EXPECT_THAT(r, finds(verdict::deadlock));
    EXPECT_THAT(r, finds(verdict::deadlock, "wait for each other"));
    EXPECT_THAT(r, Not(finds(verdict::data_race, "wait for each other")));
    EXPECT_THAT(r, Not(finds(verdict::livelock)));
    EXPECT_THAT(r, Not(finds(verdict::ok)));
    EXPECT_NONFATAL_FAILURE(EXPECT_THAT(r, finds(verdict::livelock)),
                            "whose reports are\nerror[data-race]: `x` is written by `a`\n"
                            "error[deadlock]: `a` and `b` wait for each other\n");
}

TEST(Finds, WorksOnAVerdictWithoutAFailure) {
    result r;
    r.verdict = verdict::crash;
    EXPECT_THAT(r, finds(verdict::crash));
    EXPECT_THAT(r, Not(finds(verdict::crash, "report")));
}

TEST(Finds, ShowsWhatWasFoundInstead) {
    EXPECT_NONFATAL_FAILURE(EXPECT_THAT(deadlocked(), finds(verdict::data_race)),
                            "Expected: finds `data_race`");
    EXPECT_NONFATAL_FAILURE(EXPECT_THAT(deadlocked(), finds(verdict::data_race)),
                            "verdict `deadlock`");
    EXPECT_NONFATAL_FAILURE(EXPECT_THAT(deadlocked(), finds(verdict::data_race)),
                            "whose report is\nerror[deadlock]");
    EXPECT_NONFATAL_FAILURE(EXPECT_THAT(deadlocked(), finds(verdict::deadlock, "mutex")),
                            "whose report is");
    EXPECT_NONFATAL_FAILURE(EXPECT_THAT(clean(), finds(verdict::deadlock)),
                            "in which nothing was found");
    EXPECT_NONFATAL_FAILURE(EXPECT_THAT(sampled(), finds(verdict::deadlock)),
                            "nothing was found, though not every behaviour was visited");
}

TEST(Finds, DescribesItself) {
    EXPECT_EQ(description(finds(verdict::deadlock)), "finds `deadlock`");
    EXPECT_EQ(negated(finds(verdict::deadlock)), "does not find `deadlock`");
    EXPECT_EQ(description(finds(verdict::data_race, "x")),
              "finds `data_race` with a report that has substring \"x\"");
    EXPECT_EQ(negated(finds(verdict::data_race, "x")),
              "does not find `data_race`, or with a report that has no substring \"x\"");
    EXPECT_THAT(description(is_clean()), StartsWith("is clean"));
    EXPECT_THAT(negated(is_clean()), StartsWith("is not clean"));
}

TEST(PrintTo, ShowsAResultInOneLine) {
    EXPECT_EQ(testing::PrintToString(clean()),
              "a result with verdict `ok` after 6 executions, exhausted (proved: 6 executions)");
    EXPECT_EQ(testing::PrintToString(deadlocked()),
              "a result with verdict `deadlock` after 1 execution (deadlock in execution 0)");
}

}  // namespace
}  // namespace heddle
