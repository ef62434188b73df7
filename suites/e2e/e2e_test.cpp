// What a test program prints, and that its findings replay in a new process.
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "run_program.hpp"

namespace heddle::e2e {
namespace {

using testing::AllOf;
using testing::ContainsRegex;
using testing::Field;
using testing::HasSubstr;
using testing::Matcher;
using testing::MatchesRegex;
using testing::Not;
using testing::StartsWith;

Matcher<const program_run&> exits_with(int code) {
    return Field("exit_code", &program_run::exit_code, code);
}

Matcher<const program_run&> prints(const Matcher<const std::string&>& text) {
    return Field("out", &program_run::out, text);
}

program_run run_test(const char* program, const std::string& filter,
                     std::vector<std::string> flags = {}, const environment& variables = {}) {
    flags.insert(flags.begin(), {path_of(program), "--gtest_filter=" + filter});
    return run(flags, variables);
}

// ---- passing tests --------------------------------------------------------------------------

TEST(PassingProgram, PrintsALineForEachExploredTest) {
    const program_run all = run({path_of("e2e_clean")});
    EXPECT_THAT(all, AllOf(exits_with(0), prints(HasSubstr("[  PASSED  ] 5 tests."))));
    EXPECT_THAT(
        all.out,
        AllOf(HasSubstr("[ heddle   ] Clean.MessagePassing: "),
              HasSubstr("[ heddle   ] Clean.TwoUnderALock: "),
              HasSubstr("[ heddle   ] Both.Counter/fibers: "),
              HasSubstr(
                  "[ heddle   ] Both.Counter/real_threads: 1000 repetitions on real threads\n")));
    EXPECT_EQ(count_of(all.out, "[ heddle   ]"), 4);
    EXPECT_EQ(all.err, "");
}

TEST(PassingProgram, ObeysGoogleTestsFlags) {
    EXPECT_THAT(run({path_of("e2e_clean"), "--gtest_list_tests"}),
                AllOf(exits_with(0),
                      prints(HasSubstr("Both.\n  Counter/fibers\n  Counter/real_threads\n"))));
    EXPECT_THAT(run_test("e2e_clean", "Both.Counter/fibers"),
                AllOf(exits_with(0), prints(HasSubstr("[  PASSED  ] 1 test."))));
    EXPECT_THAT(run_test("e2e_clean", "*/real_threads"),
                AllOf(exits_with(0), prints(HasSubstr("[  PASSED  ] 1 test."))));
    EXPECT_THAT(run_test("e2e_clean", "Clean.MessagePassing", {"--gtest_brief=1"}),
                AllOf(exits_with(0), prints(Not(HasSubstr("[ heddle")))));
    const program_run repeated =
        run_test("e2e_clean", "Clean.MessagePassing", {"--gtest_repeat=3"});
    EXPECT_THAT(repeated, exits_with(0));
    EXPECT_EQ(count_of(repeated.out, "[ heddle   ] Clean.MessagePassing: "), 3);
}

TEST(PassingProgram, SaysTheSameWhenRunAgain) {
    const auto line = [](const program_run& r) {
        const std::size_t at = r.out.find("[ heddle   ]");
        return r.out.substr(at, r.out.find('\n', at) - at);
    };
    const std::vector<std::string> flags = {"--heddle_strategy=random",
                                            "--heddle_execution_limit=50"};
    EXPECT_EQ(line(run_test("e2e_clean", "Clean.TwoUnderALock", flags)),
              line(run_test("e2e_clean", "Clean.TwoUnderALock", flags)));
}

// ---- skips ----------------------------------------------------------------------------------

TEST(SkippingProgram, SkipsFromEveryPlaceWithTheReason) {
    const program_run r = run({path_of("e2e_skipping")});
    EXPECT_THAT(r, AllOf(exits_with(0), prints(HasSubstr("[  SKIPPED ] 5 tests, listed below:"))));
    EXPECT_THAT(r.out, AllOf(HasSubstr("not on this machine"), HasSubstr("not on this thread"),
                             HasSubstr("not ready"), HasSubstr("not on any backend")));
    EXPECT_THAT(r.out, AllOf(Not(HasSubstr("[ heddle   ]")), Not(HasSubstr("Failure")),
                             HasSubstr("torn down")));
}

TEST(SkippingProgram, DoesNotRepeatASkippedBodyOnRealThreads) {
    const program_run r = run_test("e2e_skipping", "Skipping.OnBothBackends/real_threads");
    EXPECT_EQ(count_of(r.out, "body ran"), 1);
}

// ---- findings -------------------------------------------------------------------------------

struct finding {
    const char* name;
    const char* slug;
    const char* says;
};

class Finding : public testing::TestWithParam<finding> {};

TEST_P(Finding, IsReportedOnceWithItsReplayLineLast) {
    const finding& f = GetParam();
    const program_run r = run_test("e2e_findings", f.name);
    EXPECT_THAT(r, AllOf(exits_with(1), prints(HasSubstr("[  FAILED  ] " + std::string{f.name}))));
    EXPECT_THAT(headline(r.out), StartsWith("error[" + std::string{f.slug} + "]: "));
    EXPECT_THAT(r.out, HasSubstr(f.says));
    EXPECT_EQ(count_of(r.out, "error["), 1);
    EXPECT_EQ(count_of(r.out, ": Failure\n"), 1);
    EXPECT_THAT(replay_line(r.out),
                StartsWith(path_of("e2e_findings") + " --gtest_filter=" + f.name + " "));
    EXPECT_THAT(replay_value(replay_line(r.out)), MatchesRegex("h1:[-A-Za-z0-9.:_]+"));
    EXPECT_EQ(r.err, "");
}

TEST_P(Finding, ReplaysInANewProcessFromItsLine) {
    const program_run first = run_test("e2e_findings", GetParam().name);
    const program_run again = run_in_shell(replay_line(first.out));
    EXPECT_THAT(again, exits_with(1));
    EXPECT_EQ(headline(again.out), headline(first.out));
    EXPECT_THAT(again.out, HasSubstr(GetParam().says));
    EXPECT_EQ(replay_line(again.out), replay_line(first.out));
}

TEST_P(Finding, ReplaysFromTheEnvironment) {
    const program_run first = run_test("e2e_findings", GetParam().name);
    const program_run again = run_test("e2e_findings", GetParam().name, {},
                                       {{"HEDDLE_REPLAY", replay_value(replay_line(first.out))}});
    EXPECT_THAT(again, exits_with(1));
    EXPECT_EQ(headline(again.out), headline(first.out));
    EXPECT_EQ(replay_line(again.out), replay_line(first.out));
}

TEST_P(Finding, ReplaysBySeedAndExecution) {
    for (const char* const strategy : {"exhaustive", "depth_first", "random", "pct", "pct:2"}) {
        const std::vector<std::string> flags = {std::string{"--heddle_strategy="} + strategy,
                                                "--heddle_seed=5"};
        const program_run first = run_test("e2e_findings", GetParam().name, flags);
        EXPECT_THAT(first, exits_with(1)) << strategy;
        const std::size_t at = first.out.find("found: execution ");
        ASSERT_NE(at, std::string::npos) << first.out;
        const std::string execution = std::to_string(std::stoull(first.out.substr(at + 17)));
        std::vector<std::string> replay = flags;
        replay.push_back("--heddle_replay=5:" + execution);
        const program_run again = run_test("e2e_findings", GetParam().name, replay);
        EXPECT_THAT(again, exits_with(1)) << strategy;
        EXPECT_EQ(headline(again.out), headline(first.out)) << strategy;
        EXPECT_EQ(replay_line(again.out), replay_line(first.out)) << strategy;
    }
}

INSTANTIATE_TEST_SUITE_P(
    OfATest, Finding,
    testing::Values(finding{"Findings.Race", "data-race", "`count`"},
                    finding{"Findings.Deadlock", "deadlock", "`mover`"},
                    finding{"Findings.ExpectOnAnotherThread", "assertion",
                            "x was written before it was read"},
                    finding{"Findings.AssertEndsItsFunction", "assertion", "arithmetic"},
                    finding{"Findings.Exception", "exception", "thrown by the body"},
                    finding{"Account.LosesAnUpdate", "assertion", "balance_.load()"}),
    [](const testing::TestParamInfo<finding>& instance) {
        const std::string name = instance.param.name;
        return name.substr(name.find('.') + 1);
    });

TEST(FailingProgram, ReportsBothBackends) {
    EXPECT_THAT(run_test("e2e_findings", "Both.*/fibers"),
                AllOf(exits_with(1), prints(HasSubstr("error[assertion]"))));
    EXPECT_THAT(run_test("e2e_findings", "Both.*/real_threads"),
                AllOf(exits_with(1),
                      prints(HasSubstr("failed in repetition 1 of 1000 on real threads\n"))));
}

TEST(FailingProgram, ReplayOfADisabledTestRunsIt) {
    const program_run r = run_test("e2e_findings", "Findings.DISABLED_Assertion",
                                   {"--gtest_also_run_disabled_tests"});
    EXPECT_THAT(r, exits_with(1));
    EXPECT_THAT(run_in_shell(replay_line(r.out)),
                AllOf(exits_with(1), prints(HasSubstr("error[assertion]"))));
}

TEST(FailingProgram, ReplayOfASecondExplorationNamesIt) {
    const program_run r = run_test("e2e_findings", "Plain.SecondOfTwo");
    EXPECT_THAT(r, exits_with(1));
    EXPECT_THAT(replay_value(replay_line(r.out)), StartsWith("2@h1:"));
    const program_run again = run_in_shell(replay_line(r.out));
    EXPECT_THAT(again, AllOf(exits_with(1), prints(HasSubstr("error[assertion]"))));
    EXPECT_EQ(replay_line(again.out), replay_line(r.out));
}

TEST(FailingProgram, ReplayLineIsQuotedForTheShell) {
    const std::filesystem::path folder =
        std::filesystem::temp_directory_path() / ("heddle e2e's " + std::to_string(getpid()));
    std::filesystem::create_directories(folder);
    const std::filesystem::path link = folder / "findings";
    std::filesystem::create_symlink(path_of("e2e_findings"), link);
    const program_run r = run({link.string(), "--gtest_filter=Findings.Race"});
    EXPECT_THAT(run_in_shell(replay_line(r.out)),
                AllOf(exits_with(1), prints(HasSubstr("error[data-race]"))));
    std::filesystem::remove_all(folder);
}

TEST(FailingProgram, ShowsNoTraceOfDroppedExecutions) {
    const program_run r =
        run_test("e2e_findings", "Findings.AfterDroppedExecutions", {"--heddle_strategy=random"});
    EXPECT_THAT(r, exits_with(1));
    EXPECT_EQ(count_of(r.out, "of the failing execution"), 1);
    EXPECT_THAT(r.out, Not(HasSubstr("left by a dropped execution")));
}

TEST(FailingProgram, RepeatsWithTheSameReport) {
    const program_run r = run_test("e2e_findings", "Findings.Deadlock", {"--gtest_repeat=2"});
    EXPECT_THAT(r, exits_with(1));
    EXPECT_EQ(count_of(r.out, headline(r.out)), 2);
    EXPECT_EQ(count_of(r.out, replay_line(r.out)), 2);
}

// ---- replay of another program --------------------------------------------------------------

TEST(ChangedProgram, RefusesTheScheduleWithTheFirstDifference) {
    const program_run before = run_test("e2e_version_1", "Changing.Test");
    EXPECT_THAT(before, exits_with(1));
    const std::string schedule = replay_value(replay_line(before.out));
    const program_run after =
        run_test("e2e_version_2", "Changing.Test", {"--heddle_replay=" + schedule});
    EXPECT_THAT(after, exits_with(1));
    EXPECT_THAT(after.out, AllOf(HasSubstr("another program"),
                                 ContainsRegex("first difference at step [0-9]+")));
    EXPECT_THAT(headline(after.out), Not(HasSubstr("error[assertion]")));
}

TEST(ChangedProgram, AcceptsItsOwnSchedule) {
    const program_run r = run_test("e2e_version_2", "Changing.Test");
    EXPECT_THAT(run_in_shell(replay_line(r.out)),
                AllOf(exits_with(1), prints(HasSubstr("error[assertion]"))));
}

// ---- XML and JSON ---------------------------------------------------------------------------

std::string file_written_by(const char* program, const std::string& filter,
                            const std::string& format) {
    const std::string path =
        testing::TempDir() + "heddle_e2e_" + std::to_string(getpid()) + "." + format;
    run_test(program, filter, {"--gtest_output=" + format + ":" + path});
    std::ostringstream text;
    text << std::ifstream{path}.rdbuf();
    std::remove(path.c_str());
    return text.str();
}

TEST(Xml, HoldsThePropertiesOfAPassingTest) {
    EXPECT_THAT(file_written_by("e2e_clean", "Clean.MessagePassing", "xml"),
                AllOf(HasSubstr(R"(<property name="verdict" value="ok"/>)"),
                      ContainsRegex(R"(<property name="executions" value="[1-9][0-9]*"/>)"),
                      HasSubstr(R"(<property name="exhausted" value="true"/>)"),
                      HasSubstr(R"(<property name="seed" value="1"/>)"),
                      Not(HasSubstr(R"(name="replay")"))));
}

TEST(Xml, HoldsTheReplayOfAFailingTest) {
    EXPECT_THAT(file_written_by("e2e_findings", "Findings.Race", "xml"),
                AllOf(HasSubstr(R"(<property name="verdict" value="data_race"/>)"),
                      HasSubstr(R"(<property name="exhausted" value="false"/>)"),
                      ContainsRegex(R"(<property name="replay" value="h1:[-A-Za-z0-9.:_]+"/>)"),
                      HasSubstr("error[data-race]")));
}

TEST(Json, HoldsTheProperties) {
    EXPECT_THAT(file_written_by("e2e_clean", "Clean.MessagePassing", "json"),
                AllOf(HasSubstr(R"("verdict": "ok")"), HasSubstr(R"("exhausted": "true")"),
                      HasSubstr(R"("seed": "1")")));
}

}  // namespace
}  // namespace heddle::e2e
