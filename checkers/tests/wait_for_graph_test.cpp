#include "wait_for_graph.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "trace_builder.hpp"

namespace heddle::checkers {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;
using trace::none;
using trace::operation;
using trace::trace_builder;

// Thread k holds mutex k and waits for mutex k + 1.
trace_builder ring(int threads) {
    trace_builder t;
    for (int k = 0; k < threads; ++k) {
        t.thread("t" + std::to_string(k));
        t.mutex("m" + std::to_string(k));
    }
    for (int k = 0; k < threads; ++k) t.holds(k, k, t.lock(k, k));
    for (int k = 0; k < threads; ++k) t.blocks(k, operation::lock, (k + 1) % threads);
    return t;
}

TEST(WaitForGraph, EdgesReadWaiterToOwner) {
    const trace_builder t = ring(3);
    const wait_for_graph g(t.trace);
    ASSERT_EQ(g.edges().size(), 3U);
    ASSERT_NE(g.edge_of(0), nullptr);
    EXPECT_EQ(g.edge_of(0)->owner, 1);
    EXPECT_EQ(g.edge_of(0)->object, 1);
    EXPECT_FALSE(g.edge_of(0)->owner_exited);
    EXPECT_EQ(g.edge_of(7), nullptr);
}

TEST(WaitForGraph, FindsARing) {
    for (int n = 1; n <= 5; ++n) {
        const trace_builder t = ring(n);
        EXPECT_EQ(wait_for_graph(t.trace).cycle().size(), static_cast<std::size_t>(n));
        EXPECT_THAT(wait_for_graph(t.trace).roots(), IsEmpty());
    }
}

// It ends by itself, so nobody waits in vain.
TEST(WaitForGraph, ATimedWaitIsNoEdge) {
    trace_builder t = ring(3);
    t.trace.ends[1].timed = true;
    t.trace.ends[1].nanoseconds = 10'000'000;
    const wait_for_graph g(t.trace);
    EXPECT_EQ(g.edge_of(1), nullptr);
    EXPECT_THAT(g.cycle(), IsEmpty());
    EXPECT_THAT(g.roots(), ElementsAre(0));
}

TEST(WaitForGraph, BeginsTheCycleThatTheTraceNames) {
    trace_builder t = ring(3);
    t.trace.cycle = {2, 0, 1};
    EXPECT_THAT(wait_for_graph(t.trace).cycle(), ElementsAre(2, 0, 1));
}

TEST(WaitForGraph, PrefersTheShortestCycle) {
    trace_builder t = ring(3);
    const int extra = t.thread("extra"), mutex = t.mutex("own");
    t.holds(extra, mutex, t.lock(extra, mutex));
    t.blocks(extra, operation::lock, mutex);
    EXPECT_THAT(wait_for_graph(t.trace).cycle(), ElementsAre(extra));
}

TEST(WaitForGraph, AChainHasNoCycleButARoot) {
    trace_builder t;
    const int main = t.thread("main"), worker = t.thread("worker");
    const int mutex = t.mutex("mutex"), ready = t.condition_variable("ready");
    t.lock(worker, mutex);
    t.sleeps(worker, ready, mutex);
    t.blocks_in_join(main, worker);
    const wait_for_graph g(t.trace);
    EXPECT_THAT(g.cycle(), IsEmpty());
    EXPECT_THAT(g.roots(), ElementsAre(worker));
    EXPECT_EQ(g.edge_of(main)->owner, worker);
    EXPECT_EQ(g.edge_of(main)->object, none);
    EXPECT_EQ(g.edge_of(worker)->owner, none);
}

TEST(WaitForGraph, ALockOfAnExitedOwnerIsARoot) {
    trace_builder t;
    const int main = t.thread("main"), worker = t.thread("worker"), mutex = t.mutex("mutex");
    t.holds(worker, mutex, t.lock(worker, mutex));
    t.ends(worker);
    t.blocks(main, operation::lock, mutex);
    const wait_for_graph g(t.trace);
    EXPECT_TRUE(g.edge_of(main)->owner_exited);
    EXPECT_THAT(g.cycle(), IsEmpty());
    EXPECT_THAT(g.roots(), UnorderedElementsAre(main));
}

TEST(WaitForGraph, ThreadsThatRunHaveNoEdge) {
    trace_builder t;
    const int main = t.thread("main"), worker = t.thread("worker"), mutex = t.mutex("mutex");
    t.holds(worker, mutex, t.lock(worker, mutex));
    t.blocks(main, operation::lock, mutex);
    const wait_for_graph g(t.trace);
    EXPECT_EQ(g.edges().size(), 1U);
    EXPECT_EQ(g.edge_of(worker), nullptr);
    EXPECT_THAT(g.cycle(), IsEmpty());
}

TEST(WaitForGraph, AWaitBeginsWithItsFirstStep) {
    trace_builder t;
    const int main = t.thread("main"), mutex = t.mutex("mutex");
    const int changed = t.condition_variable("changed");
    t.lock(main, mutex);
    t.sleeps(main, changed, mutex);
    const std::vector<trace::wait_for> waits = wait_for_graph(t.trace).as_data();
    ASSERT_EQ(waits.size(), 1U);
    EXPECT_EQ(waits[0].since, 2U);  // of steps 2 to 4, the last of which blocks
}

}  // namespace
}  // namespace heddle::checkers
