// What a long search says of itself.
#include "progress_line.hpp"

#include <gmock/gmock.h>

#include <heddle/scheduler/hooks.hpp>

#include "engine.hpp"

namespace heddle::scheduler {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::internal::CaptureStderr;
using testing::internal::GetCapturedStderr;
using namespace std::chrono_literals;

TEST(ProgressText, SaysHowManyHowFastHowFarAndHowLong) {
    EXPECT_EQ(progress_text(1'830'112, 0.375, 4.5),
              "1,830,112 executions, 406,691 a second, 37 % of the search, about 7 s left");
    EXPECT_EQ(progress_text(12, 0.5, 600),
              "12 executions, 0 a second, 50 % of the search, about 10 min left");
    EXPECT_THAT(progress_text(12, 0.05, 6'000), HasSubstr("about 31 h left"));
}

TEST(ProgressText, LeavesOutWhatIsNotKnown) {
    EXPECT_EQ(progress_text(1'000, -1, 2), "1,000 executions, 500 a second");
    EXPECT_EQ(progress_text(1'000, 1e-9, 2),
              "1,000 executions, 500 a second, less than 1 % of the search");
}

TEST(ProgressText, SeparatesThousands) {
    EXPECT_EQ(with_separators(0), "0");
    EXPECT_EQ(with_separators(999), "999");
    EXPECT_EQ(with_separators(1'000), "1,000");
    EXPECT_EQ(with_separators(12'345'678), "12,345,678");
}

std::string said_after(std::chrono::seconds elapsed, bool wanted) {
    CaptureStderr();
    {
        progress_line line(wanted, progress_line::clock::now() - elapsed);
        line.at(100, 0.5);
        line.at(100, 0.5);
    }
    return GetCapturedStderr();
}

// The stderr of a test is a file here, as in a CI job.
TEST(ProgressLine, IsOneLogLineAfterTenSecondsWithoutATerminal) {
    EXPECT_THAT(said_after(9s, true), IsEmpty());
    EXPECT_THAT(
        said_after(10s, true),
        testing::MatchesRegex("heddle: 100 executions, [0-9]+ a second, 50 % of the search, "
                              "about [0-9]+ s left\n"));
}

TEST(ProgressLine, IsSilentWhereItIsNotWanted) { EXPECT_THAT(said_after(60s, false), IsEmpty()); }

// 4 x 3 x 2 behaviours, all alike.
void three_choices(void*) {
    for (const unsigned n : {4U, 3U, 2U}) hooks::choose(n, site{"progress_line_test.cpp", 1});
}

TEST(ExploredShare, GrowsWithEachExecutionAndEndsAtOne) {
    engine e(options{}, three_choices, nullptr, 1);
    e.begin_exhaustive();
    double before = 0;
    int executions = 0;
    bool more = true;
    while (more) {
        EXPECT_EQ(e.run(), ending::complete);
        more = e.next_graph();
        EXPECT_GT(e.explored_share(), before);
        before = e.explored_share();
        ++executions;
    }
    EXPECT_EQ(executions, 24);
    EXPECT_DOUBLE_EQ(before, 1);
}

TEST(ExploredShare, OfTheDepthFirstSearchIsThatOfItsTree) {
    engine e(options{}, three_choices, nullptr, 1);
    for (int k = 0; k < 24; ++k) {
        EXPECT_NEAR(e.explored_share(), k / 24.0, 1e-9);
        e.begin_forward(mode::depth_first);
        EXPECT_EQ(e.run(), ending::complete);
        EXPECT_EQ(e.next_depth_first(), k < 23);
    }
}

}  // namespace
}  // namespace heddle::scheduler
