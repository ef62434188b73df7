// What docs/strategies.md claims.
#include <heddle/gtest/heddle_test.hpp>

namespace {

namespace strategies = heddle::strategies;
using heddle::fibers;

// [strategies_body]
void two_increments() {
    fibers::mutex m;
    fibers::var<int> count{0};
    const auto increment = [&] {
        std::lock_guard lock(m);
        count += 1;
    };
    fibers::thread a(increment), b(increment);
    a.join();
    b.join();
    HEDDLE_ASSERT(count == 2);
}
// [/strategies_body]

// [strategies_prove]
TEST(Strategies, ProveOrSample) {
    const heddle::result proved =
        heddle::explore({.strategy = strategies::exhaustive{}}, two_increments);
    EXPECT_TRUE(proved.exhausted);
    EXPECT_EQ(proved.executions, 2U);  // one for each order of the two locks

    const heddle::result slow =
        heddle::explore({.strategy = strategies::depth_first{}}, two_increments);
    EXPECT_TRUE(slow.exhausted);
    EXPECT_GT(slow.executions, proved.executions);

    const heddle::result few = heddle::explore(
        {.strategy = strategies::depth_first{}, .preemption_bound = 1}, two_increments);
    EXPECT_LT(few.executions, slow.executions);

    const heddle::result sampled = heddle::explore(
        {.strategy = strategies::pct{.depth = 3}, .execution_limit = 500}, two_increments);
    EXPECT_FALSE(sampled.exhausted);
    EXPECT_EQ(sampled.executions, 500U);
}
// [/strategies_prove]

// [await]
TEST(Strategies, AnAwaitIsOneStep) {
    const heddle::result r = heddle::explore([] {
        fibers::atomic<int> phase{0};
        fibers::thread worker([&] { phase.store(2); });
        const int reached = heddle::await(phase, [](int p) { return p >= 2; });
        HEDDLE_ASSERT(reached == 2);
        worker.join();
    });
    EXPECT_THAT(r, heddle::is_clean());
    EXPECT_EQ(r.executions, 1U);
}
// [/await]

// [choose]
TEST(Strategies, AChoiceIsExploredToo) {
    const heddle::result r = heddle::explore([] {
        const std::uint32_t size = 1 + heddle::choose(3);
        heddle::assume(size != 2);
        heddle::record("size={}", size);
    });
    EXPECT_EQ(r.outcomes.size(), 2U);  // 1 and 3
    EXPECT_EQ(r.pruned, 1U);
}
// [/choose]

}  // namespace
