#include "program_text.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "generator.hpp"
#include "patterns.hpp"

namespace heddle::soundness {
namespace {

TEST(ProgramText, ComesBackFromItsText) {
    for (std::uint64_t seed = 1; seed <= 2'000; ++seed) {
        const program p = generate(seed);
        ASSERT_EQ(parse(to_text(p)), p) << to_text(p);
        ASSERT_EQ(parse(to_line(p)), p) << to_line(p);
    }
}

TEST(ProgramText, IsTheBodyOfATest) {
    const std::string_view text =
        "using enum std::memory_order;\n"
        "fibers::atomic<int> x0{0};\n"
        "fibers::mutex m0;\n"
        "fibers::var<int> v0{0};\n"
        "fibers::thread t1([&] {\n"
        "    int a[1] = {};\n"
        "    while (!((a[0] = x0.load(acquire)) != 0)) {\n"
        "        fibers::this_thread::yield();\n"
        "    }\n"
        "    {\n"
        "        std::unique_lock hold0(m0);\n"
        "        v0 = a[0] + 1;\n"
        "    }\n"
        "    heddle::record(\"t1:{}\", a[0]);\n"
        "});\n"
        "x0.store(1, release);\n"
        "t1.join();\n"
        "const int last0 = x0.load();\n"
        "heddle::record(\"t0:{}\", last0);\n";
    const program p = parse(text);
    EXPECT_EQ(p.threads.size(), 2U);
    EXPECT_EQ(to_text(p), text);
}

TEST(ProgramText, MayHaveALambdaAroundIt) {
    const program p = parse("[] { fibers::atomic<int> x0{0}; x0.store(1, relaxed); });");
    EXPECT_EQ(p.atomics, 1U);
    EXPECT_EQ(size_of(p), 1U);
}

TEST(ProgramText, SaysWhereItStopsMakingSense) {
    try {
        static_cast<void>(parse("fibers::atomic<int> x0{0}; x0.store(1, lenient);"));
        FAIL();
    } catch (const std::invalid_argument& e) {
        EXPECT_STREQ(e.what(), "program: no statement begins with 'lenient);'");
    }
}

// A kind without a pattern could not be printed, and two patterns that look alike not be told
// apart.
TEST(ProgramText, EveryKindHasItsOwnText) {
    for (unsigned k = 0; k <= static_cast<unsigned>(kind::detach); ++k) {
        statement s;
        s.what = static_cast<kind>(k);
        s.slot = 0;
        EXPECT_EQ(pattern_of(s).what, s.what);
    }
}

}  // namespace
}  // namespace heddle::soundness
