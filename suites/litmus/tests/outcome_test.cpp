#include <gtest/gtest.h>

#include <heddle/litmus/outcome.hpp>
#include <heddle/litmus/parser.hpp>
#include <limits>

namespace heddle::litmus {
namespace {

std::string outcome(const program& p, const std::vector<register_file>& registers,
                    const std::vector<std::int64_t>& values,
                    const std::vector<std::uint8_t>& touched) {
    return format_outcome(p, location_table(p), registers, values, touched);
}

TEST(Outcome, ShowsRegistersByThreadAndNameThenLocations) {
    const program p = parse("r10=1; r2=1; ok=1; i=1; t0=1; z=1 | r0=1; y=1; y1=1; x.store(1,rlx)");
    std::vector<register_file> registers(2);
    for (std::size_t r = 0; r < 5; ++r) registers[0].values[r] = static_cast<std::int64_t>(r + 1);
    registers[1].values[0] = -7;
    EXPECT_EQ(outcome(p, registers, {10, 20, 30, 40}, {1, 1, 1, 1}),
              "0:ok=3 0:r10=1 0:r2=2 1:r0=-7 x=40 y=20 y1=30 z=10");
}

TEST(Outcome, LeavesOutMutexes) {
    const program p = parse("lock(m); c=1; unlock(m)");
    EXPECT_EQ(outcome(p, std::vector<register_file>(1), {1, 5}, {1, 1}), "c=5");
    EXPECT_EQ(outcome(parse("lock(m); unlock(m)"), std::vector<register_file>(1), {0}, {1}), "");
}

TEST(Outcome, ShowsTouchedElementsOfArraysIndexedByRegisters) {
    const program p = parse("a[0]=1; a[1]=1; b[0]=1; b[1]=1; r0=a[r1]");
    EXPECT_EQ(outcome(p, std::vector<register_file>(1), {1, 2, 3, 4}, {0, 1, 0, 1}),
              "0:r0=0 0:r1=0 a[1]=2 b[0]=3 b[1]=4");
}

TEST(Outcome, SortsElementsBytewise) {
    const program p = parse("a[2]=1; a[10]=1; a[1]=1; a=1; ab=1");
    EXPECT_EQ(outcome(p, std::vector<register_file>(1), {1, 2, 3, 4, 5}, {}),
              "a=4 a[10]=2 a[1]=3 a[2]=1 ab=5");
}

TEST(Outcome, FollowsAGrowingTable) {
    const program p = parse("[a=3] x=1; r0=a[i]");
    location_table table(p);
    outcome_formatter formatter(p, table);
    const std::vector<register_file> registers(1);
    const std::vector<std::int64_t> values{1, 8, 9};
    const std::vector<std::uint8_t> touched{1, 1, 1};
    EXPECT_EQ(formatter.format(registers, values, touched), "0:r0=0 x=1");
    table.add(p.threads[0].code[1].base, 5);
    table.add(p.threads[0].code[1].base, 4);
    EXPECT_EQ(formatter.format(registers, values, touched), "0:r0=0 a[4]=9 a[5]=8 x=1");
    EXPECT_EQ(formatter.format(registers, {}, touched), "0:r0=0 a[4]=3 a[5]=3 x=0");
}

TEST(Outcome, WritesTheExtremeValues) {
    const program p = parse("x=1; y=1");
    EXPECT_EQ(outcome(p, std::vector<register_file>(1),
                      {std::numeric_limits<std::int64_t>::min(),
                       std::numeric_limits<std::int64_t>::max()},
                      {}),
              "x=-9223372036854775808 y=9223372036854775807");
}

// The expected numbers come from a computation by hand of the published recurrence.
TEST(Outcome, HashesTheSortedOutcomes) {
    EXPECT_EQ(format_hash(hash_outcomes({})), "cbf29ce484222325");
    EXPECT_EQ(format_hash(hash_outcomes({{"", 1}})), "af63c74c8601c8dd");
    EXPECT_EQ(format_hash(hash_outcomes({{"b", 7}, {"a", 9}})), "78ed6781f136a14e");
    EXPECT_NE(hash_outcomes({{"a", 1}}), hash_outcomes({{"b", 1}}));
    EXPECT_EQ(format_hash(0x12ab), "00000000000012ab");
}

}  // namespace
}  // namespace heddle::litmus
