#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <heddle/checkers/livelock.hpp>

#include "reports.hpp"

namespace heddle::checkers {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using trace::operation;
using trace::stop;
using trace::thread_state;
using trace::trace_builder;

TEST(Livelock, IsAnErrorWhenNobodyIsLeftToChangeTheValue) {
    trace_builder t = sample();
    const int main = t.thread("main"), worker = t.thread("worker");
    const int flag = t.atomic("flag_", trace::value_format::boolean);
    t.at("pool_test.cpp", "thread worker");
    t.spawn(main, worker);
    t.at("spin.hpp", "flag_.store(false)");
    const unsigned store = t.store(main, flag, 0);
    t.at("pool_test.cpp", "worker.join");
    t.blocks_in_join(main, worker);
    t.at("spin.hpp", "flag_.load");
    for (int k = 0; k < 2; ++k)
        t.load(worker, flag, 0, static_cast<int>(store), trace::order::acquire);
    auto& end = t.trace.ends[worker];
    end = {thread_state::blocked,
           operation::load,
           flag,
           trace::none,
           t.last(),
           true,
           t.place_of("spin.hpp", "flag_.load"),
           {}};
    t.stops(stop::livelock, worker, t.last(), flag);
    const auto d = explain_livelock(t.trace);
    EXPECT_EQ(d.slug, "livelock");
    EXPECT_EQ(d.severity, trace::severity::error);
    EXPECT_EQ(d.headline, "`worker` spins forever on `flag_`");
    EXPECT_EQ(joined(d.why),
              "`flag_` has been false since step 2, and no thread is left to change it\n");
    EXPECT_THAT(d.help, IsEmpty());
    expect_report("livelock_spin", t.trace, d);
}

TEST(Livelock, AdvisesToWriteBeforeTheJoinWhatNobodyWrites) {
    trace_builder t = sample();
    const int main = t.thread("main"), worker = t.thread("worker");
    const int flag = t.atomic("flag_", trace::value_format::boolean);
    t.at("pool_test.cpp", "thread worker");
    t.spawn(main, worker);
    t.at("pool_test.cpp", "worker.join");
    t.blocks_in_join(main, worker);
    t.at("spin.hpp", "flag_.load");
    t.load(worker, flag, 0);
    const trace::place spin = t.place_of("spin.hpp", "flag_.load");
    t.trace.ends[worker] = {
        thread_state::blocked, operation::load, flag, trace::none, t.last(), true, spin, {}};
    t.stops(stop::livelock, worker, t.last(), flag);
    const auto d = explain_livelock(t.trace);
    EXPECT_TRUE(has_label(d, "`main` has been waiting to join `worker` since step 2"));
    EXPECT_THAT(joined(d.help),
                HasSubstr("nothing writes `flag_`: write it before `main` joins `worker` at"));
}

// Two threads that step aside for each other until the step limit.
trace_builder stepping_aside(int rounds) {
    trace_builder t = sample();
    t.thread("main");
    const int one = t.thread("left"), two = t.thread("right");
    const int first = t.atomic("wants_[0]", trace::value_format::boolean);
    const int second = t.atomic("wants_[1]", trace::value_format::boolean);
    t.at("pool_test.cpp", "thread worker");
    t.spawn(0, one);
    t.at("pool_test.cpp", "thread second");
    t.spawn(0, two);
    t.at("pool_test.cpp", "worker.join");
    t.blocks_in_join(0, one);
    for (int k = 0; k < rounds; ++k) {
        for (const int thread : {one, two}) {
            const int mine = thread == one ? first : second,
                      theirs = thread == one ? second : first;
            t.at("spin.hpp", "while (other_wants(me))");
            t.load(thread, theirs, 1);
            t.at("spin.hpp", "            wants_[me].store(false)");
            t.store(thread, mine, 0);
            t.at("spin.hpp", "yield();");
            t.add(thread, operation::yield, trace::none);
            trace::place again = t.place_of("spin.hpp", "            wants_[me].store(false)");
            again.line += 2;
            t.at(again);
            t.store(thread, mine, 1);
        }
    }
    t.trace.step_limit = 20'000;
    t.stops(stop::livelock, two, t.last(), second);
    return t;
}

TEST(Livelock, IsAWarningWhenItWasOnlySeenUpToTheStepLimit) {
    const trace_builder t = stepping_aside(30);
    const auto d = explain_livelock(t.trace);
    EXPECT_EQ(d.severity, trace::severity::warning);
    EXPECT_EQ(d.headline, "`left` and `right` keep running and get nowhere");
    EXPECT_THAT(joined(d.notes), HasSubstr("stopped after 20000 steps"));
    expect_report("livelock_stepping_aside", t.trace, d);
}

TEST(Livelock, ShowsAFailingTryLock) {
    trace_builder t = sample();
    const int main = t.thread("main"), worker = t.thread("worker");
    const int mutex = t.mutex("mutex_");
    t.at("pool_test.cpp", "thread worker");
    t.spawn(main, worker);
    t.at("spin.hpp", "mutex_.try_lock");
    t.holds(main, mutex, t.lock(main, mutex));
    for (int k = 0; k < 500; ++k) t.try_lock_fails(worker, mutex);
    t.at("pool_test.cpp", "worker.join");
    t.blocks_in_join(main, worker);
    t.stops(stop::livelock, worker, t.last(), mutex);
    const auto d = explain_livelock(t.trace);
    EXPECT_EQ(d.headline, "`worker` keeps running and gets nowhere");
    EXPECT_THAT(d.labels.front().text,
                HasSubstr("`worker` performs `mutex_.try_lock() -> false` at step 502, 399 times"));
}

// The last step of a thread that spins may be a yield, which names no object.
TEST(Livelock, NamesTheHolderOfAMutexThatIsTriedForEver) {
    trace_builder t = sample();
    const int main = t.thread("main"), worker = t.thread("worker");
    const int mutex = t.mutex("mutex_");
    t.at("spin.hpp", "mutex_.try_lock");
    t.holds(main, mutex, t.lock(main, mutex));
    t.blocks_in_join(main, worker);
    t.try_lock_fails(worker, mutex);
    const unsigned last = t.add(worker, operation::yield, trace::none).step;
    auto& end = t.trace.ends[worker];
    end.state = thread_state::blocked;
    end.spinning = true;
    end.waiting_in = operation::yield;
    end.since = last;
    t.stops(stop::livelock, worker, last);
    const auto d = explain_livelock(t.trace);
    EXPECT_EQ(d.headline, "`worker` spins forever on `mutex_`");
    EXPECT_EQ(joined(d.why),
              "`main` has held `mutex_` since step 1, and does not get to unlock it\n");
}

TEST(StepLimit, SaysNoMoreThanThatItWasLong) {
    trace_builder t = sample();
    const int main = t.thread("main"), x = t.atomic("x");
    t.at("spin.hpp", "flag_.store");
    for (unsigned k = 1; k <= 100; ++k) t.store(main, x, k);
    t.trace.step_limit = 100;
    t.stops(stop::step_limit, main, t.last());
    const auto d = explain_step_limit(t.trace);
    EXPECT_EQ(d.slug, "step-limit");
    EXPECT_EQ(d.severity, trace::severity::warning);
    EXPECT_EQ(d.headline, "the execution did not end within 100 steps");
    expect_report("step_limit", t.trace, d);
}

TEST(StepLimit, PassesOnAnotherLimit) {
    trace_builder t = sample();
    const int main = t.thread("main"), x = t.atomic("x");
    t.at("spin.hpp", "flag_.store");
    t.store(main, x, 1);
    t.stops(stop::step_limit, main, t.last());
    t.trace.message = "more than 65,000 modelled objects in one execution";
    const auto d = explain_step_limit(t.trace);
    EXPECT_EQ(d.headline, t.trace.message);
    EXPECT_THAT(d.help, IsEmpty());
}

TEST(Livelock, SurvivesAnEmptyTrace) {
    EXPECT_FALSE(explain_livelock({}).headline.empty());
    EXPECT_FALSE(explain_step_limit({}).headline.empty());
}

}  // namespace
}  // namespace heddle::checkers
