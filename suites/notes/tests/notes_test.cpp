// Every program of the notes gets the verdict that is right for it; what fails, fails again when
// replayed.
#include <algorithm>
#include <cstdint>
#include <iterator>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <heddle/heddle.hpp>

#include "programs.hpp"
#include "table_parameters.hpp"

namespace heddle::notes {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

std::string message_of(const result& r) { return r.failure ? r.failure->message : r.summary; }

const program& program_named(std::string_view name) {
    const program* p = find_program(name);
    if (p == nullptr) throw std::invalid_argument(std::string(name));
    return *p;
}

result explore_named(std::string_view name) {
    const program& p = program_named(name);
    return explore(p.options, p.body);
}

result replay_of(const program& p, const std::string& replay) {
    options again = p.options;
    again.replay = replay;
    return explore(again, p.body);
}

class NotesProgram : public testing::TestWithParam<program> {};

TEST_P(NotesProgram, HasTheVerdictThatIsRightForIt) {
    const program& p = GetParam();
    const result r = explore(p.options, p.body);
    EXPECT_EQ(to_string(r.verdict), to_string(p.expected)) << p.why << '\n' << message_of(r);
    EXPECT_EQ(r.failure.has_value(), p.expected != verdict::ok);
    EXPECT_TRUE(r.exhausted || !p.must_exhaust) << r.summary;
}

INSTANTIATE_TEST_SUITE_P(Notes, NotesProgram,
                         testing::ValuesIn(programs().begin(), programs().end()), test_name);

class FailingProgram : public testing::TestWithParam<program> {};

TEST_P(FailingProgram, FailsAgainWhenReplayed) {
    const program& p = GetParam();
    const result first = explore(p.options, p.body);
    ASSERT_TRUE(first.failure.has_value());
    const std::string by_seed =
        std::to_string(first.failure->seed) + ":" + std::to_string(first.failure->execution);
    for (const std::string& replay : {first.failure->replay, by_seed}) {
        SCOPED_TRACE(replay);
        const result again = replay_of(p, replay);
        EXPECT_EQ(to_string(again.verdict), to_string(p.expected)) << message_of(again);
        ASSERT_TRUE(again.failure.has_value());
        EXPECT_EQ(again.failure->steps, first.failure->steps);
        EXPECT_EQ(again.failure->replay, first.failure->replay);
    }
}

INSTANTIATE_TEST_SUITE_P(Notes, FailingProgram, testing::ValuesIn(failing_programs()), test_name);

TEST(NotesTable, SaysWhyInTwoLinesAndProvesWhatItCallsClean) {
    std::set<std::string_view> names;
    for (const program& p : programs()) {
        SCOPED_TRACE(p.name);
        EXPECT_TRUE(names.insert(p.name).second);
        EXPECT_EQ(std::count(p.why.begin(), p.why.end(), '\n'), 1);
        EXPECT_EQ(p.must_exhaust, p.expected == verdict::ok && p.options.execution_limit == 0);
        EXPECT_EQ(p.on_real_threads != nullptr, p.expected == verdict::ok);
    }
}

// How many behaviours a clean program without timeouts has, without spurious wakeups; counted by
// other means than this search.
struct behaviours {
    std::string_view program;
    std::uint64_t count;
    bool spins_without_hint = false;
};

// Where a lock decides everything, a behaviour is an order of critical sections: (3 x 2)! / (2!)^3
// for two sections a thread, by plain enumeration where threads also wait. The two queues of the
// pipeline are independent: 32 x 32. The compare-exchange loop: for each of the 90 orders of its
// successes, the product over the threads of 2^(p - 1), where p is the place of the thread's second
// success, from 0: each newer value may have been seen on the way, or not.
constexpr behaviours counted[] = {{"counter/locked", 90},
                                  {"counter/cas-loop", 28'032},
                                  {"account", 90},
                                  {"transfer/by-address", 2},
                                  {"transfer/scoped-lock", 2},
                                  {"queue/notify-all", 80},
                                  {"event/set-once", 10},
                                  {"rw-lock/monitor", 34},
                                  {"rw-lock/writers-first", 58},
                                  {"rw-lock/writers-first-2", 1'340},
                                  {"pipeline/sentinels", 1'024},
                                  {"peterson/seq-cst", 4, true},
                                  {"message/release-acquire", 1}};

TEST(NotesTable, ProvesEachCleanProgramByEachOfItsBehavioursOnce) {
    for (const behaviours& expected : counted) {
        SCOPED_TRACE(expected.program);
        const program& p = program_named(expected.program);
        options exhaustive = p.options;
        exhaustive.strategy = strategies::exhaustive{};
        const result r = explore(exhaustive, p.body);
        EXPECT_TRUE(r.exhausted) << r.summary;
        // What the compiler keeps on the stack decides how many rounds of a spin are told apart.
        if (expected.spins_without_hint)
            EXPECT_GE(r.executions, expected.count);
        else
            EXPECT_EQ(r.executions, expected.count);
        EXPECT_EQ(r.deadlocks, 0U);
    }
}

// Both may get their locks, or one of them, or none.
TEST(NotesTable, BackingOffHasThreeOutcomes) {
    const result r = explore_named("locks/back-off");
    std::set<std::string> outcomes;
    for (const auto& [outcome, count] : r.outcomes) outcomes.insert(outcome);
    EXPECT_EQ(outcomes, (std::set<std::string>{"0", "1", "2"}));
}

// The threads that a failure is about.
std::set<int> threads_in(const result& r) {
    const auto& threads = r.failure->diagnostic.threads;
    return {threads.begin(), threads.end()};
}

TEST(NotesReport, OfTwoCrossedLocksNamesBothThreadsAndBothLocks) {
    const result r = explore_named("ab-ba");
    ASSERT_TRUE(r.failure.has_value());
    EXPECT_THAT(r.failure->message, HasSubstr("`forward`"));
    EXPECT_THAT(r.failure->message, HasSubstr("`backward`"));
    EXPECT_THAT(r.failure->message, HasSubstr("lock.a"));
    EXPECT_THAT(r.failure->message, HasSubstr("lock.b"));
    EXPECT_THAT(threads_in(r), SizeIs(2));
}

TEST(NotesReport, LeavesThePollerOutOfTheCycle) {
    const result r = explore_named("ab-ba/poller");
    ASSERT_TRUE(r.failure.has_value());
    EXPECT_THAT(r.failure->diagnostic.headline, HasSubstr("`forward`"));
    EXPECT_THAT(r.failure->diagnostic.headline, HasSubstr("`backward`"));
    EXPECT_THAT(r.failure->diagnostic.headline, Not(HasSubstr("`poller`")));
    EXPECT_THAT(r.failure->message, HasSubstr("lock.a"));
    EXPECT_THAT(r.failure->message, HasSubstr("lock.b"));
    EXPECT_THAT(threads_in(r), SizeIs(2));
}

TEST(NotesReport, OfThePriorityLockSaysThatOneThreadWaitsForItself) {
    const result r = explore_named("priority-lock");
    ASSERT_TRUE(r.failure.has_value());
    EXPECT_EQ(to_string(r.verdict), to_string(verdict::deadlock));
    EXPECT_THAT(r.failure->message, HasSubstr("priority_lock.mutex"));
    EXPECT_THAT(threads_in(r), SizeIs(1));
}

}  // namespace
}  // namespace heddle::notes
