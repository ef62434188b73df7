// Every program of the notes gets the verdict that is right for it; what fails, fails again when replayed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <heddle/heddle.hpp>

#include <algorithm>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>

#include "programs.hpp"
#include "table_parameters.hpp"

namespace heddle::notes {

namespace {

using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

std::string message_of(const result& r) { return r.failure ? r.failure->message : r.summary; }

result explore_named(std::string_view name) {
    const program* p = find_program(name);
    if (p == nullptr) throw std::invalid_argument(std::string(name));
    return explore(p->options, p->body);
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

class CleanProgram : public testing::TestWithParam<program> {};

TEST_P(CleanProgram, RunsOnRealThreads) {
    for (int run = 0; run != 200; ++run) GetParam().on_real_threads();
}

INSTANTIATE_TEST_SUITE_P(Notes, CleanProgram, testing::ValuesIn(clean_programs()), test_name);

TEST(NotesTable, SaysWhyInTwoLinesAndProvesWhatItCallsClean) {
    std::set<std::string_view> names;
    for (const program& p : programs()) {
        SCOPED_TRACE(p.name);
        EXPECT_TRUE(names.insert(p.name).second);
        EXPECT_EQ(std::count(p.why.begin(), p.why.end(), '\n'), 1);
        EXPECT_EQ(p.must_exhaust, p.expected == verdict::ok);
        EXPECT_EQ(p.on_real_threads != nullptr, p.expected == verdict::ok);
    }
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
