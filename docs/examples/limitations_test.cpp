// Gaps that docs/limitations.md names, each with what heddle says today.
#include <mutex>
#include <optional>
#include <vector>

#include <heddle/gtest/heddle_test.hpp>

namespace {

using heddle::explore;
using heddle::fibers;
using heddle::finds;
using heddle::is_clean;
using heddle::verdict;

// [unmodelled_data]
TEST(Limitations, PlainSharedDataOutsideVarIsNotRaceChecked) {
    EXPECT_THAT(explore([] {
                    int shared = 0;  // not a var: nobody sees the race
                    fibers::thread t([&] { shared = 1; });
                    shared = 2;
                    t.join();
                }),
                is_clean());
}
// [/unmodelled_data]

// [hidden_counter]
// A retry loop whose counter is a local variable: its give-up outcome is found.
TEST(Limitations, ARetryCounterOnTheStackIsSeen) {
    const heddle::result r = explore([] {
        fibers::atomic<bool> ready{false};
        fibers::thread t([&] { ready.store(true); });
        int tries = 0;
        while (!ready.load() && tries < 3) ++tries;
        heddle::record(tries < 3 ? "seen" : "gave up");
        t.join();
    });
    EXPECT_THAT(r.outcomes, testing::Contains(testing::Key("gave up")));
}
// [/hidden_counter]

// [back_off_body]
// What std::lock makes of two mutexes: it holds one while it tries the other.
template <bool OneStep>
heddle::result try_beside_lock() {
    return explore([] {
        fibers::mutex a, b;
        fibers::thread t([&] {
            if constexpr (OneStep)
                fibers::lock(a, b);
            else
                std::lock(a, b);
            a.unlock();
            b.unlock();
        });
        std::lock_guard hold(b);
        if (a.try_lock()) {
            heddle::record("a was free");
            a.unlock();
        } else {
            heddle::record("a was taken");
        }
    });
}
// [/back_off_body]

// [evaluation_order]
TEST(Limitations, ABodyFixesItsOwnOrderOfEvaluation) {
    EXPECT_THAT(explore([] {
                    fibers::atomic<int> x{0}, y{0};
                    const auto sum = [](int a, int b) { return a + b; };
                    // sum(x.load(), y.load()) would load in the order that the compiler likes.
                    const int first = x.load();
                    const int second = y.load();
                    HEDDLE_ASSERT(sum(first, second) == 0);
                }),
                is_clean());
}
// [/evaluation_order]

// [sixty_four_threads]
TEST(Limitations, AnExecutionHasAtMost64Threads) {
    const auto body = [](unsigned count) {
        return [count] {
            std::optional<fibers::thread> threads[64];
            for (unsigned k = 0; k < count; ++k) threads[k].emplace([] {});
            for (unsigned k = 0; k < count; ++k) threads[k]->join();
        };
    };
    EXPECT_THAT(explore(body(63)), is_clean());  // and main
    EXPECT_THAT(explore(body(64)), finds(verdict::misuse));
}
// [/sixty_four_threads]

// [step_limit]
TEST(Limitations, AnExecutionHasAStepLimit) {
    const auto body = [] {
        fibers::atomic<int> x{0};
        for (int k = 0; k < 200; ++k) x.store(k);
    };
    EXPECT_THAT(explore({.step_limit = 100}, body), finds(verdict::step_limit));
    EXPECT_THAT(explore({.step_limit = 300}, body), is_clean());
}
// [/step_limit]

// [static_object]
TEST(Limitations, AModelledObjectLivesInsideTheExecution) {
    static fibers::atomic<int> global{0};  // built outside of every execution
    EXPECT_THAT(explore([] { global.store(1); }), finds(verdict::misuse));
}
// [/static_object]

// [outside_counter]
TEST(Limitations, StateOutsideTheExecutionIsNotReset) {
    int executions = 0;  // unmodelled: survives from one execution to the next
    const heddle::result r = explore([&executions] {
        fibers::atomic<int> x{0};
        fibers::thread t([&] { x.store(1); });
        static_cast<void>(x.load());
        t.join();
        ++executions;
    });
    EXPECT_EQ(r.executions, 2U);
    EXPECT_EQ(executions, 2);
}
// [/outside_counter]

}  // namespace

TEST(Limitations, StdLockShowsItsBackOffToATryLock) {
    const auto taken = testing::Contains(testing::Key("a was taken"));
    EXPECT_THAT(try_beside_lock<false>().outcomes, taken);
    EXPECT_THAT(try_beside_lock<true>().outcomes, taken);
}
