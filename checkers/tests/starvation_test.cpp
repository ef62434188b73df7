#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <heddle/checkers/starvation.hpp>

#include "reports.hpp"

namespace heddle::checkers {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using trace::operation;
using trace::stop;
using trace::thread_state;
using trace::trace_builder;

// Two workers take a spin lock in turn, and main never does.
trace_builder never_taken() {
    trace_builder t = sample();
    const int main = t.thread("main"), one = t.thread("one"), two = t.thread("two");
    const int taken = t.atomic("taken_", trace::value_format::boolean);
    const auto exchange = [&](int thread, bool before, int from = trace::none) {
        t.at("spin.hpp", "taken_.exchange(true)");
        t.update(thread, operation::exchange, taken, before, 1, from);
    };
    const auto release = [&](int thread) {
        t.at("spin.hpp", "taken_.store(false)");
        return t.store(thread, taken, 0);
    };
    t.at("pool_test.cpp", "thread worker");
    t.spawn(main, one);
    t.at("pool_test.cpp", "thread second");
    t.spawn(main, two);
    exchange(one, false);
    t.trace.cycle_from = t.last() + 1;
    release(one);
    exchange(two, false);
    exchange(main, true);
    release(two);
    exchange(one, false);
    t.trace.step_limit = 20'000;
    t.stops(stop::starvation, main, 7, taken);
    t.trace.ends[main].state = thread_state::runnable;
    return t;
}

TEST(Starvation, SaysWhatIsTriedAndWhoIsFaster) {
    const trace_builder t = never_taken();
    const auto d = explain_starvation(t.trace);
    EXPECT_EQ(d.slug, "starvation");
    EXPECT_EQ(d.reason, "retries");
    EXPECT_EQ(d.severity, trace::severity::warning);
    EXPECT_EQ(d.headline,
              "`main` starves: it waits for `taken_` for ever while `one` and `two` go on");
    EXPECT_TRUE(has_label(d,
                          "`main` performs `taken_.exchange(true) -> true` at step 6, the same "
                          "in every round"));
    EXPECT_TRUE(has_label(d, "`two` changes `taken_` from false to true at step 5, before that"));
    EXPECT_THAT(joined(d.why), HasSubstr("the steps 4 to "));
    EXPECT_THAT(joined(d.notes), HasSubstr("up to the step limit of 20000"));
    expect_report("starvation_retries", t.trace, d);
}

TEST(Starvation, SaysWhereAThreadWaits) {
    trace_builder t = sample();
    const int main = t.thread("main"), worker = t.thread("worker");
    const int mutex = t.mutex("mutex_"), ready = t.condition_variable("jobs_ready_");
    const int pending = t.atomic("pending_");
    t.at("pool_test.cpp", "thread worker");
    t.spawn(main, worker);
    t.at("pool.hpp", "while (pending_.load() != 0)");
    t.sleeps(main, ready, mutex);
    t.trace.cycle_from = t.last() + 1;
    t.at("pool.hpp", "pending_.fetch_add(1)");
    t.update(worker, operation::fetch_add, pending, 1, 2);
    t.at("pool.hpp", "pending_.fetch_sub(1)");
    t.update(worker, operation::fetch_sub, pending, 2, 1);
    t.trace.step_limit = 20'000;
    t.stops(stop::starvation, main, 2, ready);
    const auto d = explain_starvation(t.trace);
    EXPECT_EQ(d.reason, "waits");
    EXPECT_EQ(d.headline,
              "`main` starves: it waits on `jobs_ready_` for ever while `worker` goes on");
    EXPECT_THAT(joined(d.why), HasSubstr("nobody wakes it"));
    expect_report("starvation_waits", t.trace, d);
}

TEST(Starvation, HasAHeadlineWhateverItIsGiven) {
    trace_builder t;
    t.thread("main");
    t.stops(stop::starvation, 0, 0);
    const auto d = explain_starvation(t.trace);
    EXPECT_FALSE(d.headline.empty());
    EXPECT_THAT(d.help, IsEmpty());
}

}  // namespace
}  // namespace heddle::checkers
