#include <gtest/gtest.h>

#include <heddle/scheduler/strategy.hpp>

namespace heddle {
namespace {

TEST(Strategy, NamesAreThoseOfTheOption) {
    EXPECT_EQ(to_string(strategies::automatic{}), "automatic");
    EXPECT_EQ(to_string(strategies::exhaustive{}), "exhaustive");
    EXPECT_EQ(to_string(strategies::depth_first{}), "depth_first");
    EXPECT_EQ(to_string(strategies::random{}), "random");
}

TEST(Strategy, PctShowsItsDepthUnlessTheDepthCycles) {
    EXPECT_EQ(to_string(strategies::pct{}), "pct");
    EXPECT_EQ(to_string(strategies::pct{.depth = 3}), "pct(depth 3)");
}

TEST(Strategy, EqualKnobsMakeEqualStrategies) {
    EXPECT_EQ(strategy{strategies::pct{.depth = 2}}, strategy{strategies::pct{.depth = 2}});
    EXPECT_NE(strategy{strategies::pct{.depth = 2}}, strategy{strategies::pct{.depth = 3}});
    EXPECT_NE(strategy{strategies::exhaustive{}}, strategy{strategies::depth_first{}});
}

TEST(Strategy, TheDefaultIsAutomatic) { EXPECT_EQ(strategy{}, strategy{strategies::automatic{}}); }

TEST(Strategy, IsPrintedByItsName) {
    EXPECT_EQ(testing::PrintToString(strategies::exhaustive{}), "exhaustive");
    EXPECT_NE(testing::PrintToString(strategy{strategies::pct{.depth = 3}}).find("pct(depth 3)"),
              std::string::npos);
}

}  // namespace
}  // namespace heddle
