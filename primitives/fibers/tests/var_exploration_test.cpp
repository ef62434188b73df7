// What the exploration finds in plain data: every race on it, with both its places.
#include <gtest/gtest.h>

#include <heddle/fibers/var.hpp>
#include <string>

#include "backends.hpp"

namespace heddle {
namespace {

using testing_support::expect_executions;
using testing_support::expect_misuse;
using testing_support::expect_verdict;
using trace::misuse_kind;

// Accesses are no steps: only the spawn, the join and the thread's own two are, in one order.
TEST(VarExploration, AccessesAreNoSchedulePoints) {
    expect_executions(1, [] {
        fibers::var<int> a{0}, b{0};
        fibers::thread other([&] {
            for (int k = 0; k < 10; ++k) ++a;
        });
        for (int k = 0; k < 10; ++k) ++b;
        other.join();
        HEDDLE_ASSERT(a == 10 && b == 10);
    });
}

// Runs both accesses in two threads, nothing between them.
template <class First, class Second>
void expect_race(const First& first, const Second& second) {
    expect_verdict(verdict::data_race, [&] {
        fibers::var<int> v{0};
        fibers::thread other([&] { first(v); });
        second(v);
        other.join();
    });
}

TEST(VarExploration, UnorderedAccessesRaceWhenOneWrites) {
    const auto load = [](fibers::var<int>& v) { v.load(); };
    const auto store = [](fibers::var<int>& v) { v.store(1); };
    expect_race(store, store);
    expect_race(load, store);
    expect_race(store, load);
    expect_race(load, [](fibers::var<int>& v) { v = 1; });
    expect_race(load, [](fibers::var<int>& v) { v += 1; });
    expect_race(load, [](fibers::var<int>& v) { v *= 2; });
    expect_race(load, [](fibers::var<int>& v) { ++v; });
    expect_race(load, [](fibers::var<int>& v) { v--; });
    expect_race(load, [](fibers::var<int>& v) { v.update([](int& x) { ++x; }); });
    expect_race(store, [](fibers::var<int>& v) { static_cast<void>(v == 1); });
    expect_race(store, [](fibers::var<int>& v) {
        fibers::var<int> copy{0};
        copy = v;
    });
    expect_race(store, [](fibers::var<int>& v) {
        fibers::var<int> sum{0};
        sum += v;
    });
}

TEST(VarExploration, LargeValuesRaceAsSmallOnesDo) {
    expect_verdict(verdict::data_race, [] {
        fibers::var<std::string> text{"a"};
        fibers::thread other([&] { text += "b"; });
        text.load();
        other.join();
    });
}

TEST(VarExploration, RelaxedFlagOrdersNothing) {
    expect_verdict(verdict::data_race, [] {
        fibers::var<int> data{0};
        fibers::atomic<int> flag{0};
        fibers::thread writer([&] {
            data = 1;
            flag.store(1, std::memory_order_relaxed);
        });
        if (flag.load(std::memory_order_relaxed) == 1) data.load();
        writer.join();
    });
}

TEST(VarExploration, RaceNamesTheLinesOfBothAccesses) {
    const unsigned line = __LINE__;
    const result r = explore(testing_support::exhaustive(), [] {
        fibers::var<int> v{0};
        fibers::thread other([&] { v = 1; });
        v += 2;
        other.join();
    });
    ASSERT_EQ(to_string(r.verdict), "data_race");
    const trace::execution_trace& t = r.failure->trace;
    ASSERT_GT(t.step, 0U);
    ASSERT_GT(t.other_step, 0U);
    const unsigned here = t.events[t.step - 1].where.line,
                   there = t.events[t.other_step - 1].where.line;
    EXPECT_TRUE((here == line + 3 && there == line + 4) || (here == line + 4 && there == line + 3))
        << here - line << ' ' << there - line;
}

TEST(VarExploration, OutsideAnExecutionIsABareValue) {
    fibers::var<int> v{1};
    v += 2;
    ++v;
    v.update([](int x) { return 2 * x; });
    EXPECT_EQ(v.load(), 8);
}

TEST(VarExploration, BuiltOutsideAnExecutionIsMisuseInside) {
    fibers::var<int> v{1};
    expect_misuse(
        misuse_kind::outside_execution, [&] { v.load(); }, __LINE__);
    expect_misuse(
        misuse_kind::outside_execution, [&] { v = 2; }, __LINE__);
    expect_misuse(
        misuse_kind::outside_execution, [&] { v -= 2; }, __LINE__);
    expect_misuse(misuse_kind::outside_execution, [&] { v++; });
}

}  // namespace
}  // namespace heddle
