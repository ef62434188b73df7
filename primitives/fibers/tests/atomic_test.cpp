// Every operation of the atomics on both backends: the values of std, both outcomes of each choice
// within one thread.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <heddle/fibers/atomic.hpp>
#include <limits>
#include <type_traits>

#include "backends.hpp"

namespace heddle {
namespace {

using testing_support::runner;

enum class colour : std::uint8_t { red, green, blue };
struct alignas(4) pair_of_shorts {  // else Clang calls libatomic for the real one
    std::int16_t first, second;
};
struct three_bytes {
    unsigned char bytes[3];
};
struct tagged_pointer {
    const char* pointer;
};

static_assert(!std::is_copy_constructible_v<fibers::atomic<int>>);
static_assert(!std::is_copy_assignable_v<fibers::atomic<int>>);
static_assert(!std::is_move_assignable_v<fibers::atomic<int>>);
static_assert(!std::is_assignable_v<fibers::atomic<int>&, fibers::atomic<int>&>);
static_assert(std::is_nothrow_constructible_v<fibers::atomic<int>, int>);
static_assert(fibers::atomic<int>::is_always_lock_free &&
              !fibers::atomic<three_bytes>::is_always_lock_free);

template <class A>
concept can_add = requires(A& a) {
    a.fetch_add(1);
};
template <class A>
concept can_or = requires(A& a) {
    a.fetch_or(1);
};
template <class A>
concept can_count = requires(A& a) {
    ++a;
};
static_assert(can_add<fibers::atomic<int>> && can_or<fibers::atomic<int>> &&
              can_count<fibers::atomic<int>>);
static_assert(can_add<fibers::atomic<int*>> && !can_or<fibers::atomic<int*>> &&
              can_count<fibers::atomic<int*>>);
static_assert(can_add<fibers::atomic<double>> && !can_or<fibers::atomic<double>> &&
              !can_count<fibers::atomic<double>>);
static_assert(!can_add<fibers::atomic<bool>> && !can_add<fibers::atomic<colour>> &&
              !can_add<fibers::atomic<void*>>);

template <class Backend>
class Atomic : public testing::Test {};
TYPED_TEST_SUITE(Atomic, testing_support::both_backends, testing_support::backend_name);

TYPED_TEST(Atomic, ReadsWhatWasWrittenLast) {
    runner<TypeParam>::expect_clean([] {
        typename TypeParam::template atomic<int> x = 1;
        HEDDLE_ASSERT(x.load() == 1);
        x.store(2);
        HEDDLE_ASSERT(x.load(std::memory_order_acquire) == 2);
        x.store(3, std::memory_order_relaxed);
        HEDDLE_ASSERT(x.load(std::memory_order_relaxed) == 3);
        x.store(4, std::memory_order_release);
        HEDDLE_ASSERT(x.load(std::memory_order_consume) == 4);
        HEDDLE_ASSERT((x = 5) == 5);
        HEDDLE_ASSERT(x == 5);
        HEDDLE_ASSERT(x.exchange(6) == 5);
        HEDDLE_ASSERT(x.exchange(7, std::memory_order_acq_rel) == 6);
        HEDDLE_ASSERT(x.load(std::memory_order_seq_cst) == 7);
    });
}

TYPED_TEST(Atomic, BeginsWithTheDefaultValue) {
    runner<TypeParam>::expect_clean([] {
        typename TypeParam::template atomic<int> number;
        typename TypeParam::template atomic<const char*> pointer{};
        typename TypeParam::template atomic<bool> flag;
        HEDDLE_ASSERT(number == 0 && pointer == nullptr && !flag);
    });
}

TYPED_TEST(Atomic, CompareExchangeWritesOnAMatchAndReportsTheValueElse) {
    runner<TypeParam>::expect_clean([] {
        typename TypeParam::template atomic<int> x{1};
        int expected = 1;
        HEDDLE_ASSERT(x.compare_exchange_strong(expected, 2));
        HEDDLE_ASSERT(x == 2 && expected == 1);
        HEDDLE_ASSERT(!x.compare_exchange_strong(expected, 3));
        HEDDLE_ASSERT(x == 2 && expected == 2);
        HEDDLE_ASSERT(x.compare_exchange_strong(expected, 4, std::memory_order_acq_rel));
        HEDDLE_ASSERT(!x.compare_exchange_strong(expected, 5, std::memory_order_release));
        HEDDLE_ASSERT(x == 4 && expected == 4);
        HEDDLE_ASSERT(x.compare_exchange_strong(expected, 6, std::memory_order_release,
                                                std::memory_order_acquire));
        expected = 0;
        HEDDLE_ASSERT(!x.compare_exchange_weak(expected, 7));
        HEDDLE_ASSERT(expected == 6);
        while (!x.compare_exchange_weak(expected, 8, std::memory_order_acquire))
            HEDDLE_ASSERT(expected == 6);
        expected = 0;
        HEDDLE_ASSERT(!x.compare_exchange_weak(expected, 9, std::memory_order_seq_cst,
                                               std::memory_order_relaxed));
        HEDDLE_ASSERT(expected == 8 && x == 8);
    });
}

TYPED_TEST(Atomic, IntegersAddSubtractAndCombineBits) {
    runner<TypeParam>::expect_clean([] {
        typename TypeParam::template atomic<int> x{10};
        HEDDLE_ASSERT(x.fetch_add(5) == 10 && x == 15);
        HEDDLE_ASSERT(x.fetch_sub(3, std::memory_order_relaxed) == 15 && x == 12);
        HEDDLE_ASSERT(x.fetch_and(0b0110, std::memory_order_acquire) == 12 && x == 4);
        HEDDLE_ASSERT(x.fetch_or(0b0011, std::memory_order_release) == 4 && x == 7);
        HEDDLE_ASSERT(x.fetch_xor(0b0101, std::memory_order_acq_rel) == 7 && x == 2);
        HEDDLE_ASSERT((x += 6) == 8 && (x -= 1) == 7);
        HEDDLE_ASSERT((x &= 5) == 5 && (x |= 8) == 13 && (x ^= 1) == 12);
        HEDDLE_ASSERT(++x == 13 && x++ == 13 && --x == 13 && x-- == 13 && x == 12);
        HEDDLE_ASSERT(x.fetch_add(-20) == 12 && x == -8);
    });
}

TYPED_TEST(Atomic, IntegersWrapAround) {
    runner<TypeParam>::expect_clean([] {
        typename TypeParam::template atomic<int> x{std::numeric_limits<int>::max()};
        HEDDLE_ASSERT(++x == std::numeric_limits<int>::min());
        HEDDLE_ASSERT((x -= 1) == std::numeric_limits<int>::max());
        typename TypeParam::template atomic<signed char> narrow{127};
        HEDDLE_ASSERT(narrow.fetch_add(2) == 127 && narrow == -127);
        HEDDLE_ASSERT((narrow -= 3) == 126);
        typename TypeParam::template atomic<unsigned char> octet{0};
        HEDDLE_ASSERT(--octet == 255 && octet++ == 255 && octet == 0);
        typename TypeParam::template atomic<std::uint64_t> wide{~std::uint64_t{0}};
        HEDDLE_ASSERT(wide.fetch_add(1) == ~std::uint64_t{0} && wide == 0);
        typename TypeParam::template atomic<std::int64_t> wide_signed{-1};
        HEDDLE_ASSERT((wide_signed |= 4) == -1 && (wide_signed &= 6) == 6);
    });
}

TYPED_TEST(Atomic, PointersMoveByObjects) {
    runner<TypeParam>::expect_clean([] {
        static int cells[8];
        typename TypeParam::template atomic<int*> p{cells};
        HEDDLE_ASSERT(p.fetch_add(3) == cells && p == cells + 3);
        HEDDLE_ASSERT(p.fetch_sub(1, std::memory_order_relaxed) == cells + 3);
        HEDDLE_ASSERT((p += 4) == cells + 6 && (p -= 5) == cells + 1);
        HEDDLE_ASSERT(++p == cells + 2 && p++ == cells + 2 && --p == cells + 2 && p-- == cells + 2);
        HEDDLE_ASSERT(p.exchange(nullptr) == cells + 1 && p.load() == nullptr);
        p = cells;
        int* expected = cells;
        HEDDLE_ASSERT(p.compare_exchange_strong(expected, cells + 7));
    });
}

TYPED_TEST(Atomic, FloatingPointAddsAndSubtracts) {
    runner<TypeParam>::expect_clean([] {
        typename TypeParam::template atomic<double> d{1.5};
        HEDDLE_ASSERT(d.fetch_add(2.25) == 1.5 && d == 3.75);
        HEDDLE_ASSERT((d -= 4) == -0.25 && (d += 1) == 0.75);
        typename TypeParam::template atomic<float> f{0.5F};
        HEDDLE_ASSERT(f.fetch_sub(2.0F) == 0.5F && f == -1.5F);
        HEDDLE_ASSERT(f.exchange(3.0F) == -1.5F);
    });
}

TYPED_TEST(Atomic, HoldsBoolEnumerationsAndSmallClasses) {
    runner<TypeParam>::expect_clean([] {
        typename TypeParam::template atomic<bool> flag{true};
        HEDDLE_ASSERT(flag.exchange(false) && !flag);
        bool no = false;
        HEDDLE_ASSERT(flag.compare_exchange_strong(no, true) && flag);

        typename TypeParam::template atomic<colour> c{colour::green};
        HEDDLE_ASSERT(c.exchange(colour::blue) == colour::green && c == colour::blue);
        c = colour::red;
        HEDDLE_ASSERT(c.load() == colour::red);

        typename TypeParam::template atomic<pair_of_shorts> pair{{-1, 2}};
        pair_of_shorts seen = pair.load();
        HEDDLE_ASSERT(seen.first == -1 && seen.second == 2);
        HEDDLE_ASSERT(pair.compare_exchange_strong(seen, {3, 4}) && pair.load().second == 4);
        seen = {0, 0};
        HEDDLE_ASSERT(!pair.compare_exchange_strong(seen, {5, 6}) && seen.first == 3 &&
                      seen.second == 4);

        typename TypeParam::template atomic<tagged_pointer> braces{{nullptr}};
        HEDDLE_ASSERT(braces.load().pointer == nullptr);
        braces = tagged_pointer{"text"};
        HEDDLE_ASSERT(braces.load().pointer[0] == 't');
    });
}

TYPED_TEST(Atomic, WaitReturnsAtOnceWhenTheValueDiffers) {
    runner<TypeParam>::expect_clean([] {
        typename TypeParam::template atomic<int> x{1};
        x.wait(0);
        x.wait(2, std::memory_order_acquire);
        x.notify_one();
        x.notify_all();
    });
}

TYPED_TEST(Atomic, WaitSleepsUntilTheValueChangedAndWasNotified) {
    runner<TypeParam>::expect_clean([] {
        typename TypeParam::template atomic<int> x{0};
        typename TypeParam::template var<int> data{0};
        typename TypeParam::thread waker([&] {
            data = 7;
            x.store(1, std::memory_order_release);
            x.notify_one();
        });
        x.wait(0, std::memory_order_acquire);
        HEDDLE_ASSERT(x.load() == 1 && data == 7);
        waker.join();
    });
}

TYPED_TEST(Atomic, NotifyAllWakesEveryWaiter) {
    runner<TypeParam>::expect_clean([] {
        typename TypeParam::template atomic<bool> go{false};
        typename TypeParam::thread first([&] { go.wait(false); });
        typename TypeParam::thread second([&] { go.wait(false); });
        go.store(true);
        go.notify_all();
        first.join();
        second.join();
    });
}

TYPED_TEST(Atomic, FlagIsSetTestedAndCleared) {
    runner<TypeParam>::expect_clean([] {
        typename TypeParam::atomic_flag flag;
        HEDDLE_ASSERT(!flag.test());
        HEDDLE_ASSERT(!flag.test_and_set() && flag.test(std::memory_order_acquire));
        HEDDLE_ASSERT(flag.test_and_set(std::memory_order_acq_rel));
        flag.clear(std::memory_order_release);
        HEDDLE_ASSERT(!flag.test(std::memory_order_relaxed));
        HEDDLE_ASSERT(!flag.test_and_set(std::memory_order_acquire));
        flag.clear();
        flag.wait(true);
    });
}

TYPED_TEST(Atomic, FlagWakesAWaiter) {
    runner<TypeParam>::expect_clean([] {
        typename TypeParam::atomic_flag flag;
        typename TypeParam::thread one([&] { flag.wait(false, std::memory_order_acquire); });
        flag.test_and_set(std::memory_order_release);
        flag.notify_one();
        one.join();
        typename TypeParam::thread other([&] { flag.wait(true); });
        flag.clear();
        flag.notify_all();
        other.join();
    });
}

TYPED_TEST(Atomic, FlagIsALock) {
    runner<TypeParam>::expect_clean([] {
        typename TypeParam::atomic_flag flag;
        typename TypeParam::template var<int> count{0};
        const auto add = [&] {
            while (flag.test_and_set(std::memory_order_acquire))
                flag.wait(true, std::memory_order_relaxed);
            ++count;
            flag.clear(std::memory_order_release);
            flag.notify_one();
        };
        typename TypeParam::thread other(add);
        add();
        other.join();
        HEDDLE_ASSERT(count == 2);
    });
}

TYPED_TEST(Atomic, FenceOrdersRelaxedAccesses) {
    runner<TypeParam>::expect_clean([] {
        typename TypeParam::template atomic<int> flag{0};
        typename TypeParam::template atomic<int> data{0};  // ThreadSanitizer knows no fences
        typename TypeParam::thread writer([&] {
            data.store(7, std::memory_order_relaxed);
            TypeParam::atomic_thread_fence(std::memory_order_release);
            flag.store(1, std::memory_order_relaxed);
        });
        if (flag.load(std::memory_order_relaxed) == 1) {
            TypeParam::atomic_thread_fence(std::memory_order_acquire);
            HEDDLE_ASSERT(data.load(std::memory_order_relaxed) == 7);
        }
        writer.join();
    });
}

}  // namespace
}  // namespace heddle
