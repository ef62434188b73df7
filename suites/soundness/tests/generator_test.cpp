#include "generator.hpp"

#include <gtest/gtest.h>

#include "features.hpp"
#include "program_text.hpp"
#include "well_formed.hpp"

namespace heddle::soundness {
namespace {

TEST(Generator, MakesWellFormedProgramsOnly) {
    for (std::uint64_t seed = 1; seed <= 3'000; ++seed) {
        const program p = generate(seed);
        ASSERT_EQ(fault_of(p), "") << to_text(p);
    }
}

TEST(Generator, TheSameSeedGivesTheSameProgram) {
    for (std::uint64_t seed = 1; seed <= 50; ++seed) EXPECT_EQ(generate(seed), generate(seed));
    EXPECT_NE(generate(1), generate(2));
}

// A difference that one compiler's program finds is looked for with another's.
TEST(Generator, GivesTheSameProgramsWithEveryCompiler) {
    std::uint64_t hash = 1;
    for (std::uint64_t seed = 1; seed <= 100; ++seed)
        for (const char c : to_text(generate(seed)))
            hash = (hash ^ static_cast<unsigned char>(c)) * 1'099'511'628'211ULL;
    EXPECT_EQ(hash, 0x1484'84a6'e992'fc71ULL);
}

TEST(Generator, EveryTwoFeaturesMeet) {
    bool met[feature_count][feature_count] = {};
    for (std::uint64_t seed = 1; seed <= 100'000; ++seed) {
        const feature_set f = features_of(generate(seed));
        for (std::size_t a = 0; a < feature_count; ++a)
            for (std::size_t b = 0; b < feature_count; ++b) met[a][b] |= f[a] && f[b];
    }
    for (std::size_t a = 0; a < feature_count; ++a)
        for (std::size_t b = 0; b < a; ++b)
            EXPECT_TRUE(met[a][b])
                << name_of(static_cast<feature>(a)) << " and " << name_of(static_cast<feature>(b));
}

TEST(Generator, StaysWithTheFeaturesAskedFor) {
    feature_set about;
    about.set(static_cast<std::size_t>(feature::await));
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        const feature_set f = features_of(generate(seed, about));
        EXPECT_TRUE(f[static_cast<std::size_t>(feature::await)]);
        EXPECT_FALSE(f[static_cast<std::size_t>(feature::conditions)]);
    }
}

}  // namespace
}  // namespace heddle::soundness
