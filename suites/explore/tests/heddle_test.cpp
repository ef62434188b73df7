// The calls of a body and of its test; what the engine and the modelled types do is tested beside
// them.
#include <gmock/gmock.h>

#include <atomic>
#include <heddle/heddle.hpp>
#include <set>
#include <stdexcept>
#include <thread>

namespace heddle {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Lt;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

TEST(Heddle, ExploresEveryBehaviour) {
    const result r = explore([] {
        fibers::atomic<int> x{0};
        fibers::thread t([&] { x.store(1); });
        record("read {}", x.load());
        t.join();
    });
    EXPECT_EQ(r.verdict, verdict::ok);
    EXPECT_TRUE(r);
    EXPECT_TRUE(r.exhausted);
    EXPECT_EQ(r.executions, 2U);
    EXPECT_THAT(r.outcomes, UnorderedElementsAre(Pair("read 0", 1), Pair("read 1", 1)));
}

TEST(Heddle, TakesOptions) {
    options o;
    o.strategy = strategies::random{};
    o.execution_limit = 17;
    const result r = explore(o, [] {});
    EXPECT_EQ(r.executions, 17U);
    EXPECT_FALSE(r.exhausted);
}

TEST(Heddle, RefusesAReplayThatIsNone) {
    options o;
    o.replay = "tomorrow";
    EXPECT_THROW(explore(o, [] {}), std::invalid_argument);
}

TEST(Heddle, AssertNamesConditionMessageAndPlace) {
    const unsigned line = __LINE__ + 1;
    const result r = explore([] { HEDDLE_ASSERT(1 + 1 == 3, "arithmetic failed"); });
    ASSERT_EQ(r.verdict, verdict::assertion);
    EXPECT_THAT(r.failure->message, AllOf(HasSubstr("1 + 1 == 3"), HasSubstr("arithmetic failed"),
                                          HasSubstr("heddle_test.cpp:" + std::to_string(line))));
}

TEST(HeddleDeathTest, AssertAbortsOutsideAnExecution) {
    EXPECT_DEATH(HEDDLE_ASSERT(false, "no execution"), "no execution");
}

TEST(Heddle, NamesAreThoseOfTheReport) {
    const result r = explore([] {
        fibers::var<int> balance{0};
        name(balance, "balance of account 7");
        fibers::thread t([&] {
            name_thread("teller");
            balance = 1;
        });
        balance = 2;
        t.join();
    });
    ASSERT_EQ(r.verdict, verdict::data_race);
    EXPECT_THAT(r.failure->message,
                AllOf(HasSubstr("`balance of account 7`"), HasSubstr("`teller`")));
}

TEST(Heddle, AwaitReturnsTheValueThatHolds) {
    const result r = explore([] {
        fibers::atomic<int> x{0};
        fibers::thread t([&] {
            x.store(1);
            x.store(2);
            x.store(3);
        });
        int least = 1;
        ++least;
        const int value = await(x, [least](int v) { return v >= least; });
        record("{}", value);
        t.join();
    });
    EXPECT_TRUE(r.exhausted);
    EXPECT_THAT(r.outcomes, UnorderedElementsAre(Pair("2", 1), Pair("3", 1)));
}

TEST(Heddle, AwaitWaitsOnRealThreadsToo) {
    std::atomic<int> x{0};
    std::thread t([&] { x.store(5); });
    EXPECT_EQ(await(x, [](int v) { return v != 0; }), 5);
    t.join();
}

TEST(Heddle, ChooseVisitsEveryValue) {
    const result r = explore([] {
        const std::uint32_t sum = choose(3) + 3 * choose(2);
        record("{}", sum);
    });
    EXPECT_EQ(r.executions, 6U);
    EXPECT_EQ(r.outcomes.size(), 6U);
}

TEST(Heddle, ChooseStaysInRangeWithoutAnExecution) {
    std::set<std::uint32_t> seen;
    for (int k = 0; k < 1000; ++k) seen.insert(choose(4));
    EXPECT_THAT(seen, Each(Lt(4U)));
    EXPECT_GT(seen.size(), 1U);
}

TEST(Heddle, AssumeDropsExecutions) {
    const result r = explore([] {
        const std::uint32_t value = choose(5);
        assume(value % 2 == 0);
        record("{}", value);
    });
    EXPECT_EQ(r.executions, 3U);
    EXPECT_EQ(r.pruned, 2U);
    EXPECT_THAT(r.outcomes, UnorderedElementsAre(Pair("0", 1), Pair("2", 1), Pair("4", 1)));
    assume(false);  // no execution: no effect
}

TEST(Heddle, RecordJoinsTheOutcomesOfOneExecution) {
    const result r = explore([] {
        record("a={}", 1);
        record("ok={} {}", true);  // a value is missing
        record("plain");
        record("b", 2);  // one too many
    });
    EXPECT_THAT(r.outcomes, UnorderedElementsAre(Pair("a=1 ok=true {} plain b", 1)));
}

TEST(Heddle, LogIsPartOfTheReport) {
    const result r = explore([] {
        log("balance is {}", 42);
        HEDDLE_ASSERT(false);
    });
    ASSERT_TRUE(r.failure);
    EXPECT_THAT(r.failure->message, HasSubstr("balance is 42"));
}

TEST(Heddle, FailureReplaysByScheduleAndBySeed) {
    const auto body = [] {
        fibers::atomic<int> x{0};
        fibers::thread t([&] { x.store(x.load() + 1); });
        x.store(x.load() + 1);
        t.join();
        HEDDLE_ASSERT(x.load() == 2);
    };
    options o;
    o.strategy = strategies::random{};
    const result r = explore(o, body);
    ASSERT_EQ(r.verdict, verdict::assertion);
    const failure& f = *r.failure;
    for (const std::string& replay :
         {f.replay, std::to_string(f.seed) + ":" + std::to_string(f.execution)}) {
        o.replay = replay;
        const result again = explore(o, body);
        ASSERT_EQ(again.verdict, verdict::assertion) << replay;
        EXPECT_EQ(again.failure->replay, f.replay);
    }
}

}  // namespace
}  // namespace heddle
