// Bodies that end the process, or never end: what is said before, how the process dies, that the
// line replays it, and that an isolated search leaves the tests after it alone.
#include <csignal>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "run_program.hpp"
#include "sanitizers.hpp"

namespace heddle::e2e {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;
using testing::StartsWith;

using testing_support::under_address_sanitizer;
using testing_support::under_thread_sanitizer;
constexpr bool sanitized = under_address_sanitizer || under_thread_sanitizer;

program_run run_odd(const std::string& test, std::vector<std::string> flags = {},
                    const environment& variables = {}) {
    flags.insert(flags.begin(), {path_of("e2e_odd_ends"),
                                 "--gtest_filter=OddEnds." + test + ":OddEndsDone.Clean"});
    return run(flags, variables);
}

// ---- crashes ----------------------------------------------------------------------------------

struct crash {
    const char* test;
    int signal;  // 0: exit code 7
    const char* headline;
};

void PrintTo(const crash& c, std::ostream* out) { *out << c.test; }

// Under ThreadSanitizer the fork that explains a crash dies itself: the report is the brief one.
class Crash : public testing::TestWithParam<crash> {
protected:
    void SetUp() override {
        if (under_thread_sanitizer) GTEST_SKIP() << "no crash is explained under ThreadSanitizer";
    }
    // Dead as it would be without heddle. Sanitizers have handlers of their own, which exit.
    static void expect_death(const program_run& r) {
        if (GetParam().signal == 0) {
            EXPECT_EQ(r.exit_code, 7);
        } else if (!sanitized || GetParam().signal == SIGABRT) {
            EXPECT_EQ(r.signal, GetParam().signal);
        } else {
            EXPECT_NE(r.exit_code, 0);
        }
    }
    static std::string headline_of_it() {
        return "error[crash]: " + std::string{GetParam().headline};
    }
};

TEST_P(Crash, IsReportedWithItsReplayLineBeforeTheProcessDies) {
    const program_run r = run_odd(GetParam().test);
    expect_death(r);
    EXPECT_EQ(headline(r.err), headline_of_it());
    EXPECT_EQ(count_of(r.err, "error["), 1);
    EXPECT_THAT(r.err, AllOf(HasSubstr("`mover` is here after step 4"),
                             HasSubstr("`mover` reads 1 from `x` at step 4")));
    EXPECT_THAT(replay_line(r.err), StartsWith(path_of("e2e_odd_ends") +
                                               " --gtest_filter=OddEnds." + GetParam().test + " "));
    EXPECT_THAT(replay_value(replay_line(r.err)), MatchesRegex("h1:[-A-Za-z0-9.:_]+"));
}

TEST_P(Crash, ReplaysInANewProcessFromItsLine) {
    const program_run first = run_odd(GetParam().test);
    const program_run again = run_in_shell("exec " + replay_line(first.err));
    expect_death(again);
    EXPECT_EQ(headline(again.err), headline_of_it());
    EXPECT_EQ(replay_line(again.err), replay_line(first.err));
}

TEST_P(Crash, IsAVerdictOfAnIsolatedSearch) {
    const program_run r = run_odd(GetParam().test, {}, {{"HEDDLE_ISOLATE", "1"}});
    EXPECT_EQ(r.exit_code, 1);
    EXPECT_EQ(headline(r.out), headline_of_it());
    EXPECT_EQ(count_of(r.out, ": Failure\n"), 1);
    EXPECT_THAT(r.out, AllOf(HasSubstr("[  FAILED  ] OddEnds." + std::string{GetParam().test}),
                             HasSubstr("[       OK ] OddEndsDone.Clean"),
                             HasSubstr("proved: every behaviour visited, 2 executions")));
    const program_run again = run_in_shell(replay_line(r.out), {{"HEDDLE_ISOLATE", "1"}});
    EXPECT_EQ(again.exit_code, 1);
    EXPECT_EQ(headline(again.out), headline_of_it());
    EXPECT_EQ(replay_line(again.out), replay_line(r.out));
}

INSTANTIATE_TEST_SUITE_P(
    OfATest, Crash,
    testing::Values(
        crash{"NullPointer", SIGSEGV, "`mover` follows a null pointer (SIGSEGV)"},
        crash{"WildPointer", SIGSEGV, "`mover` accesses memory that is not its own (SIGSEGV)"},
        crash{"StackOverflow", SIGSEGV, "`mover` overflows its stack (SIGSEGV)"},
        crash{"Division", SIGFPE, "`mover` performs a division without a result (SIGFPE)"},
        crash{"Trap", SIGILL, "`mover` runs into an illegal instruction (SIGILL)"},
        crash{"BeyondTheFile", SIGBUS, "`mover` accesses memory that is not there (SIGBUS)"},
        crash{"Abort", SIGABRT, "`mover` calls abort (SIGABRT)"},
        crash{"ThrowWhileUnwinding", SIGABRT, "`mover` ends in std::terminate (SIGABRT)"},
        crash{"ThrowFromNoexcept", SIGABRT, "`mover` ends in std::terminate (SIGABRT)"},
        crash{"RaisesSIGTERM", SIGTERM, "`mover` raises SIGTERM"},
        crash{"RaisesSIGINT", SIGINT, "`mover` raises SIGINT"},
        crash{"RaisesSIGUSR2", SIGUSR2, "`mover` raises SIGUSR2"},
        crash{"RaisesSIGALRM", SIGALRM, "`mover` raises SIGALRM"},
        crash{"RaisesSIGXCPU", SIGXCPU, "`mover` raises SIGXCPU"},
        crash{"RaisesSIGTRAP", SIGTRAP, "`mover` raises SIGTRAP"},
        crash{"RaisesSIGPIPE", SIGPIPE, "`mover` raises SIGPIPE"},
        crash{"Exit", 0, "`mover` ends the process by exit"},
        crash{"QuickExit", 0, "`mover` ends the process by exit"},
        crash{"ImmediateExit", 0, "`mover` ends the process by exit"}),
    [](const testing::TestParamInfo<crash>& instance) { return instance.param.test; });

TEST(CrashReport, IsMadeByEveryStrategyAndReplaysByNumber) {
    for (const char* const strategy : {"exhaustive", "depth_first", "random", "pct"}) {
        const std::vector<std::string> flags = {std::string{"--heddle_strategy="} + strategy,
                                                "--heddle_seed=5"};
        const program_run first = run_odd("NullPointer", flags);
        const std::size_t at = first.err.find("found: execution ");
        ASSERT_NE(at, std::string::npos) << strategy;
        std::vector<std::string> replay = flags;
        replay.push_back("--heddle_replay=5:" +
                         std::to_string(std::stoull(first.err.substr(at + 17))));
        const program_run again = run_odd("NullPointer", replay);
        EXPECT_EQ(headline(again.err), headline(first.err)) << strategy;
        EXPECT_EQ(replay_line(again.err), replay_line(first.err)) << strategy;
    }
}

TEST(CrashReport, QuotesTheExceptionThatTerminates) {
    EXPECT_THAT(run_odd("ThrowFromNoexcept").err,
                HasSubstr("the exception in flight: not let out"));
}

TEST(CrashReport, AdvisesALargerStackForAnOverflow) {
    if (under_thread_sanitizer) GTEST_SKIP() << "no crash is explained under ThreadSanitizer";
    EXPECT_THAT(run_odd("StackOverflow").err, HasSubstr("= help: raise `--heddle_stack_bytes`"));
    EXPECT_THAT(run_odd("NullPointer").err, Not(HasSubstr("= help:")));
}

// The heap, or a lock of the runtime, may be in any state: then there are no steps, but a line that
// replays.
TEST(CrashReport, IsShortWhereTheProcessIsTooDamaged) {
    const program_run r = run_odd("CrashInItsReport");
    EXPECT_EQ(headline(r.err), "error[crash]: `main` calls abort (SIGABRT)");
    EXPECT_THAT(r.err, HasSubstr("too damaged to run the execution again"));
    EXPECT_EQ(replay_value(replay_line(r.err)), "1:0");
    const program_run apart = run_odd("CrashInItsReport", {"--heddle_isolate"});
    EXPECT_EQ(apart.exit_code, 1);
    EXPECT_EQ(headline(apart.out),
              "error[crash]: the process of the executions calls abort (SIGABRT)");
    EXPECT_THAT(apart.out, HasSubstr("[       OK ] OddEndsDone.Clean"));
    EXPECT_EQ(replay_value(replay_line(apart.out)), "1:0");
}

TEST(CrashReport, FollowsThatOfASanitizer) {
    if (!under_address_sanitizer) GTEST_SKIP() << "for builds with AddressSanitizer";
    const program_run r = run_odd("UseAfterFree");
    EXPECT_NE(r.exit_code, 0);
    EXPECT_THAT(r.err, HasSubstr("AddressSanitizer: use-after-poison"));
    EXPECT_EQ(headline(r.err),
              "error[crash]: `thread-1` is stopped by a sanitizer, whose report stands above");
    EXPECT_EQ(replay_value(replay_line(r.err)), "1:0");
    const program_run again = run_in_shell(replay_line(r.err));
    EXPECT_EQ(headline(again.err), headline(r.err));
    const program_run apart = run_odd("UseAfterFree", {"--heddle_isolate"});
    EXPECT_EQ(apart.exit_code, 1);
    EXPECT_THAT(apart.out, HasSubstr("[       OK ] OddEndsDone.Clean"));
}

TEST(CrashReport, IsMadeForAnIsolatedSearchThatIsKilled) {
    const program_run r = run_odd("Killed", {"--heddle_isolate"});
    EXPECT_EQ(r.exit_code, 1);
    EXPECT_EQ(headline(r.out), "error[crash]: the process of the executions was killed by SIGKILL");
    EXPECT_THAT(r.out, HasSubstr("[       OK ] OddEndsDone.Clean"));
    EXPECT_THAT(replay_value(replay_line(r.out)), MatchesRegex("1:[0-9]+"));
}

TEST(CrashReport, StandsInTheXmlOfAnIsolatedSearch) {
    if (under_thread_sanitizer) GTEST_SKIP() << "no crash is explained under ThreadSanitizer";
    const std::string path = testing::TempDir() + "heddle_odd_" + std::to_string(getpid()) + ".xml";
    run_odd("NullPointer", {"--heddle_isolate", "--gtest_output=xml:" + path});
    std::ostringstream text;
    text << std::ifstream{path}.rdbuf();
    std::remove(path.c_str());
    EXPECT_THAT(text.str(), AllOf(HasSubstr(R"(<property name="verdict" value="crash"/>)"),
                                  HasSubstr(R"(<property name="replay" value="h1:)"),
                                  HasSubstr(R"(tests="2" failures="1")")));
}

TEST(CrashReport, KnowsABreakpointForASignalOfTheThread) {
    const program_run r = run_odd("Breakpoint");
    EXPECT_NE(r.exit_code, 0);
    EXPECT_THAT(headline(r.err), MatchesRegex("error\\[crash\\]: `[a-z1-]+` raises SIGTRAP"));
}

// ---- ends that look like a success --------------------------------------------------------------

class ExitOfSuccess : public testing::TestWithParam<const char*> {};

TEST_P(ExitOfSuccess, IsNoneAndTheTestsThatDidNotRunAreNamed) {
    const std::string test = GetParam();
    const program_run r = run_odd(test);
    EXPECT_EQ(r.exit_code, 1);
    EXPECT_EQ(count_of(r.err, "error[crash]: "), 1);
    EXPECT_THAT(r.err, AllOf(HasSubstr("ends the process by exit\n"),
                             HasSubstr(" cuts off the exploration in execution "),
                             HasSubstr(": no success, so the exit code is 1\n"),
                             HasSubstr("heddle: 2 tests have not finished: OddEnds." + test +
                                       ", OddEndsDone.Clean\n")));
    EXPECT_EQ(count_of(r.err, "heddle: "), 2);
    EXPECT_EQ(run_in_shell("exec " + replay_line(r.err)).exit_code, 1);
}

TEST_P(ExitOfSuccess, IsAVerdictOfAnIsolatedSearch) {
    const program_run r = run_odd(GetParam(), {"--heddle_isolate"});
    EXPECT_EQ(r.exit_code, 1);
    EXPECT_THAT(headline(r.out), HasSubstr("ends the process by exit"));
    EXPECT_THAT(r.out, HasSubstr("[       OK ] OddEndsDone.Clean"));
    EXPECT_THAT(r.err, Not(HasSubstr("heddle: ")));
}

INSTANTIATE_TEST_SUITE_P(OfATest, ExitOfSuccess,
                         testing::Values("ExitOfSuccess", "QuickExitOfSuccess",
                                         "ImmediateExitOfSuccess", "StandardExitOfSuccess",
                                         "ExitOfTwoHundredAndFiftySix", "ErrOfSuccess",
                                         "CrashThatIsHandledByExit"),
                         [](const auto& instance) { return std::string{instance.param}; });

TEST(ExitOfABody, NamesOnlyTestsThatWereSelectedAndHaveNotFinished) {
    const std::string filter = "--gtest_filter=OddSuccess.Detached*:OddEndsDone.*:OddLast.Exit*";
    const program_run r = run({path_of("e2e_odd_ends"), filter});
    EXPECT_EQ(r.exit_code, 1);
    EXPECT_THAT(r.err, HasSubstr("heddle: 1 test has not finished: OddLast.ExitOfSuccess\n"));
    const program_run with_code = run_odd("Exit");
    EXPECT_EQ(with_code.exit_code, 7);
    EXPECT_THAT(with_code.err,
                HasSubstr("heddle: exit(7) cuts off the exploration in execution 0\n"
                          "heddle: 2 tests have not finished: OddEnds.Exit, OddEndsDone.Clean\n"));
}

TEST(ExitOfABody, NamesTwentyTestsAtMost) {
    const program_run r = run({path_of("e2e_odd_ends"),
                               "--gtest_filter=OddEnds.*:-OddEnds.NullP*:OddEnds.W*:OddEnds.D*:"
                               "OddEnds.T*:OddEnds.B*:OddEnds.A*"});
    EXPECT_EQ(r.exit_code, 7);
    EXPECT_THAT(r.err, HasSubstr(" tests have not finished: OddEnds.Exit, OddEnds.QuickExit, "));
    const std::string names = r.err.substr(r.err.find(" have not finished: "));
    EXPECT_EQ(count_of(names, "OddEnds."), 20);
    EXPECT_THAT(names, HasSubstr(" and others\n"));
}

TEST(ExitOfABody, IsCutOffWithoutGoogleTestToo) {
    const program_run r = run({path_of("e2e_plain_main"), "exit"});
    EXPECT_EQ(r.exit_code, 1);
    EXPECT_THAT(r.err, AllOf(HasSubstr("error[crash]: `main` ends the process by exit"),
                             HasSubstr("heddle: exit(0) cuts off the exploration in execution 0: "
                                       "no success, so the exit code is 1\n")));
}

// ---- signals from outside -----------------------------------------------------------------------

TEST(SignalFromOutside, EndsTheProcessAtOnceWithALine) {
    for (const char* const isolate : {"0", "1"}) {
        const program_run r = run_odd("SignalFromOutside", {}, {{"HEDDLE_ISOLATE", isolate}});
        const bool isolated = *isolate == '1';
        EXPECT_EQ(r.signal, isolated ? 0 : SIGINT);
        EXPECT_THAT(r.err, MatchesRegex("heddle: ended by SIGINT from outside in execution [0-9]+; "
                                        "replay: [^\n]+=1:[0-9]+\n"));
        EXPECT_EQ(headline(r.out), isolated ? "error[crash]: the process of the executions was "
                                              "killed by SIGINT"
                                            : "");
    }
}

TEST(CrashReport, LeavesCrashesOutsideOfExecutionsAlone) {
    const program_run r = run_odd("BeforeItsExploration");
    EXPECT_NE(r.exit_code, 0);
    EXPECT_THAT(r.err, Not(HasSubstr("error[")));
    EXPECT_EQ(run_odd("ExitOfAPlainTest").exit_code, 7);
}

// ---- endless loops ----------------------------------------------------------------------------

// ThreadSanitizer keeps signals back until the next call of the system, which never comes.
class EndlessLoop : public testing::Test {
protected:
    void SetUp() override {
        if (under_thread_sanitizer) GTEST_SKIP() << "ThreadSanitizer delivers no signal to a loop";
    }
};

TEST_F(EndlessLoop, IsALivelockAndTheTestsAfterItRun) {
    for (const std::vector<std::string>& flags :
         {std::vector<std::string>{}, std::vector<std::string>{"--heddle_isolate"},
          std::vector<std::string>{"--heddle_strategy=random"}}) {
        const program_run r = run_odd("EndlessLoop", flags);
        EXPECT_EQ(r.exit_code, 1);
        EXPECT_THAT(r.out,
                    AllOf(HasSubstr("warning[livelock]: `mover` runs without a step, and does not "
                                    "come to an end\n"),
                          HasSubstr("for (volatile bool forever = true; forever;) {"),
                          HasSubstr("[       OK ] OddEndsDone.Clean")));
        const program_run again = run_in_shell(replay_line(r.out));
        EXPECT_EQ(again.exit_code, 1);
        EXPECT_EQ(replay_line(again.out), replay_line(r.out));
    }
}

TEST_F(EndlessLoop, IsStoppedBetweenCallsOfTheRuntime) {
#if defined(__clang__)
    if (sanitized) GTEST_SKIP() << "Clang's sanitizers are part of the program, not a library";
#endif
    const program_run r = run_odd("EndlessAllocation");
    EXPECT_EQ(r.exit_code, 1);
    EXPECT_THAT(r.out, AllOf(HasSubstr("warning[livelock]: `mover` runs without a step"),
                             HasSubstr("[       OK ] OddEndsDone.Clean")));
}

TEST_F(EndlessLoop, IsNotALongComputation) { EXPECT_EQ(run_odd("LongComputation").exit_code, 0); }

// ---- ends that are failures like any other ------------------------------------------------------

struct failure {
    const char* test;
    const char* slug;
    const char* says;
};

class OddFailure : public testing::TestWithParam<failure> {};

TEST_P(OddFailure, HasItsVerdictAndTheTestsAfterItRun) {
    const failure& f = GetParam();
    for (const bool isolated : {false, true}) {
        const environment variables = {{"HEDDLE_ISOLATE", isolated ? "1" : "0"}};
        const program_run r = run_odd(f.test, {}, variables);
        EXPECT_EQ(r.exit_code, 1);
        EXPECT_THAT(headline(r.out), StartsWith("error[" + std::string{f.slug} + "]: "));
        EXPECT_THAT(r.out, AllOf(HasSubstr(f.says), HasSubstr("[       OK ] OddEndsDone.Clean")));
        EXPECT_EQ(count_of(r.out, ": Failure\n"), 1);
        EXPECT_EQ(r.err, "");
        const program_run again = run_in_shell(replay_line(r.out), variables);
        EXPECT_EQ(again.exit_code, 1);
        EXPECT_EQ(headline(again.out), headline(r.out));
        EXPECT_EQ(replay_line(again.out), replay_line(r.out));
    }
}

INSTANTIATE_TEST_SUITE_P(
    OfATest, OddFailure,
    testing::Values(failure{"ThrowFromAThread", "exception", "thrown by a thread"},
                    failure{"ThrowOfAnInt", "exception", "int"},
                    failure{"LostException", "assertion", "the exception of this thread"},
                    failure{"Unjoined", "misuse", "neither joined nor detached"},
                    failure{"LeftBehind", "misuse", "returned while"},
                    failure{"ExpectInADestructor", "assertion", "in a destructor"},
                    failure{"UnderATrace", "deadlock", "waits for"},
                    failure{"Nested", "exception", "executions do not nest"},
                    failure{"StaticMutex", "misuse", "not as a static"},
                    failure{"InsideAStatic", "assertion", "fails in an initialiser"}),
    [](const testing::TestParamInfo<failure>& instance) { return instance.param.test; });

// ---- ends that are none -------------------------------------------------------------------------

TEST(OddSuccess, PassesWithEveryStrategyAndIsolated) {
    for (const char* const flag :
         {"--heddle_isolate", "--heddle_strategy=depth_first", "--heddle_strategy=random",
          "--heddle_strategy=pct", "--heddle_strategy=automatic"}) {
        const program_run r = run({path_of("e2e_odd_ends"), "--gtest_filter=OddSuccess.*", flag});
        EXPECT_EQ(r.exit_code, 0) << flag;
        EXPECT_THAT(r.out, Not(HasSubstr("error["))) << flag;
    }
}

TEST(OddSuccess, SkipsAnIsolatedTest) {
    const program_run r = run({path_of("e2e_skipping"), "--heddle_isolate"});
    EXPECT_EQ(r.exit_code, 0);
    EXPECT_THAT(r.out, AllOf(HasSubstr("[  SKIPPED ] 5 tests"), HasSubstr("not on this thread")));
}

}  // namespace
}  // namespace heddle::e2e
