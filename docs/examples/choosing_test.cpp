// Searches that end in each of the ways that docs/how_to/choose_options.md tells apart.
#include <mutex>

#include <heddle/gtest/heddle_test.hpp>

namespace {

using heddle::fibers;
using namespace std::chrono_literals;
namespace strategies = heddle::strategies;

// Three threads that count twice each: 90 behaviours, 6! / (2! 2! 2!).
void count_by_three() {
    fibers::atomic<int> count{0};
    const auto twice = [&] {
        count.fetch_add(1);
        count.fetch_add(1);
    };
    fibers::jthread a(twice), b(twice), c(twice);
}

HEDDLE_TEST(Search, IsDone) { count_by_three(); }

// [choosing_code]
HEDDLE_TEST(Search, HasASmallBudget, {.exhaustive_budget = 200, .sample_budget = 5'000}) {
    count_by_three();
}

HEDDLE_TEST(Search, IsStopped, {.strategy = strategies::exhaustive{}, .execution_limit = 50}) {
    count_by_three();
}

HEDDLE_TEST(Search, IsBounded,
            {.strategy = strategies::depth_first{},
             .preemption_bound = 2,
             .memory_model = heddle::memory_model::sc}) {
    count_by_three();
}
// [/choosing_code]

HEDDLE_TEST(Search, HasTimedWaits) {
    fibers::timed_mutex m;
    fibers::jthread other([&] {
        const std::lock_guard hold(m);
        fibers::this_thread::sleep_for(1ms);
    });
    if (m.try_lock_for(1ms)) m.unlock();
}

// [choosing_proof]
TEST(Search, IsAProof) { EXPECT_THAT(heddle::explore(count_by_three), heddle::is_clean()); }
// [/choosing_proof]

}  // namespace
