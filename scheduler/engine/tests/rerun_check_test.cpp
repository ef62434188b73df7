// A sample of the executions of a sampler is run a second time: what that finds, and what it costs.
#include <gmock/gmock.h>

#include <heddle/scheduler/explore.hpp>
#include <heddle/scheduler/hooks.hpp>

namespace heddle::scheduler {
namespace {

using testing::HasSubstr;

constexpr site here{"rerun_check_test.cpp", 1};

const strategy all_strategies[] = {strategies::exhaustive{}, strategies::depth_first{},
                                   strategies::random{}, strategies::pct{},
                                   strategies::automatic{}};

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

// The body is to blame only for what it does: here heddle, in its place, knows better in replays.
TEST(RerunCheck, SaysThatHeddleIsAtFaultIfOnlyTheSearchFindsIt) {
    const auto fails_unless_explained = [](void*) {
        const object_id x =
            hooks::make_object(object_kind::atomic, 0, 4, value_format::unsigned_integer, here);
        hooks::store(x, 1, order::relaxed, here);
        if (hooks::choose(2, here) == 1 && !hooks::explaining())
            hooks::fail_assertion("expected", here);
    };
    for (const strategy& s : all_strategies) {
        const result r = search({.strategy = s}, fails_unless_explained, nullptr);
        EXPECT_EQ(r.verdict, verdict::nondeterminism) << to_string(s);
        ASSERT_TRUE(r.failure);
        EXPECT_TRUE(r.failure->trace.heddle_at_fault) << to_string(s);
        EXPECT_THAT(r.failure->trace.message,
                    HasSubstr("ended in assertion, the same schedule run again in ok"));
    }
}

// A body that counts its runs is at fault itself, whether it fails once or every second time.
TEST(RerunCheck, SaysThatTheBodyIsAtFaultIfTheSearchDoesNotFindItAgain) {
    struct counter {
        std::uint64_t runs = 0;
        bool every_second_time;
    };
    const auto fails_by_count = [](void* data) {
        counter& c = *static_cast<counter*>(data);
        const object_id x =
            hooks::make_object(object_kind::atomic, 0, 4, value_format::unsigned_integer, here);
        hooks::store(x, 1, order::relaxed, here);
        static_cast<void>(hooks::choose(2, here));
        ++c.runs;
        if (c.every_second_time ? c.runs % 2 == 0 : c.runs == 2)
            hooks::fail_assertion("expected", here);
    };
    for (const bool every_second_time : {false, true}) {
        for (const strategy& s : all_strategies) {
            counter c{.every_second_time = every_second_time};
            const result r = search({.strategy = s}, fails_by_count, &c);
            ASSERT_TRUE(r.failure);
            // That of every second run may fail in a replay too, where there are several.
            if (!every_second_time) {
                EXPECT_EQ(r.verdict, verdict::nondeterminism) << to_string(s);
            }
            EXPECT_FALSE(r.failure->trace.heddle_at_fault) << to_string(s);
        }
    }
}

// The second run of an execution departs from the first, and the search does what it did.
TEST(RerunCheck, SaysThatHeddleIsAtFaultIfOnlyTheSecondRunDiffers) {
    const auto knows_the_second_run = [](void* data) {
        counted& c = *static_cast<counted*>(data);
        const bool second = c.entries++ == 128 || hooks::explaining();
        const object_id x =
            hooks::make_object(object_kind::atomic, 0, 4, value_format::unsigned_integer, here);
        hooks::store(x, 1, order::relaxed, here);
        if (second) hooks::store(x, 2, order::relaxed, here);
    };
    counted c;
    const result r = search({.strategy = strategies::random{}, .execution_limit = 1'000},
                            knows_the_second_run, &c);
    EXPECT_EQ(r.verdict, verdict::nondeterminism);
    ASSERT_TRUE(r.failure);
    EXPECT_TRUE(r.failure->trace.heddle_at_fault);
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
