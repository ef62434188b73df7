// A sample of the executions of a sampler is run a second time: what that finds, and what it costs.
#include <gmock/gmock.h>

#include <heddle/scheduler/explore.hpp>
#include <heddle/scheduler/hooks.hpp>

namespace heddle::scheduler {
namespace {

using testing::HasSubstr;

constexpr site here{"rerun_check_test.cpp", 1};

struct counted {
    std::uint64_t entries = 0;
    std::uint64_t departs_at = ~std::uint64_t{0};  // the entry that does something else
    enum { more, other, longer } how = more;
};

void body(void* data) {
    counted& c = *static_cast<counted*>(data);
    const bool departs = c.entries++ == c.departs_at;
    const object_id x =
        hooks::make_object(object_kind::atomic, 0, 4, value_format::unsigned_integer, here);
    hooks::store(x, 1, order::relaxed, here);
    if (departs && c.how == counted::other)
        hooks::load(x, order::relaxed, here);
    else
        hooks::store(x, 2, order::relaxed, here);
    if (departs && c.how == counted::more) hooks::store(x, 3, order::relaxed, here);
    if (departs && c.how == counted::longer)
        for (int k = 0; k < 1'000; ++k) hooks::store(x, 3, order::relaxed, here);
}

result sample(counted& c, std::uint64_t executions, strategy s = strategies::random{}) {
    return search({.strategy = s, .execution_limit = executions, .step_limit = 100}, body, &c);
}

TEST(RerunCheck, CountsWhatItRunsApart) {
    for (const auto& [executions, repeats] : {std::pair<std::uint64_t, std::uint64_t>{127, 0},
                                              {128, 1},
                                              {255, 1},
                                              {256, 2},
                                              {5'000, 6}}) {
        counted c;
        const result r = sample(c, executions);
        EXPECT_EQ(r.verdict, verdict::ok);
        EXPECT_EQ(r.executions, executions);
        EXPECT_EQ(r.repeats, repeats);
        EXPECT_EQ(c.entries, executions + repeats);
    }
}

TEST(RerunCheck, LeavesTheExhaustiveSearchAlone) {
    counted c;
    const result r = search({.strategy = strategies::exhaustive{}}, body, &c);
    EXPECT_TRUE(r.exhausted);
    EXPECT_EQ(r.repeats, 0U);
    EXPECT_EQ(c.entries, r.executions);
}

TEST(RerunCheck, FindsABodyThatDoesSomethingElseTheSecondTime) {
    for (const auto how : {counted::more, counted::other, counted::longer}) {
        for (const strategy& s : {strategy{strategies::random{}}, strategy{strategies::pct{}}}) {
            counted c{.departs_at = 128, .how = how};
            const result r = sample(c, 1'000, s);
            EXPECT_EQ(r.verdict, verdict::nondeterminism);
            ASSERT_TRUE(r.failure);
            EXPECT_EQ(r.failure->execution, 127U);
            EXPECT_EQ(r.executions, 128U);
            EXPECT_THAT(r.failure->trace.message, HasSubstr("run twice by the same schedule"));
        }
    }
}

// The body of execution 127 departs from what its two repetitions do: the step is named.
TEST(RerunCheck, NamesTheStepThatDiffers) {
    counted c{.departs_at = 127, .how = counted::other};
    const result r = sample(c, 1'000);
    EXPECT_EQ(r.verdict, verdict::nondeterminism);
    ASSERT_TRUE(r.failure);
    EXPECT_THAT(r.failure->trace.message,
                HasSubstr("at step 2 this run performs store instead of load, on `atomic-1`"));
}

// What is sampled, and by which seed, does not depend on the check.
TEST(RerunCheck, DoesNotChangeTheSchedulesAfterIt) {
    const auto draws = [](void* data) {
        counted& c = *static_cast<counted*>(data);
        ++c.entries;
        hooks::record(hooks::choose(1'000, here) == 0 ? "rare" : "common");
    };
    counted c;
    const result all =
        search({.strategy = strategies::random{}, .execution_limit = 4'000}, draws, &c);
    EXPECT_EQ(all.repeats, 5U);
    // A replay of one of the first 16 runs those before it as well.
    std::map<std::string, std::uint64_t> one_by_one =
        search({.strategy = strategies::random{}, .execution_limit = 16}, draws, &c).outcomes;
    for (std::uint64_t n = 16; n < 4'000; ++n) {
        const result r = search(
            {.strategy = strategies::random{}, .replay = "1:" + std::to_string(n)}, draws, &c);
        for (const auto& [outcome, count] : r.outcomes) one_by_one[outcome] += count;
    }
    EXPECT_EQ(all.outcomes, one_by_one);
}

}  // namespace
}  // namespace heddle::scheduler
