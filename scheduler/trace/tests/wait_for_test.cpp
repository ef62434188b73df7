#include <heddle/trace/wait_for.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace heddle::trace {
namespace {

using ::testing::HasSubstr;

execution_trace three_threads() {
    execution_trace trace;
    for (const char* const name : {"main", "mover-1", "mover-2"}) {
        thread_record t;
        t.name = name;
        trace.threads.push_back(t);
    }
    for (const char* const name : {"alice", "bob's \"own\""}) {
        object_record o;
        o.kind = object_kind::mutex;
        o.name = name;
        o.named = true;
        trace.objects.push_back(o);
    }
    return trace;
}

std::vector<wait_for> cycle_and_join() {
    return {{.waiter = 0, .owner = 1, .since = 7},
            {.waiter = 1, .object = 1, .owner = 2, .in_cycle = true, .since = 5},
            {.waiter = 2, .object = 0, .owner = 1, .in_cycle = true, .where = {"a.hpp", 9, ""}}};
}

TEST(WaitFor, TextAlignsItsArrows) {
    EXPECT_EQ(wait_for_text(three_threads(), cycle_and_join()),
              "main    --join-->        mover-1\n"
              "mover-1 --bob's \"own\"--> mover-2\n"
              "mover-2 --alice-->       mover-1\n");
}

TEST(WaitFor, TextSaysWhoseOwnerHasEndedAndWhoHasNone) {
    EXPECT_EQ(wait_for_text(three_threads(),
                            {{.waiter = 0, .object = 0, .owner = 2, .owner_exited = true},
                             {.waiter = 1, .object = 0}}),
              "main    --alice--> mover-2 (ended)\n"
              "mover-1 --alice--> (nobody in particular)\n");
}

TEST(WaitFor, DotHasANodeAThreadAndAnEdgeAWait) {
    const std::string dot = wait_for_dot(three_threads(), cycle_and_join());
    EXPECT_EQ(dot,
              "digraph wait_for {\n"
              "  rankdir=LR;\n"
              "  t0 [shape=box, label=\"main\"];\n"
              "  t1 [shape=box, label=\"mover-1\"];\n"
              "  t2 [shape=box, label=\"mover-2\"];\n"
              "  t0 -> t1 [label=\"join\\nsince step 7\"];\n"
              "  t1 -> t2 [label=\"bob's \\\"own\\\"\\nsince step 5\", color=red, penwidth=2];\n"
              "  t2 -> t1 [label=\"alice\\na.hpp:9\", color=red, penwidth=2];\n"
              "}\n");
}

TEST(WaitFor, DotShowsAnObjectWithoutOwnerAndAnEndedOwner) {
    const std::string dot = wait_for_dot(
        three_threads(),
        {{.waiter = 0, .object = 0, .owner = 2, .owner_exited = true}, {.waiter = 1, .object = 1}});
    EXPECT_THAT(dot, HasSubstr("t2 [shape=box, label=\"mover-2 (ended)\", style=dashed];"));
    EXPECT_THAT(dot, HasSubstr("o1 [shape=ellipse, label=\"bob's \\\"own\\\"\"];"));
    EXPECT_THAT(dot, HasSubstr("t1 -> o1 [label=\"waits\", style=dashed];"));
}

TEST(WaitFor, AnEmptyGraphIsAGraph) {
    EXPECT_EQ(wait_for_text({}, {}), "");
    EXPECT_EQ(wait_for_dot({}, {}), "digraph wait_for {\n  rankdir=LR;\n}\n");
}

}  // namespace
}  // namespace heddle::trace
