#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include <heddle/scheduler/result.hpp>

namespace heddle {
namespace {

TEST(Result, HoldsWhenNothingWasFound) {
    result r;
    EXPECT_TRUE(r);
    EXPECT_FALSE(r.exhausted);
    r.verdict = verdict::deadlock;
    EXPECT_FALSE(r);
}

TEST(Verdict, NamesAreThoseOfTheEnumerators) {
    EXPECT_EQ(to_string(verdict::ok), "ok");
    EXPECT_EQ(to_string(verdict::data_race), "data_race");
    EXPECT_EQ(to_string(verdict::lost_notification), "lost_notification");
    EXPECT_EQ(to_string(verdict::use_after_destroy), "use_after_destroy");
    EXPECT_EQ(to_string(verdict::crash), "crash");
}

TEST(Verdict, EveryNameIsKnownAndUnlikeTheOthers) {
    std::set<std::string> names;
    for (int i = 0; i <= static_cast<int>(verdict::crash); ++i) {
        names.insert(std::string{to_string(static_cast<verdict>(i))});
    }
    EXPECT_EQ(names.size(), 15U);
    EXPECT_EQ(names.count("unknown"), 0U);
    EXPECT_EQ(to_string(static_cast<verdict>(99)), "unknown");
}

TEST(Verdict, SlugsHaveHyphens) {
    EXPECT_EQ(slug_of(verdict::data_race), "data-race");
    EXPECT_EQ(slug_of(verdict::use_after_destroy), "use-after-destroy");
    EXPECT_EQ(slug_of(verdict::misuse), "misuse");
}

// By a framework's own means, as for a type it knows nothing of.
TEST(Verdict, IsPrintedByItsName) {
    EXPECT_EQ(testing::PrintToString(verdict::deadlock), "deadlock");
    EXPECT_NONFATAL_FAILURE(EXPECT_EQ(verdict::ok, verdict::data_race), "data_race");
}

TEST(Result, IsPrintedInOneLine) {
    result r;
    r.executions = 6;
    r.exhausted = true;
    r.summary = "proved: 6 executions";
    EXPECT_EQ(testing::PrintToString(r),
              "a result with verdict `ok` after 6 executions, exhausted (proved: 6 executions)");
    EXPECT_EQ(testing::PrintToString(result{}), "a result with verdict `ok` after 0 executions");
}

TEST(Failure, IsPrintedAsItsReport) {
    failure f;
    f.verdict = verdict::deadlock;
    EXPECT_EQ(testing::PrintToString(f), "a failure with verdict `deadlock`");
    f.message = "error[deadlock]: `a` waits for itself";
    EXPECT_EQ(testing::PrintToString(f), f.message);
    EXPECT_EQ(testing::PrintToString(std::optional{f}), "(" + f.message + ")");
}

}  // namespace
}  // namespace heddle
