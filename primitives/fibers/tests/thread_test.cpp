// Threads on both backends: what std promises of them.
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <heddle/fibers/thread.hpp>
#include <memory>
#include <sstream>
#include <string>
#include <type_traits>
#include <unordered_set>
#include <utility>

#include "backends.hpp"

namespace heddle {
namespace {

using testing_support::runner;

static_assert(!std::is_copy_constructible_v<fibers::thread> &&
              std::is_nothrow_move_constructible_v<fibers::thread>);
static_assert(!std::is_copy_constructible_v<fibers::jthread> &&
              std::is_nothrow_move_assignable_v<fibers::jthread>);

template <class Backend>
class Thread : public testing::Test {};
TYPED_TEST_SUITE(Thread, testing_support::both_backends, testing_support::backend_name);

TYPED_TEST(Thread, JoinMakesWhatTheThreadDidVisible) {
    runner<TypeParam>::expect_clean([] {
        typename TypeParam::template var<int> data{1};
        typename TypeParam::thread t([&] { data += 1; });
        HEDDLE_ASSERT(t.joinable());
        t.join();
        HEDDLE_ASSERT(!t.joinable() && data == 2);
    });
}

TYPED_TEST(Thread, TakesArgumentsByDecayedCopy) {
    runner<TypeParam>::expect_clean([] {
        int result = 0;
        int by_value = 3;
        auto owned = std::make_unique<int>(4);
        typename TypeParam::thread t(
            [](int a, std::unique_ptr<int> b, int& out, std::string text) {
                out = a + *b + static_cast<int>(text.size());
            },
            by_value, std::move(owned), std::ref(result), "seven..");
        by_value = 100;
        t.join();
        HEDDLE_ASSERT(result == 14 && !owned);
    });
}

struct account {
    int balance = 0;
    void deposit(int amount) { balance += amount; }
};

void add_one(int& number) { ++number; }

TYPED_TEST(Thread, RunsMemberFunctionsAndFunctionPointers) {
    runner<TypeParam>::expect_clean([] {
        account a;
        typename TypeParam::thread(&account::deposit, &a, 5).join();
        typename TypeParam::thread(add_one, std::ref(a.balance)).join();
        HEDDLE_ASSERT(a.balance == 6);
    });
}

struct counted {
    int* alive;
    explicit counted(int& n) : alive(&n) { ++*alive; }
    counted(const counted& other) : alive(other.alive) { ++*alive; }
    counted(counted&& other) noexcept : alive(other.alive) { ++*alive; }
    ~counted() { --*alive; }
    void operator()() const { HEDDLE_ASSERT(*alive >= 1); }
};

TYPED_TEST(Thread, DestroysItsCallableWhenItEnds) {
    runner<TypeParam>::expect_clean([] {
        int alive = 0;
        {
            const counted c(alive);
            typename TypeParam::thread(c).join();
            HEDDLE_ASSERT(alive == 1);
        }
        HEDDLE_ASSERT(alive == 0);
    });
}

TYPED_TEST(Thread, MovesAndSwaps) {
    runner<TypeParam>::expect_clean([] {
        typename TypeParam::thread a([] {}), b;
        const auto id = a.get_id();
        b = std::move(a);
        HEDDLE_ASSERT(!a.joinable() && b.get_id() == id);  // NOLINT: std says what is left
        typename TypeParam::thread c(std::move(b));
        swap(a, c);
        a.swap(b);
        HEDDLE_ASSERT(b.get_id() == id && !a.joinable() && !c.joinable());
        b.join();
        HEDDLE_ASSERT(b.get_id() == typename TypeParam::thread::id());
    });
}

TYPED_TEST(Thread, IdsAreEqualOnlyToThemselves) {
    runner<TypeParam>::expect_clean([] {
        using id = typename TypeParam::thread::id;
        const id main = TypeParam::this_thread::get_id();
        id seen;
        typename TypeParam::thread t([&] { seen = TypeParam::this_thread::get_id(); });
        const id other = t.get_id();
        t.join();
        HEDDLE_ASSERT(seen == other && main != other && main != id() &&
                      main == TypeParam::this_thread::get_id());
        HEDDLE_ASSERT((main < other) != (other < main) && main <= main);
        const std::unordered_set<id> ids{main, other, seen};
        HEDDLE_ASSERT(ids.size() == 2);
        std::ostringstream printed, nobody;
        printed << main;
        nobody << id();
        HEDDLE_ASSERT(!printed.str().empty());
        HEDDLE_ASSERT(nobody.str() == "thread::id of a non-executing thread");
    });
}

TYPED_TEST(Thread, CreatesThreadsOfItsOwn) {
    runner<TypeParam>::expect_clean([] {
        typename TypeParam::template atomic<int> count{0};
        typename TypeParam::thread outer([&] {
            typename TypeParam::thread inner([&] {
                typename TypeParam::thread([&] { ++count; }).join();
                ++count;
            });
            inner.join();
            ++count;
        });
        outer.join();
        HEDDLE_ASSERT(count == 3);
    });
}

TYPED_TEST(Thread, DetachedRunsOn) {
    runner<TypeParam>::expect_clean([] {
        const auto done = std::make_shared<typename TypeParam::template atomic<bool>>(false);
        typename TypeParam::thread t([done] {
            done->store(true);
            done->notify_one();
        });
        t.detach();
        HEDDLE_ASSERT(!t.joinable());
        done->wait(false);
    });
}

TYPED_TEST(Thread, JthreadJoinsInItsDestructorAndBeforeItTakesAnother) {
    runner<TypeParam>::expect_clean([] {
        typename TypeParam::template var<int> data{0};
        {
            typename TypeParam::jthread t([&] { data = 1; });
            HEDDLE_ASSERT(t.joinable());
            t = typename TypeParam::jthread();
            HEDDLE_ASSERT(data == 1 && !t.joinable());
            t = typename TypeParam::jthread(
                [](typename TypeParam::template var<int>& v, int n) { v = n; }, std::ref(data), 2);
            typename TypeParam::jthread moved(std::move(t));
            swap(t, moved);
        }
        HEDDLE_ASSERT(data == 2);
        typename TypeParam::jthread explicitly([&] { data = 3; });
        explicitly.join();
        HEDDLE_ASSERT(data == 3 && explicitly.get_id() == typename TypeParam::thread::id());
        typename TypeParam::jthread([] {}).detach();
    });
}

TYPED_TEST(Thread, YieldPauseAndSleepReturn) {
    runner<TypeParam>::expect_clean([] {
        typename TypeParam::thread t([] {
            TypeParam::this_thread::yield();
            TypeParam::this_thread::pause();
        });
        TypeParam::this_thread::sleep_for(std::chrono::microseconds(1));
        t.join();
        HEDDLE_ASSERT(TypeParam::thread::hardware_concurrency() >= 1);
        HEDDLE_ASSERT(TypeParam::jthread::hardware_concurrency() ==
                      TypeParam::thread::hardware_concurrency());
    });
}

}  // namespace
}  // namespace heddle
