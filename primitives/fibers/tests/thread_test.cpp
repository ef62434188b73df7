// Threads on both backends, and under exploration: exceptions, misuse, sixty-four at once.
#include <heddle/fibers/thread.hpp>

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <unordered_set>
#include <utility>

#include "backends.hpp"

namespace heddle {
namespace {

using testing_support::exhaustive;
using testing_support::expect_executions;
using testing_support::expect_misuse;
using testing_support::expect_verdict;
using testing_support::message_of;
using testing_support::outcomes_of;
using testing_support::runner;
using trace::misuse_kind;

static_assert(!std::is_copy_constructible_v<fibers::thread> && std::is_nothrow_move_constructible_v<fibers::thread>);
static_assert(!std::is_copy_constructible_v<fibers::jthread> && std::is_nothrow_move_assignable_v<fibers::jthread>);

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
        HEDDLE_ASSERT(seen == other && main != other && main != id() && main == TypeParam::this_thread::get_id());
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
            t = typename TypeParam::jthread([](auto& v, int n) { v = n; }, std::ref(data), 2);
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
        HEDDLE_ASSERT(TypeParam::jthread::hardware_concurrency() == TypeParam::thread::hardware_concurrency());
    });
}

TEST(ThreadExploration, IndependentThreadsHaveOneExecution) {
    expect_executions(1, [] {
        fibers::atomic<int> a{0}, b{0};
        fibers::thread other([&] { a.store(1); });
        b.store(1);
        other.join();
    });
}

TEST(ThreadExploration, IdsAreTheSameInEveryExecution) {
    EXPECT_EQ(outcomes_of([] {
                  fibers::atomic<int> x{0};
                  fibers::thread a([&] { x.store(1); });
                  fibers::thread b([&] { x.store(2); });
                  std::ostringstream text;
                  text << fibers::this_thread::get_id() << a.get_id() << b.get_id();
                  a.join();
                  b.join();
                  record("{}", text.str());
              }),
              "012");
}

TEST(ThreadExploration, DetachedThreadMayOutliveTheBodyNorBeSeenToEnd) {
    EXPECT_EQ(outcomes_of([] {
                  auto* const x = new fibers::atomic<int>(0);
                  fibers::thread([x] { x->store(1); }).detach();
                  record("{}", x->load());
              }),
              "0 1");
}

TEST(ThreadExploration, SixtyFourThreadsRun) {
    const result r = explore({.strategy = strategies::random{}, .execution_limit = 20}, [] {
        fibers::atomic<int> count{0};
        std::array<fibers::thread, 63> threads;
        for (fibers::thread& t : threads) t = fibers::thread([&] { ++count; });
        for (fibers::thread& t : threads) t.join();
        HEDDLE_ASSERT(count == 63);
    });
    EXPECT_EQ(to_string(r.verdict), "ok") << message_of(r);
}

TEST(ThreadExploration, OneThreadTooManyIsMisuse) {
    expect_misuse(misuse_kind::too_many_threads, [] {
        std::array<fibers::thread, 64> threads;
        for (fibers::thread& t : threads) t = fibers::thread([] {});
        for (fibers::thread& t : threads) t.join();
    });
}

TEST(ThreadExploration, LargeCallableFitsAtTheBaseOfTheStack) {
    expect_verdict(verdict::ok, [] {
        std::array<char, 4000> payload{};
        payload.back() = 'z';
        fibers::thread([payload] { HEDDLE_ASSERT(payload.back() == 'z'); }).join();
        struct alignas(64) aligned {
            char c = 'a';
        };
        fibers::thread([a = aligned()] { HEDDLE_ASSERT(reinterpret_cast<std::uintptr_t>(&a) % 64 == 0); }).join();
    });
}

TEST(ThreadExploration, CopyingACallableMayUseModelledObjects) {
    struct reader {
        fibers::atomic<int>* source;
        int seen = 0;
        explicit reader(fibers::atomic<int>& s) : source(&s) {}
        reader(const reader& other) : source(other.source), seen(source->load()) {}
        void operator()() const { record("{}", seen); }
    };
    EXPECT_EQ(outcomes_of([] {
                  fibers::atomic<int> x{0};
                  fibers::thread writer([&] { x.store(1); });
                  const reader r(x);
                  fibers::thread copy(r);
                  writer.join();
                  copy.join();
              }),
              "0 1");
}

TEST(ThreadExploration, ExceptionThatLeavesAThreadIsReportedWithItsText) {
    const auto thrown = [](auto value) {
        const result r = explore(exhaustive(), [value] { fibers::thread([value] { throw value; }).join(); });
        EXPECT_EQ(to_string(r.verdict), "exception") << message_of(r);
        return r.failure ? r.failure->trace.message : std::string();
    };
    EXPECT_EQ(thrown(std::runtime_error("lost the connection")), "lost the connection");
    EXPECT_EQ(thrown(42), "an exception that is no std::exception: int");
}

TEST(ThreadExploration, ExceptionCaughtInTheThreadIsNoFinding) {
    expect_verdict(verdict::ok, [] {
        fibers::thread([] {
            try {
                throw std::runtime_error("caught");
            } catch (const std::runtime_error&) {
                fibers::this_thread::yield();
            }
        }).join();
    });
}

TEST(ThreadExploration, JoinOfOneselfIsMisuse) {
    expect_misuse(misuse_kind::join_self, [] {
        fibers::atomic<bool> ready{false};
        fibers::thread t;
        t = fibers::thread([&] {
            ready.wait(false);
            t.join();
        });
        ready.store(true);
        ready.notify_one();
        ready.wait(true);
    });
}

TEST(ThreadExploration, JoinAndDetachOfWhatIsNotJoinableAreMisuse) {
    expect_misuse(misuse_kind::join_not_joinable, [] { fibers::thread().join(); }, __LINE__);
    expect_misuse(misuse_kind::detach_not_joinable, [] { fibers::thread().detach(); }, __LINE__);
    expect_misuse(misuse_kind::join_not_joinable, [] { fibers::jthread().join(); }, __LINE__);
    expect_misuse(misuse_kind::join_not_joinable, [] {
        fibers::thread t([] {});
        t.join();
        t.join();
    });
    expect_misuse(misuse_kind::detach_not_joinable, [] {
        fibers::thread t([] {});
        t.join();
        t.detach();
    });
    expect_misuse(misuse_kind::join_not_joinable, [] {
        fibers::thread t([] {});
        t.detach();
        t.join();
    });
}

TEST(ThreadExploration, DestructionOfAJoinableThreadIsMisuse) {
    expect_misuse(misuse_kind::thread_destroyed_joinable, [] { fibers::thread t([] {}); });
    expect_misuse(misuse_kind::thread_destroyed_joinable, [] {
        fibers::thread t([] {});
        t = fibers::thread();
    });
}

TEST(ThreadExploration, ThreadLeftRunningByTheBodyIsMisuse) {
    expect_misuse(misuse_kind::body_left_threads, [] {
        static_cast<void>(new fibers::thread([] {}));  // neither joined nor detached nor destroyed
    });
}

TEST(ThreadDeathTest, CreationWithoutAnyExecutionEndsTheProcess) {
    EXPECT_DEATH(fibers::thread([] {}), "outside of an execution");
}

}  // namespace
}  // namespace heddle
