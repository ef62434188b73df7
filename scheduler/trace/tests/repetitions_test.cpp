#include "repetitions.hpp"

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>

namespace heddle::trace {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<repetition> of(const std::string& letters) {
    return repetitions_of({letters.begin(), letters.end()});
}

std::string times(int n, const std::string& text) {
    std::string all;
    for (int k = 0; k < n; ++k) all += text;
    return all;
}

TEST(Repetitions, AreFourRoundsOrMore) {
    EXPECT_THAT(of(""), IsEmpty());
    EXPECT_THAT(of("a"), IsEmpty());
    EXPECT_THAT(of("aaa"), IsEmpty());
    EXPECT_THAT(of("abcabcabc"), IsEmpty());
    EXPECT_THAT(of("aaaa"), ElementsAre(repetition{0, 1, 4}));
    EXPECT_THAT(of("abcabcabcabc"), ElementsAre(repetition{0, 3, 4}));
}

TEST(Repetitions, StandBetweenOtherThings) {
    EXPECT_THAT(of("xy" + times(5, "ab") + "z"), ElementsAre(repetition{2, 2, 5}));
    EXPECT_THAT(of(times(7, "a") + "x" + times(4, "bc")),
                ElementsAre(repetition{0, 1, 7}, repetition{8, 2, 4}));
}

TEST(Repetitions, LeaveThePartOfARoundAtTheEnd) {
    EXPECT_THAT(of(times(5, "abc") + "ab"), ElementsAre(repetition{0, 3, 5}));
}

TEST(Repetitions, CoverTheOuterLoopWhereThatHidesMore) {
    EXPECT_THAT(of(times(10, "aaaab")), ElementsAre(repetition{0, 5, 10}));
    EXPECT_THAT(of(times(9, "a") + "b" + times(9, "a") + "b"),
                ElementsAre(repetition{0, 1, 9}, repetition{10, 1, 9}));
}

TEST(Repetitions, HaveRoundsOfSixtyFourAtMost) {
    std::string round;
    for (int k = 0; k < 64; ++k) round += static_cast<char>(k + 1);
    EXPECT_THAT(of(times(4, round)), ElementsAre(repetition{0, 64, 4}));
    EXPECT_THAT(of(times(4, round + "x")), IsEmpty());
}

// Each is one, and the next begins after it: against the definition, on random sequences.
TEST(Repetitions, AreWhatTheySay) {
    std::mt19937 random(7);
    for (int k = 0; k < 2'000; ++k) {
        std::vector<std::uint32_t> sequence(random() % 60);
        for (auto& x : sequence) x = random() % 2;
        std::size_t covered = 0;
        for (const repetition& r : repetitions_of(sequence)) {
            EXPECT_GE(r.begin, covered);
            EXPECT_GE(r.rounds, fewest_rounds);
            covered = r.begin + r.length * r.rounds;
            ASSERT_LE(covered, sequence.size());
            for (std::size_t i = r.begin; i + r.length < covered; ++i)
                EXPECT_EQ(sequence[i], sequence[i + r.length]);
        }
    }
}

}  // namespace
}  // namespace heddle::trace
