// Plain data: the values of a bare T on both backends, and every race on it found with both its
// places.
#include <gtest/gtest.h>

#include <heddle/fibers/var.hpp>
#include <string>
#include <type_traits>
#include <vector>

#include "backends.hpp"

namespace heddle {
namespace {

using testing_support::expect_executions;
using testing_support::expect_misuse;
using testing_support::expect_verdict;
using testing_support::runner;
using trace::misuse_kind;

static_assert(!std::is_copy_constructible_v<fibers::var<int>>);
static_assert(std::is_assignable_v<fibers::var<int>&, const fibers::var<int>&>);
static_assert(!std::is_assignable_v<fibers::var<int>&, std::string>);
static_assert(std::is_convertible_v<int, fibers::var<int>> &&
              !std::is_convertible_v<void*, fibers::var<int>>);

struct without_default {
    explicit without_default(int n) : number(n) {}
    int number;
};
static_assert(!std::is_default_constructible_v<fibers::var<without_default>>);

template <class Backend>
class Var : public testing::Test {};
TYPED_TEST_SUITE(Var, testing_support::both_backends, testing_support::backend_name);

TYPED_TEST(Var, ReadsWhatWasWrittenLast) {
    runner<TypeParam>::expect_clean([] {
        typename TypeParam::template var<int> v = 1;
        HEDDLE_ASSERT(v.load() == 1);
        v.store(2);
        HEDDLE_ASSERT(static_cast<int>(v) == 2 && v == 2);
        v = 3;
        HEDDLE_ASSERT(v + 1 == 4);
        typename TypeParam::template var<int> other{9}, zero;
        HEDDLE_ASSERT((v = other) == 9 && other == 9 && zero == 0);
        v = short{2};
        HEDDLE_ASSERT(v == 2);
        (v = 4) = 5;
        HEDDLE_ASSERT(v == 5);
    });
}

TYPED_TEST(Var, CompoundAssignmentsChainAndConvertAsBuiltIn) {
    runner<TypeParam>::expect_clean([] {
        typename TypeParam::template var<int> v{1};
        ((v += 5) *= 4) -= 3;
        HEDDLE_ASSERT(v == 21);
        v /= 2;
        v %= 6;
        HEDDLE_ASSERT(v == 4);
        ((v <<= 3) >>= 1) |= 3;
        HEDDLE_ASSERT(v == 19);
        (v &= 18) ^= 1;
        HEDDLE_ASSERT(v == 19);
        v = -1;
        v += 0.5;  // computed as double, then cut off
        HEDDLE_ASSERT(v == 0);
        v -= 3L;
        HEDDLE_ASSERT(v == -3);
        v += v;
        v *= v;
        HEDDLE_ASSERT(v == 36);
        typename TypeParam::template var<unsigned char> narrow{250};
        narrow += 10;
        HEDDLE_ASSERT(narrow == 4);
        narrow -= static_cast<unsigned char>(5);
        HEDDLE_ASSERT(narrow == 255);
        typename TypeParam::template var<double> real{0.5};
        real += 2;
        real /= 5;
        HEDDLE_ASSERT(real == 0.5);
    });
}

TYPED_TEST(Var, IncrementsReturnTheNewValueOrTheOld) {
    runner<TypeParam>::expect_clean([] {
        typename TypeParam::template var<int> v{5};
        HEDDLE_ASSERT(++v == 6 && v++ == 6 && --v == 6 && v-- == 6 && v == 5);
        int cells[3] = {1, 2, 3};
        typename TypeParam::template var<int*> p{cells};
        HEDDLE_ASSERT(*++p == 2 && *p++ == 2 && p == cells + 2);
        p -= 2;
        HEDDLE_ASSERT(p == cells);
    });
}

TYPED_TEST(Var, HoldsClassTypes) {
    runner<TypeParam>::expect_clean([] {
        typename TypeParam::template var<std::string> text{"a"};
        text += "b";
        text += std::string("c");
        text += 'd';
        text = "e" + text.load();
        HEDDLE_ASSERT(text.load() == "eabcd");
        text = "short";
        HEDDLE_ASSERT(text.load().size() == 5);
        typename TypeParam::template var<without_default> w{without_default(3)};
        w = without_default(4);
        HEDDLE_ASSERT(w.load().number == 4);
    });
}

TYPED_TEST(Var, UpdateChangesInPlaceOrStoresWhatItIsGiven) {
    runner<TypeParam>::expect_clean([] {
        typename TypeParam::template var<int> v{3};
        v.update([](int& x) { x *= 2; });
        HEDDLE_ASSERT(v == 6);
        v.update([](int x) { return x + 1; });
        HEDDLE_ASSERT(v == 7);
        typename TypeParam::template var<std::vector<int>> numbers;
        numbers.update([](std::vector<int>& n) { n.push_back(4); });
        numbers.update([](std::vector<int> n) {
            n.push_back(5);
            return n;
        });
        HEDDLE_ASSERT((numbers.load() == std::vector<int>{4, 5}));
    });
}

TYPED_TEST(Var, IsHandedOverByJoinAndByMutex) {
    runner<TypeParam>::expect_clean([] {
        typename TypeParam::template var<int> count{0};
        typename TypeParam::mutex mutex;
        const auto add = [&] {
            const std::lock_guard<typename TypeParam::mutex> guard(mutex);
            ++count;
        };
        typename TypeParam::thread other(add);
        add();
        other.join();
        HEDDLE_ASSERT(count == 2);
    });
}

TYPED_TEST(Var, IsReadByManyAtOnce) {
    runner<TypeParam>::expect_clean([] {
        typename TypeParam::template var<int> shared{7};
        typename TypeParam::thread a([&] { HEDDLE_ASSERT(shared == 7); });
        typename TypeParam::thread b([&] { HEDDLE_ASSERT(shared.load() == 7); });
        HEDDLE_ASSERT(shared == 7);
        a.join();
        b.join();
        shared = 8;
    });
}

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
