// Flags, environment and help of real programs, with each kind of main.
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "run_program.hpp"

namespace heddle::e2e {
namespace {

using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

struct refused {
    const char* flag;      // "" : none
    const char* variable;  // "" : none
    const char* value;
    const char* names;
    const char* expects;
};

class Refused : public testing::TestWithParam<refused> {};

// Whatever the main: exit code 2, one line on stderr that names the option, the value and what
// would be right, and no test run.
TEST_P(Refused, EndsTheProgramWithCode2) {
    const refused& p = GetParam();
    for (const char* const program : {"e2e_clean", "e2e_own_main", "e2e_plain_main"}) {
        std::vector<std::string> words{path_of(program)};
        environment variables;
        if (*p.flag != '\0') words.emplace_back(p.flag);
        if (*p.variable != '\0') variables.emplace_back(p.variable, p.value);
        const program_run r = run(words, variables);
        EXPECT_EQ(r.exit_code, 2) << program;
        EXPECT_THAT(r.err, AllOf(StartsWith("heddle: "), HasSubstr(p.names), HasSubstr(p.value),
                                 HasSubstr(p.expects)));
        EXPECT_EQ(count_of(r.err, "\n"), 1) << r.err;
        EXPECT_THAT(r.out, Not(HasSubstr("[ RUN")));
    }
}

INSTANTIATE_TEST_SUITE_P(
    Flags, Refused,
    testing::Values(
        refused{"--heddle_step_limit=0", "", "0", "`--heddle_step_limit`", "1 to 30000"},
        refused{"--heddle_seed=-1", "", "`-1`", "`--heddle_seed`", "or random"},
        refused{"--heddle_seed", "", "", "`--heddle_seed`", "needs a value"},
        refused{"--heddle_strategy=exaustive", "", "`exaustive`", "`--heddle_strategy`",
                "`exhaustive`"},
        refused{"--heddle_time_limit=5m", "", "`5m`", "`--heddle_time_limit`", "1500ms or 2s"},
        refused{"--heddle_replay=h1:nonsense!", "", "nonsense", "`--heddle_replay`", ""},
        refused{"--heddle_replay=yesterday", "", "`yesterday`", "`--heddle_replay`",
                "SEED:EXECUTION"},
        refused{"--heddle_sead=7", "", "", "`--heddle_sead`", "did you mean `--heddle_seed`?"}));

INSTANTIATE_TEST_SUITE_P(
    Environment, Refused,
    testing::Values(
        refused{"", "HEDDLE_STEP_LIMIT", "many", "`HEDDLE_STEP_LIMIT`", "1 to 30000"},
        refused{"", "HEDDLE_MEMORY_MODEL", "tso", "`HEDDLE_MEMORY_MODEL`", "cpp20, rc11 or sc"},
        refused{"", "HEDDLE_REPLAY", "7", "`HEDDLE_REPLAY`", "SEED:EXECUTION"},
        refused{"", "HEDDLE_SEDE", "", "`HEDDLE_SEDE`", "did you mean `HEDDLE_SEED`?"}));

TEST(Flags, AreTakenOutOfTheArguments) {
    const program_run r =
        run({path_of("e2e_own_main"), "--heddle_seed=7", "input.txt", "--heddle_keep_going"});
    EXPECT_EQ(r.exit_code, 0);
    EXPECT_THAT(r.out, AllOf(HasSubstr("left: input.txt\n"), Not(HasSubstr("left: --heddle"))));
}

TEST(Flags, WinOverTheEnvironment) {
    const environment variables{{"HEDDLE_SEED", "11"}, {"HEDDLE_APPROVE", "1"}};
    EXPECT_THAT(run({path_of("e2e_plain_main")}).out, HasSubstr(" seed 1\n"));
    EXPECT_THAT(run({path_of("e2e_plain_main")}, variables).out, HasSubstr(" seed 11\n"));
    EXPECT_THAT(run({path_of("e2e_plain_main"), "--heddle_seed=12"}, variables).out,
                HasSubstr(" seed 12\n"));
}

TEST(Flags, ADrawnSeedIsPrintedAndUsed) {
    const program_run r = run({path_of("e2e_plain_main"), "--heddle_seed=random"});
    ASSERT_THAT(r.err, ContainsRegex("--heddle_seed=[0-9]+ repeats it"));
    const std::size_t begin = r.err.find("--heddle_seed=") + 14;
    EXPECT_THAT(r.out,
                HasSubstr(" seed " + r.err.substr(begin, r.err.find(' ', begin) - begin) + "\n"));
}

TEST(Help, ListsTheOptionsOfHeddleAndOfGoogleTest) {
    for (const char* const program : {"e2e_clean", "e2e_own_main"}) {
        const program_run r = run({path_of(program), "--help"});
        EXPECT_EQ(r.exit_code, 0) << program;
        EXPECT_THAT(r.out,
                    AllOf(HasSubstr("--heddle_seed=N"), HasSubstr("--heddle_memory_model=NAME"),
                          HasSubstr("(default 20000)"), HasSubstr("--gtest_filter="),
                          Not(HasSubstr("[ RUN"))));
        EXPECT_EQ(count_of(r.out, "--heddle_step_limit="), 1);
    }
    EXPECT_THAT(run({path_of("e2e_plain_main"), "--help"}).out, HasSubstr("--heddle_seed=N"));
}

TEST(PlainMain, FindsAndReplaysWithoutGoogleTest) {
    const program_run first = run({path_of("e2e_plain_main")});
    EXPECT_EQ(first.exit_code, 1);
    EXPECT_THAT(first.out, AllOf(StartsWith("assertion "), HasSubstr("read after the write")));
    EXPECT_THAT(replay_line(first.out), StartsWith("HEDDLE_REPLAY=h1:"));
    const program_run again = run_in_shell(replay_line(first.out));
    EXPECT_EQ(again.exit_code, 1);
    EXPECT_EQ(headline(again.out), headline(first.out));
}

}  // namespace
}  // namespace heddle::e2e
