#include <gtest/gtest.h>

#include <array>
#include <heddle/litmus/text.hpp>

namespace heddle::litmus {
namespace {

constexpr std::array<std::string_view, 4> words{"exhaustive", "depth_first", "random", "sc"};

TEST(Text, ListsWhatWouldBeRight) {
    EXPECT_EQ(listed(words), "exhaustive, depth_first, random or sc");
    EXPECT_EQ(listed(std::span(words).first(1)), "exhaustive");
    EXPECT_EQ(listed({}), "");
}

TEST(Text, SuggestsOnlyWhatIsNear) {
    EXPECT_EQ(nearest("exhautsive", words), "exhaustive");
    EXPECT_EQ(nearest("depthfirst", words), "depth_first");
    EXPECT_EQ(nearest("ransom", words), "random");
    EXPECT_EQ(nearest("cs", words), "sc");
    EXPECT_EQ(nearest("pct", words), "");
    EXPECT_EQ(nearest("", words), "");
    EXPECT_EQ(suggestion("randon", words), "; did you mean 'random'?");
    EXPECT_EQ(suggestion("pct", words), "");
}

TEST(Text, ParsesWholeNumbersOnly) {
    std::uint64_t value = 0;
    EXPECT_TRUE(parse_unsigned("18446744073709551615", value));
    EXPECT_EQ(value, 18446744073709551615U);
    for (const std::string_view wrong : {"", "-1", "+1", "1 ", " 1", "1x", "18446744073709551616"})
        EXPECT_FALSE(parse_unsigned(wrong, value)) << wrong;
}

TEST(Text, CountsInSingularAndPlural) {
    EXPECT_EQ(counted(0, "graph"), "0 graphs");
    EXPECT_EQ(counted(1, "graph"), "1 graph");
    EXPECT_EQ(counted(2, "graph"), "2 graphs");
}

}  // namespace
}  // namespace heddle::litmus
