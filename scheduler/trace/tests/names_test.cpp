#include <gtest/gtest.h>

#include <heddle/trace/names.hpp>

#include "trace_builder.hpp"

namespace heddle::trace {
namespace {

trace_builder sample() { return trace_builder(std::string(HEDDLE_TEST_DIR) + "/programs"); }

TEST(Names, OfTheUserComeFirst) {
    trace_builder t = sample();
    t.thread("main");
    t.thread("mover-1");
    t.at("queue.hpp", "mutex mutex_;");
    t.mutex("alice.mutex_");
    const name_table names(t.trace);
    EXPECT_EQ(names.thread(1), "mover-1");
    EXPECT_EQ(names.object(0), "alice.mutex_");
    EXPECT_FALSE(names.numbered(0));
}

TEST(Names, AreCutFromTheDeclaration) {
    trace_builder t = sample();
    t.at("queue.hpp", "mutex mutex_;");
    t.mutex("");
    t.unnamed("mutex-1");
    t.at("queue.hpp", "atomic<bool> closed_");
    t.atomic("");
    t.unnamed("atomic-1");
    const name_table names(t.trace);
    EXPECT_EQ(names.object(0), "mutex_");
    EXPECT_EQ(names.object(1), "closed_");
}

TEST(Names, AreCutFromTheUsesWhereTheyAgree) {
    trace_builder t = sample();
    const int main = t.thread("main");
    const int count = t.atomic("");
    t.unnamed("atomic-1");
    const int mutex = t.mutex("");
    t.unnamed("mutex-1");
    t.at("queue.hpp", "count_.store");
    t.store(main, count, 1);
    t.at("queue.hpp", "lock_guard");
    t.lock(main, mutex);
    const name_table names(t.trace);
    EXPECT_EQ(names.object(count), "count_");
    EXPECT_EQ(names.object(mutex), "mutex_");
}

TEST(Names, OfPlainDataAreNotTakenFromTheCallOfAnAtomic) {
    trace_builder t = sample();
    const int main = t.thread("main"), count = t.atomic("");
    t.unnamed("atomic-1");
    const int items = t.var("");
    t.unnamed("var-1");
    t.at("queue.hpp", "count_.store");
    t.plain_write(main, items, 1);
    t.store(main, count, 1);
    const name_table names(t.trace);
    EXPECT_EQ(names.object(count), "count_");
    EXPECT_EQ(names.object(items), "var-1");
}

TEST(Names, AreFoundByTheWriteWhereTheReadOfALineHasNone) {
    trace_builder t = sample();
    const int main = t.thread("main"), items = t.var("");
    t.unnamed("var-1");
    t.at("queue.hpp", "items_ = value");
    t.plain_read(main, items, 0);
    t.plain_write(main, items, 1);
    EXPECT_EQ(name_table(t.trace).object(items), "items_");
}

TEST(Names, FallBackToKindAndNumber) {
    trace_builder t = sample();
    const int main = t.thread("main");
    const int atomic = t.atomic("");
    t.unnamed("atomic-1");
    t.at("queue.hpp", "count_.store");
    t.store(main, atomic, 1);
    t.at("queue.hpp", "closed_.store");
    t.store(main, atomic, 1);
    const int mutex = t.mutex("");
    t.unnamed("");
    const name_table names(t.trace);
    EXPECT_EQ(names.object(atomic), "atomic-1");
    EXPECT_EQ(names.object(mutex), "mutex-2");
}

TEST(Names, OfTwoObjectsDiffer) {
    trace_builder t = sample();
    t.at("queue.hpp", "mutex mutex_;");
    for (int k = 0; k < 2; ++k) {
        t.mutex("");
        t.unnamed("mutex-" + std::to_string(k + 1));
    }
    const name_table names(t.trace);
    EXPECT_EQ(names.object(0), "mutex_#1");
    EXPECT_EQ(names.object(1), "mutex_#2");
    EXPECT_TRUE(names.numbered(1));
}

TEST(Names, TheWaitersOfAnAtomicGoByItsName) {
    trace_builder t;
    t.atomic("gate");
    t.condition_variable("gate");
    t.condition_variable("ready");
    const name_table names(t.trace);
    EXPECT_EQ(names.object(0), "gate");
    EXPECT_EQ(names.object(1), "gate");
    EXPECT_EQ(atomic_waited_on(t.trace, 1), 0);
    EXPECT_EQ(atomic_waited_on(t.trace, 0), none);
    EXPECT_EQ(atomic_waited_on(t.trace, 2), none);
    EXPECT_EQ(atomic_waited_on(t.trace, 9), none);
}

TEST(Names, OfWhatIsNotInTheTraceSaySo) {
    const name_table names{execution_trace{}};
    EXPECT_EQ(names.thread(none), "an unknown thread");
    EXPECT_EQ(names.object(3), "an unknown object");
    EXPECT_FALSE(names.numbered(3));
}

TEST(Names, ThreadsWithoutANameHaveANumber) {
    execution_trace trace;
    trace.threads.resize(3);
    const name_table names(trace);
    EXPECT_EQ(names.thread(0), "main");
    EXPECT_EQ(names.thread(2), "thread-2");
}

}  // namespace
}  // namespace heddle::trace
