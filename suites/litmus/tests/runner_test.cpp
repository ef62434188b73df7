#include <gmock/gmock.h>

#include <heddle/litmus/parser.hpp>
#include <heddle/litmus/runner.hpp>

namespace heddle::litmus {
namespace {

using ::testing::IsEmpty;
using ::testing::Key;
using ::testing::UnorderedElementsAre;

constexpr const char* store_buffering =
    "x.store(1,sc); r0=y.load(sc) | y.store(1,sc); r1=x.load(sc)";
constexpr const char* relaxed_store_buffering =
    "x.store(1,rlx); r0=y.load(rlx) | y.store(1,rlx); r1=x.load(rlx)";

row_result run_in(const char* text, memory_model model, search_strategy strategy = {}) {
    run_options options;
    options.model = model;
    options.strategy = strategy;
    return run(parse(text), options);
}

TEST(Runner, CountsGraphsNotInterleavings) {
    const row_result r = run_in(store_buffering, memory_model::cpp20);
    EXPECT_EQ(r.graphs, 3U);
    EXPECT_EQ(r.outcomes.size(), 3U);
    EXPECT_TRUE(r.exhausted);
    EXPECT_THAT(r.note, IsEmpty());
}

TEST(Runner, GivesTheModelToTheEngine) {
    EXPECT_EQ(run_in(relaxed_store_buffering, memory_model::sc).graphs, 3U);
    EXPECT_EQ(run_in(relaxed_store_buffering, memory_model::rc11).graphs, 4U);
    EXPECT_EQ(run_in(relaxed_store_buffering, memory_model::cpp20).graphs, 4U);
}

TEST(Runner, FindsTheSameOutcomesInterleavingByInterleaving) {
    const row_result graphs = run_in(store_buffering, memory_model::sc);
    const row_result executions =
        run_in(store_buffering, memory_model::sc, search_strategy::depth_first);
    EXPECT_TRUE(executions.exhausted);
    EXPECT_GT(executions.graphs, graphs.graphs);
    ASSERT_EQ(executions.outcomes.size(), graphs.outcomes.size());
    for (const auto& [outcome, count] : graphs.outcomes) {
        EXPECT_EQ(count, 1U) << outcome;
        EXPECT_TRUE(executions.outcomes.contains(outcome)) << outcome;
    }
}

TEST(Runner, CountsDeadlocksApart) {
    const row_result r =
        run_in("lock(a); lock(b); unlock(b); unlock(a) | lock(b); lock(a); unlock(a); unlock(b)",
               memory_model::cpp20);
    EXPECT_EQ(r.deadlocks, 1U);
    EXPECT_EQ(r.graphs, 2U);
}

TEST(Runner, ReportsARaceOfPlainAccesses) {
    EXPECT_TRUE(run_in("x.store(1,na) | r0=x.load(na)", memory_model::cpp20).race);
    EXPECT_FALSE(run_in("x.store(1,rlx) | r0=x.load(rlx)", memory_model::cpp20).race);
}

// In the graphs in which both threads come through; another graph is a deadlock.
TEST(Runner, ReportsARaceBesideADeadlock) {
    const char* const text =
        "lock(a); lock(b); unlock(b); unlock(a); x=1 | lock(b); lock(a); unlock(a); unlock(b); x=2";
    for (const search_strategy s : {search_strategy::exhaustive, search_strategy::depth_first}) {
        const row_result r = run_in(text, memory_model::cpp20, s);
        EXPECT_TRUE(r.race);
        EXPECT_GT(r.deadlocks, 0U);
        EXPECT_TRUE(r.exhausted);
    }
}

TEST(Runner, CountsAThreadThatWaitsForItselfOnceAGraph) {
    const row_result r =
        run_in("lock(m); lock(m) | x.store(1,rlx) | r0=x.load(rlx)", memory_model::cpp20);
    EXPECT_EQ(r.graphs, 0U);
    EXPECT_EQ(r.deadlocks, 2U);
    EXPECT_TRUE(r.exhausted);
    EXPECT_FALSE(r.race);
    EXPECT_TRUE(run_in("lock(m); x=1; lock(m) | x=2", memory_model::cpp20).race);
}

TEST(Runner, SaysWhatStoppedTheSearch) {
    run_options options;
    options.execution_limit = 2;
    const row_result r = run(parse(store_buffering), options);
    EXPECT_FALSE(r.exhausted);
    EXPECT_EQ(r.executions, 2U);
    EXPECT_NE(r.note, "");
}

TEST(Runner, SamplesTheSameExecutionsForTheSameSeed) {
    run_options options;
    options.strategy = search_strategy::random;
    options.execution_limit = 50;
    options.seed = 7;
    const program p = parse(store_buffering);
    const row_result first = run(p, options);
    EXPECT_EQ(first.executions, 50U);
    EXPECT_EQ(run(p, options).outcomes, first.outcomes);
    options.seed = 8;
    EXPECT_NE(run(p, options).outcomes, first.outcomes);
}

}  // namespace
}  // namespace heddle::litmus
