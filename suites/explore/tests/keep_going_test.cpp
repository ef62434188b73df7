// With `keep_going` a search keeps each of its findings once, and each comes back by its replay.
#include <algorithm>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include <heddle/heddle.hpp>

#include "sanitizers.hpp"
#include "several_findings.hpp"

namespace heddle {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

constexpr auto relaxed = std::memory_order_relaxed;

// ---- bodies -----------------------------------------------------------------------------------

// Whoever gets into the deadlock has raced before.
void race_then_deadlock() {
    fibers::mutex a, b;
    fibers::var<int> n{0};
    fibers::thread t([&] {
        const std::lock_guard first(a);
        n = 1;
        const std::lock_guard second(b);
    });
    {
        const std::lock_guard first(b);
        n = 2;
        const std::lock_guard second(a);
    }
    t.join();
}

void two_races() {
    fibers::var<int> x{0}, y{0};
    fibers::thread t([&] {
        x = 1;
        y = 1;
    });
    x = 2;
    y = 2;
    t.join();
}

void race_then_assertion() {
    fibers::var<int> x{0};
    fibers::atomic<int> y{0};
    fibers::thread t([&] {
        x = 1;
        y = 1;
    });
    x = 2;
    HEDDLE_ASSERT(y.load() == 0, "too late");
    t.join();
}

void race_then_exception() {
    fibers::var<int> x{0};
    fibers::atomic<int> y{0};
    fibers::jthread t([&] {
        x = 1;
        y = 1;
    });
    x = 2;
    if (y.load() == 1) throw std::runtime_error("too late");
}

void two_expectations() {
    fibers::atomic<int> x{0};
    fibers::thread t([&] { x = 1; });
    expect_that(x.load() == 0, "first");
    expect_that(x.load() == 1, "second");
    t.join();
}

void expectation_then_race() {
    fibers::atomic<int> x{0};
    fibers::var<int> y{0};
    fibers::thread t([&] {
        x = 1;
        y = 1;
    });
    expect_that(x.load() == 0, "first");
    y = 2;
    t.join();
}

void expectation_then_deadlock() {
    fibers::atomic<int> x{0};
    fibers::mutex m;
    fibers::thread t([&] { x = 1; });
    expect_that(x.load() == 0, "first");
    t.join();
    m.lock();
    m.lock();
}

void race_then_lost_notification() {
    fibers::mutex m;
    fibers::condition_variable ready;
    fibers::var<int> x{0};
    fibers::thread t([&] {
        x = 1;
        std::unique_lock lock(m);
        ready.wait(lock);
    });
    x = 2;
    ready.notify_one();
    t.join();
}

void two_cycles() {
    fibers::mutex m, n;
    fibers::thread t([&] {
        m.lock();
        m.lock();
    });
    n.lock();
    n.lock();
    t.join();
}

void race_then_two_cycles() {
    fibers::mutex m, n;
    fibers::var<int> x{0};
    fibers::thread t([&] {
        x = 1;
        m.lock();
        m.lock();
    });
    x = 2;
    n.lock();
    n.lock();
    t.join();
}

void race_then_leak() {
    fibers::var<int> x{0};
    fibers::thread t([&] { x = 1; });
    x = 2;
    t.join();
    int* volatile kept = new int(7);
    static_cast<void>(kept);
}

// The first fails before the other thread has run, which could have let it pass.
void three_assertions() {
    fibers::atomic<int> x{0}, y{0};
    fibers::thread t([&] {
        x = 1;
        HEDDLE_ASSERT(y.load() == 0, "other");
    });
    HEDDLE_ASSERT(x.load() == 1, "early");
    y = 1;
    HEDDLE_ASSERT(x.load() == 0, "late");
    t.join();
}

void misuse_or_assertion() {
    fibers::atomic<int> x{0};
    fibers::mutex m;
    fibers::thread t([&] { x = 1; });
    if (x.load() == 0) m.unlock();
    HEDDLE_ASSERT(x.load() == 0, "late");
    t.join();
}

struct body_with_findings {
    const char* name;
    void (*run)();
    std::vector<verdict> findings;
    bool detect_leaks = false;
    friend void PrintTo(const body_with_findings& b, std::ostream* out) { *out << b.name; }
};

const body_with_findings bodies[] = {
    {"race_then_deadlock", race_then_deadlock, {verdict::data_race, verdict::deadlock}},
    {"two_races", two_races, {verdict::data_race, verdict::data_race}},
    {"race_then_assertion", race_then_assertion, {verdict::data_race, verdict::assertion}},
    {"race_then_exception", race_then_exception, {verdict::data_race, verdict::exception}},
    {"two_expectations", two_expectations, {verdict::assertion, verdict::assertion}},
    {"expectation_then_race", expectation_then_race, {verdict::assertion, verdict::data_race}},
    {"expectation_then_deadlock",
     expectation_then_deadlock,
     {verdict::assertion, verdict::deadlock}},
    {"race_then_lost_notification",
     race_then_lost_notification,
     {verdict::data_race, verdict::lost_notification}},
    {"two_cycles", two_cycles, {verdict::deadlock, verdict::deadlock}},
    {"race_then_two_cycles",
     race_then_two_cycles,
     {verdict::data_race, verdict::deadlock, verdict::deadlock}},
    {"three_assertions",
     three_assertions,
     {verdict::assertion, verdict::assertion, verdict::assertion}},
    {"misuse_or_assertion", misuse_or_assertion, {verdict::misuse, verdict::assertion}},
    {"race_then_leak", race_then_leak, {verdict::data_race, verdict::leak}, true},
};

// ---- in every strategy ------------------------------------------------------------------------

class KeepGoing : public testing::TestWithParam<std::tuple<body_with_findings, strategy>> {
protected:
    static options asked() {
        options o;
        o.strategy = std::get<strategy>(GetParam());
        o.keep_going = true;
        o.detect_leaks = std::get<body_with_findings>(GetParam()).detect_leaks;
        // So that `automatic` comes to its samples where an execution ends amid. (A strategy that
        // samples is quick, and needs so many to meet all findings.)
        const bool samples = std::holds_alternative<strategies::random>(o.strategy) ||
                             std::holds_alternative<strategies::pct>(o.strategy);
        o.execution_limit = testing_support::under_thread_sanitizer && !samples ? 40 : 300;
        return o;
    }
    static result run(const options& o) {
        return explore(o, std::get<body_with_findings>(GetParam()).run);
    }
};

TEST_P(KeepGoing, KeepsEachFindingOnce) {
    const result r = run(asked());
    EXPECT_THAT(verdicts_of(r), testing::UnorderedElementsAreArray(
                                    std::get<body_with_findings>(GetParam()).findings))
        << r.summary;
    ASSERT_TRUE(r.failure);
    EXPECT_EQ(r.failure->message, r.failures.front().message);
    EXPECT_EQ(r.verdict, r.failures.front().verdict);
    EXPECT_THAT(r.summary, HasSubstr("with " + std::to_string(r.failures.size()) + " findings"));
}

TEST_P(KeepGoing, ReplaysEachAsItself) {
    options o = asked();
    for (const failure& f : run(asked()).failures) {
        SCOPED_TRACE(f.message);
        o.replay = f.replay;
        o.keep_going = f.needs_keep_going;
        const result again = run(o);
        const failure* const same = find_same(again, f);
        ASSERT_TRUE(same) << again.summary;
        EXPECT_EQ(same->needs_keep_going, f.needs_keep_going);
        if (!f.needs_keep_going) {
            EXPECT_THAT(again.failures, SizeIs(1));
        }
        // The code goes on, unless the line says otherwise.
        EXPECT_EQ(
            f.message.find("= replay: HEDDLE_KEEP_GOING=off HEDDLE_REPLAY=") == f.message.npos,
            f.needs_keep_going);
    }
}

// One that needs the option is hidden without it.
TEST_P(KeepGoing, AsksForItselfWhereItIsNeededOnly) {
    options o = asked();
    for (const failure& f : run(asked()).failures) {
        if (!f.needs_keep_going) continue;
        o.replay = f.replay;
        o.keep_going = false;
        const result other = run(o);
        ASSERT_THAT(other.failures, SizeIs(1));
        EXPECT_FALSE(find_same(other, f)) << f.message;
    }
}

TEST_P(KeepGoing, ReplaysEachBySeed) {
    options o = asked();
    for (const failure& f : run(asked()).failures) {
        o.replay = std::to_string(f.seed) + ":" + std::to_string(f.execution);
        const result again = run(o);
        const failure* const same = find_same(again, f);
        ASSERT_TRUE(same) << o.replay << f.message;
        EXPECT_EQ(same->replay, f.replay);
    }
}

INSTANTIATE_TEST_SUITE_P(Bodies, KeepGoing,
                         testing::Combine(testing::ValuesIn(bodies),
                                          testing::Values(strategy{strategies::automatic{}},
                                                          strategies::exhaustive{},
                                                          strategies::depth_first{},
                                                          strategies::random{}, strategies::pct{})),
                         [](const auto& instance) {
                             std::string name = std::string(std::get<0>(instance.param).name) +
                                                "_" + to_string(std::get<1>(instance.param));
                             for (char& c : name)
                                 if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
                             return name;
                         });

// A thread that fails stops, and the others run on: so nothing is left out.
TEST(KeptFindings, LeaveNothingUnexplored) {
    const result r =
        explore({.strategy = strategies::exhaustive{}, .keep_going = true}, three_assertions);
    EXPECT_TRUE(r.exhausted) << r.summary;
    EXPECT_THAT(r.failures, SizeIs(3));
}

// Nobody else is to blame for waiting for a thread that has failed.
TEST(KeptFindings, AreNotThatOthersWaitForAFailedThread) {
    const auto body = [] {
        fibers::timed_mutex m;
        fibers::atomic<bool> done{false};
        fibers::thread failing([&] {
            const std::lock_guard lock(m);
            HEDDLE_ASSERT(done.load(), "nobody has set it");
            done = true;
        });
        fibers::thread polling([&] {
            while (!done.load()) {
            }
        });
        { const std::lock_guard lock(m); }
        failing.join();
        polling.join();
    };
    for (const strategy& s :
         {strategy{strategies::exhaustive{}}, strategy{strategies::depth_first{}},
          strategy{strategies::random{}}}) {
        const result r = explore({.strategy = s, .execution_limit = 300, .keep_going = true}, body);
        EXPECT_THAT(verdicts_of(r), ElementsAre(verdict::assertion)) << r.summary;
    }
}

// ---- what is one finding ----------------------------------------------------------------------

TEST(KeptFindings, AreThoseOfTheFixedTwin) {
    const auto fixed = [] {
        fibers::mutex a, b;
        fibers::var<int> n{0};
        fibers::thread t([&] {
            const std::lock_guard first(a);
            n = 1;
            const std::lock_guard second(b);
        });
        {
            const std::lock_guard first(a);
            n = 2;
            const std::lock_guard second(b);
        }
        t.join();
    };
    for (const strategy& s :
         {strategy{strategies::automatic{}}, strategy{strategies::depth_first{}}}) {
        const result r = explore({.strategy = s, .keep_going = true}, fixed);
        EXPECT_THAT(r.failures, IsEmpty());
        EXPECT_FALSE(r.failure);
        EXPECT_TRUE(r.exhausted);
        EXPECT_THAT(r.summary, StartsWith("proved: every behaviour visited"));
    }
}

TEST(KeptFindings, WithoutTheOptionAreTheFirst) {
    const result r = explore(race_then_deadlock);
    EXPECT_THAT(verdicts_of(r), ElementsAre(verdict::data_race));
    EXPECT_FALSE(r.failure->needs_keep_going);
    EXPECT_THAT(r.summary, StartsWith("failed, 2 executions, "));
}

TEST(KeptFindings, OfSeveralGraphsAreOne) {
    const result r = explore({.keep_going = true}, [] {
        fibers::atomic<int> x{0};
        fibers::var<int> data{0};
        fibers::thread t([&] {
            data = 1;
            x.store(1, relaxed);
            x.store(2, relaxed);
            x.store(3, relaxed);
        });
        static_cast<void>(x.load(relaxed));
        data = 2;
        t.join();
    });
    EXPECT_EQ(r.executions, 4U);
    EXPECT_THAT(verdicts_of(r), ElementsAre(verdict::data_race));
    EXPECT_TRUE(r.exhausted);
}

TEST(KeptFindings, OfALoopAreOne) {
    const result r = explore({.keep_going = true}, [] {
        fibers::atomic<int> x{0};
        fibers::var<int> data{0};
        fibers::thread t([&] {
            for (int k = 0; k < 4; ++k) {
                x.store(k, relaxed);
                data = k;
            }
        });
        data = 7;
        t.join();
    });
    EXPECT_THAT(verdicts_of(r), ElementsAre(verdict::data_race));
}

// Which of the reads is the last before the write depends on the order of steps: `exhaustive` runs
// one order of each graph.
TEST(KeptFindings, OfOneVariableAtTwoPlacesAreTwo) {
    const auto body = [] {
        fibers::var<int> x{0};
        fibers::atomic<int> between{0};
        fibers::thread t([&] { x = 1; });
        static_cast<void>(x.load());
        between = 1;
        static_cast<void>(x.load());
        t.join();
    };
    for (const strategy& s : {strategy{strategies::depth_first{}}, strategy{strategies::random{}}})
        EXPECT_THAT(
            verdicts_of(explore({.strategy = s, .execution_limit = 100, .keep_going = true}, body)),
            ElementsAre(verdict::data_race, verdict::data_race));
    EXPECT_THAT(verdicts_of(explore({.keep_going = true}, body)), ElementsAre(verdict::data_race));
}

// Three that write, of which any two race.
TEST(KeptFindings, OfOneVariableDifferInTheirPlaces) {
    const result r = explore({.keep_going = true}, [] {
        fibers::var<int> x{0};
        fibers::thread s([&] { x = 1; });
        fibers::thread t([&] { x = 2; });
        x = 3;
        s.join();
        t.join();
    });
    EXPECT_THAT(verdicts_of(r), Each(verdict::data_race));
    EXPECT_THAT(r.failures, SizeIs(testing::AllOf(testing::Ge(2U), testing::Le(3U))));
}

TEST(KeptFindings, OfTwoElementsAreTwo) {
    const result r = explore({.keep_going = true}, [] {
        fibers::var<int> x[3];
        fibers::thread t([&] {
            for (int k = 0; k < 2; ++k) x[k] = 1;
        });
        for (int k = 0; k < 3; ++k) x[k] = 2;
        t.join();
    });
    EXPECT_THAT(verdicts_of(r), ElementsAre(verdict::data_race, verdict::data_race));
}

// Of a kind that costs little: each is run again, and shrunk.
TEST(KeptFindings, AreSixtyFourAtMost) {
    const auto body = [](int findings) {
        return explore({.keep_going = true}, [findings] {
            for (int k = 0; k < findings; ++k)
                scheduler::hooks::note_assertion("finding " + std::to_string(k), {});
        });
    };
    const result just = body(64), more = body(70);
    EXPECT_THAT(just.failures, SizeIs(64));
    EXPECT_THAT(just.summary, StartsWith("failed with 64 findings, every behaviour visited"));
    EXPECT_THAT(more.failures, SizeIs(64));
    EXPECT_THAT(more.summary,
                StartsWith("failed with 64 findings, and 6 that are not kept, every behaviour"));
}

}  // namespace
}  // namespace heddle
