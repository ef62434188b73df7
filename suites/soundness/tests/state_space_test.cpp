// The enumerator against programs whose behaviours are known.
#include "state_space.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "program_text.hpp"
#include "well_formed.hpp"

namespace heddle::soundness {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

// `objects` and the code of each thread, all of them started by main and joined by it.
state_space explored(std::string_view objects, std::initializer_list<std::string_view> threads,
                     bounds b = {}) {
    std::string text(objects);
    unsigned t = 0;
    for (const std::string_view code : threads) {
        text += "fibers::thread t" + std::to_string(++t) + "([&] {";
        text.append(code) += "});";
    }
    for (unsigned k = 1; k <= t; ++k) text += "t" + std::to_string(k) + ".join();";
    const program p = parse(text);
    EXPECT_EQ(fault_of(p), "") << to_text(p);
    const state_space s = enumerate(p, b, 100'000);
    EXPECT_TRUE(s.complete);
    return s;
}

constexpr std::string_view two_atomics = "fibers::atomic<int> x0{0}; fibers::atomic<int> x1{0};";
constexpr std::string_view two_mutexes = "fibers::mutex m0; fibers::mutex m1;";
constexpr std::string_view condition =
    "fibers::mutex m0; fibers::condition_variable c0; fibers::var<int> v0{0};";

TEST(StateSpace, StoreBufferingHasThreeOutcomes) {
    const state_space s = explored(two_atomics, {"x0.store(1, relaxed); a[0] = x1.load(relaxed);",
                                                 "x1.store(1, relaxed); a[0] = x0.load(relaxed);"});
    EXPECT_THAT(s.outcomes,
                ElementsAre("t0:1,1 t1:0 t2:1", "t0:1,1 t1:1 t2:0", "t0:1,1 t1:1 t2:1"));
    EXPECT_THAT(s.findings, IsEmpty());
}

TEST(StateSpace, ReadersAgreeOnTheOrderOfTwoWrites) {
    const state_space s =
        explored(two_atomics, {"x0.store(1, relaxed);", "x1.store(1, relaxed);",
                               "a[0] = x0.load(relaxed); a[1] = x1.load(relaxed);",
                               "a[0] = x1.load(relaxed); a[1] = x0.load(relaxed);"});
    EXPECT_THAT(s.outcomes, SizeIs(15));  // of 16
}

TEST(StateSpace, UpdatesComeInEveryOrder) {
    constexpr std::string_view three =
        "a[0] = x0.fetch_add(1, relaxed); a[1] = x0.fetch_add(1, relaxed);"
        "a[2] = x0.fetch_add(1, relaxed);";
    const state_space s = explored("fibers::atomic<int> x0{0};", {three, three});
    EXPECT_THAT(s.outcomes, SizeIs(20));  // 6 over 3
}

TEST(StateSpace, AFlagProtectsDataByItsOrdersOnly) {
    const auto findings = [](std::string_view store, std::string_view load) {
        return explored("fibers::atomic<int> x0{0}; fibers::var<int> v0{0};",
                        {"v0 = 1; x0.store(1, " + std::string(store) + ");",
                         "a[0] = x0.load(" + std::string(load) + "); if (a[0] == 1) { v0 = 2; }"})
            .findings;
    };
    EXPECT_THAT(findings("release", "acquire"), IsEmpty());
    EXPECT_THAT(findings("seq_cst", "seq_cst"), IsEmpty());
    EXPECT_THAT(findings("relaxed", "acquire"), ElementsAre("data_race"));
    EXPECT_THAT(findings("release", "relaxed"), ElementsAre("data_race"));
}

TEST(StateSpace, FencesAndUpdatesCarryWhatAReleaseGave) {
    constexpr std::string_view objects = "fibers::atomic<int> x0{0}; fibers::var<int> v0{0};";
    constexpr std::string_view reader =
        "a[0] = x0.load(relaxed); fibers::atomic_thread_fence(acquire); if (a[0] >= 2) { v0 = 2; }";
    EXPECT_THAT(explored(objects, {"v0 = 1; fibers::atomic_thread_fence(release);"
                                   "x0.store(2, relaxed);",
                                   reader})
                    .findings,
                IsEmpty());
    EXPECT_THAT(
        explored(objects, {"v0 = 1; x0.store(1, release);", "x0.fetch_add(1, relaxed);", reader})
            .findings,
        IsEmpty());
    // A store of another thread begins anew.
    EXPECT_THAT(explored(objects, {"v0 = 1; x0.store(1, release);",
                                   "a[0] = x0.load(relaxed); if (a[0] == 1) "
                                   "{ x0.store(2, relaxed); }",
                                   reader})
                    .findings,
                ElementsAre("data_race"));
}

TEST(StateSpace, OppositeOrdersOfLocksEndInADeadlock) {
    const state_space s =
        explored(two_mutexes, {"{ std::unique_lock hold0(m0); { std::unique_lock hold1(m1); } }",
                               "{ std::unique_lock hold1(m1); { std::unique_lock hold0(m0); } }"});
    EXPECT_THAT(s.findings, ElementsAre("deadlock"));
    EXPECT_THAT(s.outcomes, ElementsAre("t0: t1: t2:"));
}

TEST(StateSpace, SeveralLocksBackOffOrTakeNone) {
    for (const std::string_view both :
         {"auto both0 = fibers::lock_all", "fibers::scoped_lock both0", "std::scoped_lock both0"}) {
        const std::string one = "{" + std::string(both) + "(m0, m1); }";
        std::string other = one;
        other.replace(other.find("(m0, m1)"), 8, "(m1, m0)");
        other.replace(other.find("both0"), 5, "both1");
        EXPECT_THAT(explored(two_mutexes, {one, other}).findings, IsEmpty()) << both;
    }
}

TEST(StateSpace, ATryLockSeesSeveralLocksHalfDone) {
    const state_space s =
        explored(two_mutexes, {"{ auto both0 = fibers::lock_all(m0, m1); }",
                               "{ std::unique_lock hold1(m1); if (std::unique_lock hold0(m0, "
                               "std::try_to_lock); (a[0] = hold0.owns_lock())) {} }"});
    EXPECT_THAT(s.outcomes, ElementsAre("t0: t1: t2:0", "t0: t1: t2:1"));
    EXPECT_THAT(s.findings, IsEmpty());
}

TEST(StateSpace, SeveralLocksHoldAPartWhileAnotherHoldsTheRest) {
    const state_space s =
        explored(two_mutexes, {"{ std::unique_lock hold1(m1); if (std::unique_lock hold0(m0, "
                               "std::try_to_lock); (a[0] = hold0.owns_lock())) {} if "
                               "(std::unique_lock hold0(m0, std::try_to_lock); (a[1] = "
                               "hold0.owns_lock())) {} }",
                               "{ auto both0 = fibers::lock_all(m0, m1); }"});
    EXPECT_THAT(s.outcomes, ElementsAre("t0: t1:0,0 t2:", "t0: t1:1,0 t2:", "t0: t1:1,1 t2:"));
    EXPECT_THAT(s.findings, IsEmpty());
}

// The poll goes on until the wait has timed out.
TEST(StateSpace, TimePassesWhereAllOthersPoll) {
    const state_space s =
        explored("fibers::atomic<int> x0{0}; fibers::timed_mutex m0; fibers::timed_mutex m1;",
                 {"{ std::unique_lock hold0(m0); while (!((a[0] = x0.load(seq_cst)) != 0)) {} }",
                  "if (std::unique_lock hold0(m0, 10ms); (a[0] = hold0.owns_lock())) {} "
                  "x0.store(1, seq_cst);"},
                 {.early_timeouts = 0});
    EXPECT_THAT(s.outcomes, ElementsAre("t0:1 t1:1 t2:0", "t0:1 t1:1 t2:1"));
    EXPECT_THAT(s.findings, IsEmpty());
}

TEST(StateSpace, ANotificationBeforeTheWaitIsLost) {
    const state_space s = explored(
        condition, {"{ std::unique_lock hold0(m0); c0.wait(hold0); }", "c0.notify_one();"});
    EXPECT_THAT(s.findings, ElementsAre("lost_notification"));
    EXPECT_THAT(explored(condition,
                         {"{ std::unique_lock hold0(m0); c0.wait(hold0, [&] { return v0.load() != "
                          "0; }); }",
                          "{ std::unique_lock hold0(m0); v0 = 1; c0.notify_one(); }"})
                    .findings,
                IsEmpty());
    // Woken once more, it would find its predicate false.
    EXPECT_THAT(explored(condition, {"{ std::unique_lock hold0(m0); c0.wait(hold0, [&] { return "
                                     "v0.load() != 0; }); }"})
                    .findings,
                ElementsAre("deadlock"));
}

TEST(StateSpace, AnyWaiterMayBeWoken) {
    constexpr std::string_view waiter =
        "{ std::unique_lock hold0(m0); c0.wait(hold0); a[0] = v0; v0 += 1; }";
    const state_space s =
        explored(condition, {waiter, waiter, "c0.notify_one(); c0.notify_one();"});
    EXPECT_THAT(s.outcomes, Contains("t0: t1:0 t2:1 t3:"));
    EXPECT_THAT(s.outcomes, Contains("t0: t1:1 t2:0 t3:"));
}

TEST(StateSpace, WakeupsAreSpuriousWithinTheBound) {
    constexpr std::string_view waiter = "{ std::unique_lock hold0(m0); c0.wait(hold0); }";
    EXPECT_THAT(explored(condition, {waiter}, {.spurious = 0}).outcomes, IsEmpty());
    EXPECT_THAT(explored(condition, {waiter}, {.spurious = 1}).outcomes, ElementsAre("t0: t1:"));
}

TEST(StateSpace, WeakExchangesFailWithinTheBound) {
    constexpr std::string_view weak =
        "a[1] = x0.compare_exchange_weak(a[0] = 0, 1, relaxed, relaxed);";
    EXPECT_THAT(explored("fibers::atomic<int> x0{0};", {weak}, {.spurious = 0}).outcomes,
                ElementsAre("t0:1 t1:0,1"));
    EXPECT_THAT(explored("fibers::atomic<int> x0{0};", {weak}, {.spurious = 1}).outcomes,
                ElementsAre("t0:0 t1:0,0", "t0:1 t1:0,1"));
}

TEST(StateSpace, AnAtomicWaitIsTakenByWhoKnowsANewerValue) {
    constexpr std::string_view one = "fibers::atomic<int> x0{0};";
    EXPECT_THAT(
        explored(one, {"x0.wait(0, seq_cst);", "x0.store(1, seq_cst); x0.notify_one();"}).findings,
        IsEmpty());
    EXPECT_THAT(explored(one, {"x0.wait(0, seq_cst);", "x0.store(1, seq_cst);"}).findings,
                ElementsAre("lost_notification"));
    // Who waits for another value is not eligible, and so not taken instead.
    EXPECT_THAT(explored(one, {"x0.wait(0, seq_cst);",
                               "a[0] = heddle::await(x0, [](int v) { return v >= 1; }, seq_cst);"
                               "x0.wait(1, seq_cst);",
                               "x0.store(1, seq_cst); x0.notify_one(); x0.store(2, seq_cst);"
                               "x0.notify_all();"})
                    .findings,
                IsEmpty());
    // What a thread has read without an acquire does not happen before its notification.
    EXPECT_THAT(explored(one, {"x0.wait(0, relaxed);", "x0.store(1, relaxed);",
                               "a[0] = heddle::await(x0, [](int v) { return v == 1; }, relaxed);"
                               "x0.notify_one();"})
                    .findings,
                ElementsAre("lost_notification"));
    EXPECT_THAT(explored(one, {"x0.wait(0, relaxed);", "x0.store(1, release);",
                               "a[0] = heddle::await(x0, [](int v) { return v == 1; }, acquire);"
                               "x0.notify_one();"})
                    .findings,
                IsEmpty());
}

TEST(StateSpace, APollForWhatNeverComesIsALivelock) {
    EXPECT_THAT(
        explored("fibers::atomic<int> x0{0};", {"while (!((a[0] = x0.load(relaxed)) != 0)) {}"})
            .findings,
        ElementsAre("livelock"));
    EXPECT_THAT(explored("fibers::atomic<int> x0{0};",
                         {"while (!((a[0] = x0.load(relaxed)) != 0)) {}", "x0.store(1, relaxed);"})
                    .findings,
                IsEmpty());
}

TEST(StateSpace, ALoopThatGivesUpHasEachNumberOfRounds) {
    const state_space s =
        explored(two_atomics, {"for (int k = 0; k < 3 && !((a[0] = x0.load(relaxed)) != 0); "
                               "++k) { x1.fetch_add(1, relaxed); }",
                               "x0.store(1, relaxed);"});
    EXPECT_THAT(
        s.outcomes,
        ElementsAre("t0:1,0 t1:1 t2:", "t0:1,1 t1:1 t2:", "t0:1,2 t1:1 t2:", "t0:1,3 t1:0 t2:"));
}

TEST(StateSpace, TimeoutsComeEarlyWithinTheBoundAndElseWhereNothingCanRun) {
    constexpr std::string_view timed =
        "if (std::unique_lock hold0(m0, 10ms); (a[0] = hold0.owns_lock())) {}";
    constexpr std::string_view holder = "{ std::unique_lock hold0(m0); }";
    constexpr std::string_view mutex = "fibers::timed_mutex m0;";
    EXPECT_THAT(explored(mutex, {timed, holder}, {.early_timeouts = 0}).outcomes,
                ElementsAre("t0: t1:1 t2:"));
    EXPECT_THAT(explored(mutex, {timed, holder}, {.early_timeouts = 1}).outcomes,
                ElementsAre("t0: t1:0 t2:", "t0: t1:1 t2:"));
    EXPECT_THAT(explored(mutex, {timed, "m0.lock();"}, {.early_timeouts = 0}).outcomes,
                ElementsAre("t0: t1:0 t2:", "t0: t1:1 t2:"));
}

TEST(StateSpace, TheEarliestDeadlineComesFirst) {
    const auto outcomes = [](unsigned early) {
        return explored("fibers::atomic<int> x0{0};",
                        {"fibers::this_thread::sleep_for(20ms); a[0] = x0.fetch_add(1, relaxed);",
                         "fibers::this_thread::sleep_for(10ms); a[0] = x0.fetch_add(1, relaxed);"},
                        {.early_timeouts = early})
            .outcomes;
    };
    EXPECT_THAT(outcomes(0), ElementsAre("t0:2 t1:1 t2:0"));
    EXPECT_THAT(outcomes(1), ElementsAre("t0:2 t1:0 t2:1", "t0:2 t1:1 t2:0"));
}

TEST(StateSpace, AClockShowsWhatItsThreadKnowsOf) {
    const state_space s =
        explored("fibers::atomic<int> x0{0};",
                 {"fibers::this_thread::sleep_for(10ms); x0.store(1, relaxed);",
                  "a[0] = x0.load(relaxed); a[1] = "
                  "static_cast<int>(fibers::steady_clock::now().time_since_epoch() / 1us);"},
                 {.early_timeouts = 1});
    EXPECT_THAT(s.outcomes, ElementsAre("t0:1 t1: t2:0,1", "t0:1 t1: t2:1,10001"));
}

TEST(StateSpace, ADroppedExecutionHasNoOutcome) {
    const state_space s = explored("", {"a[0] = heddle::choose(3); heddle::assume(a[0] != 1);"});
    EXPECT_THAT(s.outcomes, ElementsAre("t0: t1:0", "t0: t1:2"));
    EXPECT_THAT(explored("", {"a[0] = heddle::choose(2); HEDDLE_ASSERT(a[0] != 1);"}).findings,
                ElementsAre("assertion"));
}

TEST(StateSpace, ADetachedThreadEndsToo) {
    const program p = parse(
        "fibers::atomic<int> x0{0}; fibers::thread t1([&] { fibers::thread t2([&] {"
        "x0.store(1, relaxed); }); t2.join(); }); t1.detach();");
    const state_space s = enumerate(p, {}, 1'000);
    EXPECT_THAT(s.outcomes, ElementsAre("t0:0 t1: t2:", "t0:1 t1: t2:"));
    EXPECT_THAT(s.findings, IsEmpty());
}

TEST(StateSpace, SaysThatItDidNotEnd) {
    const program p =
        parse("fibers::atomic<int> x0{0}; x0.store(1, relaxed); x0.store(2, relaxed);");
    EXPECT_FALSE(enumerate(p, {}, 1).complete);
}

}  // namespace
}  // namespace heddle::soundness
