// Plain data on both backends: the values of a bare T.
#include <gtest/gtest.h>

#include <heddle/fibers/var.hpp>
#include <string>
#include <type_traits>
#include <vector>

#include "backends.hpp"

namespace heddle {
namespace {

using testing_support::runner;

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

}  // namespace
}  // namespace heddle
