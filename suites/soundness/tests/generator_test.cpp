#include "generator.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

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

std::string missing(const feature_set* met) {
    std::string pairs;
    for (std::size_t a = 0; a < feature_count; ++a)
        for (std::size_t b = 0; b <= a; ++b)
            if (!met[a][b])
                pairs.append(name_of(static_cast<feature>(a)))
                    .append(" and ")
                    .append(name_of(static_cast<feature>(b)))
                    .append("\n");
    return pairs;
}

TEST(Generator, EveryTwoFeaturesMeet) {
    feature_set met[feature_count], all;
    for (std::size_t k = 0; k < feature_count; ++k) all.set(k);
    std::uint64_t seed = 0;
    while (std::any_of(met, met + feature_count, [&](feature_set m) { return m != all; })) {
        ASSERT_LT(++seed, 100'000U) << missing(met);
        const feature_set f = features_of(generate(seed));
        for (std::size_t k = 0; k < feature_count; ++k)
            if (f[k]) met[k] |= f;
    }
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
