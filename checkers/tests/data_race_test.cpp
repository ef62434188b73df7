#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <heddle/checkers/data_race.hpp>

#include "reports.hpp"

namespace heddle::checkers {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using trace::operation;
using trace::order;
using trace::stop;
using trace::trace_builder;

// A producer that writes a slot and counts it with `store_order`; a consumer that loads the count
// with `load_order` and reads the slot.
struct message_passing {
    trace_builder t = sample();
    int main = t.thread("main"), producer = t.thread("producer"), consumer = t.thread("consumer");
    int slot = t.var("slots_[0]"), ready = t.atomic("ready_");

    trace::diagnostic run(order store_order, order load_order) {
        const bool releases = store_order == order::release;
        const bool acquires = load_order == order::acquire;
        const std::string put = releases ? "release" : "relaxed";
        const std::string get = acquires ? "acquire" : "relaxed";
        t.nowhere();
        t.spawn(main, producer);
        t.spawn(main, consumer);
        t.at("ring_buffer.hpp", "slots_[" + put + "_head % size] = value;");
        const unsigned write = t.plain_write(producer, slot, 7);
        t.at("ring_buffer.hpp", "ready_.store(" + put + "_head + 1");
        const unsigned store = t.store(producer, ready, 1, store_order);
        t.at("ring_buffer.hpp", "ready_.load(std::memory_order_" + get);
        t.load(consumer, ready, 1, static_cast<int>(store), load_order);
        t.at("ring_buffer.hpp", "value = slots_[" + get + "_tail % size];");
        const unsigned read = t.plain_read(consumer, slot, 7);
        t.stops(stop::data_race, consumer, read, slot, write);
        return explain_data_race(t.trace);
    }
};

TEST(DataRace, NamesTheRelaxedStore) {
    message_passing m;
    const auto d = m.run(order::relaxed, order::acquire);
    EXPECT_EQ(d.slug, "data-race");
    EXPECT_EQ(d.headline,
              "plain (non-atomic) `slots_[0]` is read by `consumer` without synchronization with "
              "the write by `producer`");
    EXPECT_THAT(joined(d.help), HasSubstr("store with `std::memory_order_release`"));
    expect_report("data_race_relaxed_store", m.t.trace, d);
}

TEST(DataRace, NamesTheRelaxedLoad) {
    message_passing m;
    const auto d = m.run(order::release, order::relaxed);
    EXPECT_THAT(joined(d.help), HasSubstr("load with `std::memory_order_acquire`"));
    EXPECT_THAT(joined(d.help), ::testing::Not(HasSubstr("release")));
    expect_report("data_race_relaxed_load", m.t.trace, d);
}

TEST(DataRace, NamesBothWhenBothAreRelaxed) {
    message_passing m;
    const auto d = m.run(order::relaxed, order::relaxed);
    EXPECT_THAT(joined(d.help), HasSubstr("memory_order_release"));
    EXPECT_THAT(joined(d.help), HasSubstr("memory_order_acquire"));
    expect_report("data_race_both_relaxed", m.t.trace, d);
}

TEST(DataRace, NamesTheMutexThatOneSideHolds) {
    trace_builder t = sample();
    const int main = t.thread("main"), worker = t.thread("worker");
    const int count = t.var("count_"), mutex = t.mutex("mutex_");
    t.at("counter_test.cpp", "thread worker");
    t.spawn(main, worker);
    t.at("counter.hpp", "guard guard{mutex_}");
    t.lock(main, mutex);
    t.at("counter.hpp", "count_ = count_ + 1");
    t.plain_write(main, count, 1);
    t.at("counter.hpp", "guard guard{mutex_}");
    const unsigned first = t.unlock(main, mutex);
    t.lock(worker, mutex, static_cast<int>(first));
    t.at("counter.hpp", "count_ = count_ + 1");
    t.plain_read(worker, count, 1);
    const unsigned second = t.plain_write(worker, count, 2);
    t.at("counter.hpp", "return count_");
    const unsigned third = t.plain_read(main, count, 2);
    t.stops(stop::data_race, main, third, count, second);
    const auto d = explain_data_race(t.trace);
    EXPECT_THAT(joined(d.why),
                HasSubstr("`worker` holds `mutex_` at its write, `main` holds no mutex"));
    EXPECT_THAT(joined(d.help), HasSubstr("lock `mutex_` around the read at counter.hpp:11"));
    expect_report("data_race_unlocked_read", t.trace, d);
}

TEST(DataRace, DoesNotAdviseAMutexThatMayGuardSomethingElse) {
    trace_builder t = sample();
    const int main = t.thread("main"), worker = t.thread("worker");
    const int count = t.var("count_"), mutex = t.mutex("log_mutex");
    t.spawn(main, worker);
    t.at("counter.hpp", "count_ = value");
    t.lock(worker, mutex);
    const unsigned write = t.plain_write(worker, count, 1);
    t.at("counter.hpp", "return count_");
    const unsigned read = t.plain_read(main, count, 1);
    t.stops(stop::data_race, main, read, count, write);
    const auto d = explain_data_race(t.trace);
    EXPECT_THAT(joined(d.why), HasSubstr("`worker` holds `log_mutex`"));
    EXPECT_THAT(d.help, IsEmpty());
}

TEST(DataRace, NamesTwoMutexesThatDoNotMeet) {
    trace_builder t = sample();
    const int main = t.thread("main"), worker = t.thread("worker"), other = t.thread("other");
    const int count = t.var("count_"), mutex = t.mutex("mutex_"), second = t.mutex("other_mutex_");
    t.at("counter_test.cpp", "thread worker");
    t.spawn(main, worker);
    t.at("counter_test.cpp", "thread other");
    t.spawn(main, other);
    t.at("counter.hpp", "guard guard{mutex_}");
    t.lock(worker, mutex);
    t.at("counter.hpp", "count_ = count_ + 1");
    t.plain_read(worker, count, 0);
    const unsigned first = t.plain_write(worker, count, 1);
    t.at("counter.hpp", "guard{other_mutex_}");
    t.lock(other, second);
    t.at("counter.hpp", "count_ = value");
    const unsigned write = t.plain_write(other, count, 7);
    t.stops(stop::data_race, other, write, count, first);
    const auto d = explain_data_race(t.trace);
    EXPECT_EQ(d.headline,
              "plain (non-atomic) `count_` is written by `other` without synchronization with the "
              "write by `worker`");
    EXPECT_TRUE(has_label(d, "`worker` locks `mutex_` at step 3"));
    EXPECT_TRUE(has_label(d, "`other` locks `other_mutex_` at step 6"));
    EXPECT_THAT(joined(d.why), HasSubstr("the two writes are guarded by different mutexes"));
    EXPECT_THAT(joined(d.help), HasSubstr("protect `count_` by one mutex"));
    expect_report("data_race_two_mutexes", t.trace, d);
}

TEST(DataRace, SaysThatAChildWasNotJoined) {
    trace_builder t = sample();
    const int main = t.thread("main"), worker = t.thread("worker");
    const int count = t.var("count_");
    t.at("counter_test.cpp", "thread worker");
    t.spawn(main, worker);
    t.at("counter.hpp", "count_ = count_ + 1");
    t.plain_read(worker, count, 0);
    const unsigned write = t.plain_write(worker, count, 1);
    t.at("counter.hpp", "return count_");
    const unsigned read = t.plain_read(main, count, 1);
    t.stops(stop::data_race, main, read, count, write);
    const auto d = explain_data_race(t.trace);
    EXPECT_THAT(joined(d.why), HasSubstr("`main` started `worker` and has not joined it"));
    EXPECT_THAT(d.help, IsEmpty());
    expect_report("data_race_not_joined", t.trace, d);
}

// `main` reads before it joins, and perhaps lets the worker go on only after it has read.
trace::diagnostic read_before_join(bool lets_go) {
    trace_builder t = sample();
    const int main = t.thread("main"), worker = t.thread("worker");
    const int count = t.var("count_"), done = t.atomic("done_");
    t.at("counter_test.cpp", "thread worker");
    t.spawn(main, worker);
    t.at("counter.hpp", "return count_");
    const unsigned read = t.plain_read(main, count, 0);
    if (lets_go) t.store(main, done, 1, order::relaxed);
    t.at("counter_test.cpp", "worker.join");
    t.blocks_in_join(main, worker);
    t.at("counter.hpp", "count_ = value");
    const unsigned write = t.plain_write(worker, count, 1);
    t.stops(stop::data_race, worker, write, count, read);
    return explain_data_race(t.trace);
}

TEST(DataRace, AdvisesToJoinFirst) {
    const auto d = read_before_join(false);
    EXPECT_TRUE(has_label(d, "`main` joins `worker` only here, at step 3"));
    EXPECT_THAT(joined(d.why), HasSubstr("`main` reads `count_` before it joins `worker`"));
    EXPECT_THAT(joined(d.help), HasSubstr("join `worker` (counter_test.cpp:"));
}

TEST(DataRace, DoesNotAdviseAJoinThatMightWaitForEver) {
    const auto d = read_before_join(true);
    EXPECT_TRUE(has_label(d, "`main` joins `worker` only here, at step 4"));
    EXPECT_THAT(d.help, IsEmpty());
}

TEST(DataRace, NamesTheLastStepThatIsKnown) {
    trace_builder t = sample();
    const int main = t.thread("main"), worker = t.thread("worker");
    const int count = t.var("count_");
    t.at("counter_test.cpp", "thread worker");
    t.spawn(main, worker);
    t.at("counter.hpp", "count_ = value");
    const unsigned write = t.plain_write(main, count, 1);
    t.at("counter.hpp", "return count_");
    const unsigned read = t.plain_read(worker, count, 1);
    t.stops(stop::data_race, worker, read, count, write);
    const auto d = explain_data_race(t.trace);
    EXPECT_THAT(joined(d.why), HasSubstr("is step 1, which started `worker` (counter_test.cpp:4); "
                                         "the write comes after it, at step 2"));
}

TEST(DataRace, AReleaseFenceBeforeTheStoreLeavesOnlyTheLoadToBlame) {
    trace_builder t = sample();
    const int main = t.thread("main"), worker = t.thread("worker");
    const int count = t.var("count_"), done = t.atomic("done_", trace::value_format::boolean);
    t.spawn(main, worker);
    t.at("counter.hpp", "count_ = 41");
    const unsigned write = t.plain_write(worker, count, 41);
    t.at("counter.hpp", "std::atomic_thread_fence");
    t.fence(worker, order::release);
    t.at("counter.hpp", "done_.store");
    const unsigned store = t.store(worker, done, 1, order::relaxed);
    t.at("counter.hpp", "while (!done_");
    t.load(main, done, 1, static_cast<int>(store), order::relaxed);
    t.at("counter.hpp", "int seen = count_;");
    const unsigned read = t.plain_read(main, count, 41);
    t.stops(stop::data_race, main, read, count, write);
    const auto d = explain_data_race(t.trace);
    EXPECT_THAT(joined(d.help), HasSubstr("load with `std::memory_order_acquire`"));
    EXPECT_THAT(joined(d.help), ::testing::Not(HasSubstr("release")));
}

TEST(DataRace, NamesFencesOnTheWrongSide) {
    trace_builder t = sample();
    const int main = t.thread("main"), worker = t.thread("worker");
    const int count = t.var("count_"), done = t.atomic("done_", trace::value_format::boolean);
    t.at("counter_test.cpp", "thread worker");
    t.spawn(main, worker);
    t.at("counter.hpp", "Backend::atomic_thread_fence(std::memory_order_release)");
    t.fence(worker, order::release);
    t.at("counter.hpp", "count_ = 42");
    const unsigned write = t.plain_write(worker, count, 42);
    const unsigned store_line = t.last();
    EXPECT_EQ(store_line, write);
    t.at(t.place_of("counter.hpp", "count_ = 42"));
    trace::place next = t.place_of("counter.hpp", "count_ = 42");
    ++next.line;
    t.at(next);
    const unsigned store = t.store(worker, done, 1, order::relaxed);
    t.at("counter.hpp", "Backend::atomic_thread_fence(std::memory_order_acquire)");
    t.fence(main, order::acquire);
    t.at("counter.hpp", "if (done_.load");
    t.load(main, done, 1, static_cast<int>(store), order::relaxed);
    const unsigned read = t.plain_read(main, count, 42);
    t.stops(stop::data_race, main, read, count, write);
    expect_report("data_race_early_fences", t.trace, explain_data_race(t.trace));
}

TEST(DataRace, FollowsAReleaseSequenceThroughUpdates) {
    trace_builder t = sample();
    const int main = t.thread("main"), producer = t.thread("producer"), middle = t.thread("middle");
    const int slot = t.var("slot"), ready = t.atomic("ready");
    t.spawn(main, producer);
    t.spawn(main, middle);
    t.at("ring_buffer.hpp", "slots_[relaxed_head % size] =");
    const unsigned write = t.plain_write(producer, slot, 7);
    t.at("ring_buffer.hpp", "ready_.store(relaxed_head");
    const unsigned store = t.store(producer, ready, 1, order::relaxed);
    const unsigned update = t.update(middle, operation::fetch_add, ready, 1, 2,
                                     static_cast<int>(store), order::relaxed);
    t.at("ring_buffer.hpp", "ready_.load(std::memory_order_acquire");
    t.load(main, ready, 2, static_cast<int>(update), order::acquire);
    t.at("ring_buffer.hpp", "value = slots_[acquire_tail");
    const unsigned read = t.plain_read(main, slot, 7);
    t.stops(stop::data_race, main, read, slot, write);
    const auto d = explain_data_race(t.trace);
    EXPECT_THAT(joined(d.why), HasSubstr("the store its value comes from is relaxed"));
    EXPECT_THAT(joined(d.help), HasSubstr("store with `std::memory_order_release`"));
}

TEST(DataRace, SurvivesATraceWithoutTheOtherAccess) {
    trace_builder t = sample();
    const int main = t.thread("main"), x = t.var("x");
    const unsigned read = t.plain_read(main, x, 0);
    t.stops(stop::data_race, main, read, x, 0);
    EXPECT_THAT(explain_data_race(t.trace).headline, HasSubstr("`x` is accessed by two threads"));
    EXPECT_EQ(explain_data_race({}).slug, "data-race");
}

}  // namespace
}  // namespace heddle::checkers
