// Gaps that docs/limitations.md names, each with what heddle says today.
#include <mutex>
#include <optional>

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

// [unordered_delete]
// A block that one thread deletes, and another one uses without asking.
heddle::result use_beside_delete(heddle::strategy how) {
    return explore({.strategy = how}, [] {
        bool deleted = false;  // in place of a `delete`, which would end the test
        fibers::atomic<bool> there{true};
        fibers::atomic<int> uses{0};
        fibers::jthread t([&] {
            there.store(false);
            deleted = true;
        });
        if (!there.load()) return;
        uses.fetch_add(1);
        heddle::record(deleted ? "used when deleted" : "used");
    });
}

TEST(Limitations, ADeleteIsNoStep) {
    const auto used_when_deleted = testing::Contains(testing::Key("used when deleted"));
    EXPECT_THAT(use_beside_delete(heddle::strategies::random{}).outcomes, used_when_deleted);
    EXPECT_THAT(use_beside_delete(heddle::strategies::exhaustive{}).outcomes,
                testing::Not(used_when_deleted));  // it can happen, and is not found
}
// [/unordered_delete]

// [hidden_counter]
// A loop that gives up after 40 reads.
template <class Counter>
void retry(Counter& tries) {
    fibers::atomic<bool> ready{false};
    fibers::jthread t([&] { ready.store(true); });
    for (tries = 0; !ready.load() && tries < 40;) tries = tries + 1;
    heddle::record(tries < 40 ? "seen" : "gave up");
}

TEST(Limitations, ALoopThatGivesUpShowsIt) {
    static volatile int elsewhere = 0;  // neither on the stack of the thread nor modelled
    const heddle::result on_the_stack = explore([] {
        int tries = 0;
        retry(tries);
    });
    const heddle::result hidden = explore([] { retry(elsewhere); });
    const auto gave_up = testing::Contains(testing::Key("gave up"));
    EXPECT_THAT(on_the_stack.outcomes, gave_up);
    EXPECT_THAT(hidden.outcomes, gave_up);
}
// [/hidden_counter]

// [writing_spin]
TEST(Limitations, AnEndlessLoopIsBounded) {
    const heddle::result r = explore([] {
        fibers::atomic<bool> ready{false};
        unsigned rounds = 0;
        fibers::jthread t([&] { ready.store(true); });
        while (!ready.load()) ++rounds;
        heddle::record("{}", rounds);
    });
    EXPECT_THAT(r, is_clean());
    EXPECT_THAT(r.outcomes, testing::SizeIs(6));  // 0 to 5 rounds
    EXPECT_THAT(r.summary, testing::HasSubstr("bounded at 4 unproductive rounds"));
}
// [/writing_spin]

// [back_off]
// Two mutexes taken at once, beside a thread that holds one and tries the other.
template <class TakeBoth>
heddle::result try_beside(TakeBoth take_both) {
    return explore([take_both] {
        fibers::mutex a, b;
        fibers::jthread t([&] {
            take_both(a, b);
            a.unlock();
            b.unlock();
        });
        std::lock_guard hold(b);
        const bool taken = a.try_lock();
        heddle::record(taken ? "a was free" : "a was taken");
        if (taken) a.unlock();
    });
}

TEST(Limitations, ATryLockMaySeeOneOfSeveralMutexesTaken) {
    const auto by_std = [](auto& a, auto& b) { std::lock(a, b); };
    const auto in_one_step = [](auto& a, auto& b) { fibers::lock(a, b); };
    const auto was_taken = testing::Contains(testing::Key("a was taken"));
    EXPECT_THAT(try_beside(by_std).outcomes, was_taken);       // as on real threads
    EXPECT_THAT(try_beside(in_one_step).outcomes, was_taken);  // could be ruled out, and is not
}
// [/back_off]

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

// [function_static]
TEST(Limitations, AStaticOfAFunctionIsInitialisedOnce) {
    EXPECT_THAT(explore([] {
                    static fibers::mutex mutex;  // survives its execution
                    std::lock_guard hold(mutex);
                }),
                finds(verdict::misuse));
    const heddle::result r = explore([] {
        fibers::atomic<int> x{0};
        static const int first = x.load();  // a step of the first execution only
        HEDDLE_ASSERT(first == 0);
    });
    EXPECT_THAT(r, is_clean());
    EXPECT_EQ(r.warm_ups, 1U);
}
// [/function_static]

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
