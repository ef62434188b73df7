// A replay under gdb: the step to break at, and the stacks of all modelled threads.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "run_program.hpp"

namespace heddle::e2e {
namespace {

using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;

const std::string demo = HEDDLE_DEMO_EXECUTABLE_;

TEST(Debugger, BreaksAtAStepAndListsTheModelledThreads) {
    if (run_in_shell("gdb --version").exit_code != 0) GTEST_SKIP() << "gdb is not installed";
    const program_run found = run({demo, "--program=ab-ba"});
    const std::string schedule = replay_value(replay_line(found.out));
    ASSERT_NE(schedule, "");
    const program_run r = run(
        {"/usr/bin/env", "gdb", "-nx", "-batch", "-ex", "break heddle_break", "-ex", "run", "-ex",
         "source " HEDDLE_GDB_SCRIPT_, "-ex", "heddle-threads", "--args", demo, "--program=ab-ba"},
        {{"HEDDLE_REPLAY", schedule}, {"HEDDLE_BREAK_AT", "6"}});
    EXPECT_THAT(r.out, ContainsRegex("heddle_break \\(step=6\\)"));
    EXPECT_THAT(r.out, AllOf(HasSubstr("main: waits for `forward` to end\n"),
                             ContainsRegex("forward: [a-z]+"), ContainsRegex("backward: [a-z]+")));
    EXPECT_THAT(r.out, AllOf(ContainsRegex("a_then_b.* at .*deadlocks.hpp:[0-9]+"),
                             ContainsRegex("b_then_a.* at .*deadlocks.hpp:[0-9]+")))
        << r.err;
}

TEST(Debugger, RefusesAStepThatIsNone) {
    const program_run r = run({demo, "--program=ab-ba", "--heddle_break_at=soon"});
    EXPECT_EQ(r.exit_code, 2);
    EXPECT_THAT(r.err, HasSubstr("soon"));
}

}  // namespace
}  // namespace heddle::e2e
