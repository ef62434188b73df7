#include <set>
#include <string>

#include <gtest/gtest.h>

#include <heddle/trace/operation.hpp>

namespace heddle::trace {
namespace {

TEST(Operation, EachHasAName) {
    for (int k = 0; k <= static_cast<int>(operation::lock_all); ++k) {
        const std::string_view name = name_of(static_cast<operation>(k));
        EXPECT_FALSE(name.empty()) << k;
        EXPECT_NE(name, "unknown operation") << k;
    }
}

TEST(Operation, NamesAreThoseOfTheCall) {
    EXPECT_EQ(name_of(operation::compare_exchange_weak), "compare_exchange_weak");
    EXPECT_EQ(name_of(operation::fetch_add_double), "fetch_add");
    EXPECT_EQ(name_of(operation::wait_enqueue), "wait");
    EXPECT_EQ(name_of(operation::wait_wake), "wait");
    EXPECT_EQ(name_of(operation::fence), "atomic_thread_fence");
}

TEST(Operation, ValuesOutsideTheTableHaveANameToo) {
    EXPECT_EQ(name_of(static_cast<operation>(200)), "unknown operation");
    EXPECT_EQ(name_of(static_cast<object_kind>(200)), "unknown object");
    EXPECT_EQ(name_of(static_cast<order>(200)), "unknown order");
}

// The numbers are part of the schedule format.
TEST(Operation, NumbersStay) {
    EXPECT_EQ(static_cast<int>(operation::load), 0);
    EXPECT_EQ(static_cast<int>(operation::await_equal), 12);
    EXPECT_EQ(static_cast<int>(operation::lock), 16);
    EXPECT_EQ(static_cast<int>(operation::wait_enqueue), 19);
    EXPECT_EQ(static_cast<int>(operation::fence), 24);
    EXPECT_EQ(static_cast<int>(operation::choose), 30);
    EXPECT_EQ(static_cast<int>(operation::lock_all), 36);
}

TEST(Operation, KindsAndOrdersHaveDistinctNames) {
    std::set<std::string_view> kinds, orders;
    for (int k = 0; k <= static_cast<int>(object_kind::condition_variable); ++k)
        kinds.insert(name_of(static_cast<object_kind>(k)));
    EXPECT_EQ(kinds.size(), 7U);
    for (const order o :
         {order::relaxed, order::acquire, order::release, order::acq_rel, order::seq_cst})
        orders.insert(name_of(o));
    EXPECT_EQ(orders.size(), 5U);
}

TEST(Operation, ShowsNamesInMessages) {
    EXPECT_EQ(testing::PrintToString(operation::fetch_add), "fetch_add");
    EXPECT_EQ(testing::PrintToString(object_kind::mutex), "mutex");
    EXPECT_EQ(testing::PrintToString(order::acq_rel), "acq_rel");
    EXPECT_EQ(testing::PrintToString(value_format::pointer), "pointer");
}

}  // namespace
}  // namespace heddle::trace
