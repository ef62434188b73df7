#include <gmock/gmock.h>

#include <heddle/litmus/parser.hpp>
#include <heddle/litmus/program.hpp>
#include <limits>

namespace heddle::litmus {
namespace {

constexpr std::int64_t smallest = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();

TEST(Program, ReadModifyWriteOperations) {
    EXPECT_EQ(apply(rmw_operation::add, 2, 3), 5);
    EXPECT_EQ(apply(rmw_operation::add, largest, 1), smallest);
    EXPECT_EQ(apply(rmw_operation::sub, 2, 3), -1);
    EXPECT_EQ(apply(rmw_operation::sub, smallest, 1), largest);
    EXPECT_EQ(apply(rmw_operation::bit_or, 6, 3), 7);
    EXPECT_EQ(apply(rmw_operation::bit_and, 6, 3), 2);
    EXPECT_EQ(apply(rmw_operation::bit_xor, 6, 3), 5);
    EXPECT_EQ(apply(rmw_operation::exchange, 6, 3), 3);
}

TEST(Program, DivisionIsDefinedForAllNumbers) {
    EXPECT_EQ(apply(expression_kind::divide, 7, 2), 3);
    EXPECT_EQ(apply(expression_kind::divide, -7, 2), -3);
    EXPECT_EQ(apply(expression_kind::divide, 7, 0), 0);
    EXPECT_EQ(apply(expression_kind::divide, smallest, -1), smallest);
    EXPECT_EQ(apply(expression_kind::remainder, 7, 2), 1);
    EXPECT_EQ(apply(expression_kind::remainder, 7, 0), 0);
    EXPECT_EQ(apply(expression_kind::remainder, smallest, -1), 0);
}

TEST(Program, ArithmeticWrapsAround) {
    EXPECT_EQ(apply(expression_kind::add, largest, 1), smallest);
    EXPECT_EQ(apply(expression_kind::subtract, smallest, 1), largest);
    EXPECT_EQ(apply(expression_kind::multiply, largest, 2), -2);
    EXPECT_EQ(apply(expression_kind::negate, smallest, 0), smallest);
}

TEST(Program, EvaluatesOverRegisters) {
    const program p = parse("k=(r0+2*r1==7 or r0<0)-!r1");
    const expression_id e = p.threads[0].code[0].operand;
    const std::vector<std::string>& names = p.threads[0].registers;
    ASSERT_THAT(names, ::testing::ElementsAre("k", "r0", "r1"));
    const auto value = [&](std::int64_t r0, std::int64_t r1) {
        register_file registers;
        registers.values[1] = r0;
        registers.values[2] = r1;
        return evaluate(p, e, registers);
    };
    EXPECT_EQ(value(1, 3), 1);
    EXPECT_EQ(value(1, 2), 0);
    EXPECT_EQ(value(-1, 2), 1);
    EXPECT_EQ(value(-1, 0), 0);
}

TEST(LocationTable, BeginsWithTheNamedLocations) {
    const program p = parse("x=1; r0=a[r1]; a[3]=2");
    location_table table(p);
    ASSERT_EQ(table.size(), 2U);
    EXPECT_EQ(table[0].name, "x");
    EXPECT_EQ(table[1].name, "a[3]");
    EXPECT_EQ(table.find(p.locations[1].base, 3), 1U);
    EXPECT_EQ(table.find(p.locations[1].base, 0), none);
    EXPECT_FALSE(table.grew());
}

TEST(LocationTable, GrowsAndSaysSo) {
    const program p = parse("[a[4]=9] r0=a[r1]; r0=b[r1]");
    location_table table(p);
    EXPECT_EQ(table.size(), 0U);
    EXPECT_EQ(table.add(0, 4), 0U);
    EXPECT_EQ(table.add(1, 4), 1U);
    EXPECT_EQ(table.add(0, -2), 2U);
    EXPECT_TRUE(table.grew());
    table.clear_grew();
    EXPECT_FALSE(table.grew());
    EXPECT_EQ(table.find(0, 4), 0U);
    EXPECT_EQ(table.find(1, 4), 1U);
    EXPECT_EQ(table[0].name, "a[4]");
    EXPECT_EQ(table[0].initial, 9);
    EXPECT_EQ(table[1].initial, 0);
    EXPECT_EQ(table[2].name, "a[-2]");
}

}  // namespace
}  // namespace heddle::litmus
