#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include <heddle/scheduler/options.hpp>
#include <heddle/trace/schedule.hpp>

namespace heddle {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::string error_of(std::string_view name, std::string_view text) {
    options o;
    return set_option(o, name, text);
}

// Every error names the option, the value as given, and what would be right.
struct bad_value {
    const char* name;
    const char* text;
    const char* reason;
    const char* expected;
};

class BadValue : public testing::TestWithParam<bad_value> {};

TEST_P(BadValue, IsRefusedByNameValueAndRange) {
    const bad_value& bad = GetParam();
    EXPECT_THAT(error_of(bad.name, bad.text),
                AllOf(HasSubstr("`" + std::string{bad.name} + "`"), HasSubstr(bad.text),
                      HasSubstr(bad.reason), HasSubstr(bad.expected)));
}

INSTANTIATE_TEST_SUITE_P(
    Numbers, BadValue,
    testing::Values(
        bad_value{"step_limit", "", "is empty", "1 to 30000"},
        bad_value{"step_limit", "0", "too small", "1 to 30000"},
        bad_value{"step_limit", "30001", "too large", "1 to 30000"},
        bad_value{"step_limit", "-5", "negative", "1 to 30000"},
        bad_value{"step_limit", "-", "not a number", "1 to 30000"},
        bad_value{"step_limit", "+5", "not a number", "1 to 30000"},
        bad_value{"step_limit", " 5", "not a number", "1 to 30000"},
        bad_value{"step_limit", "5 ", "` ` after its digits", "1 to 30000"},
        bad_value{"step_limit", "12x", "`x` after its digits", "1 to 30000"},
        bad_value{"step_limit", "0x10", "`x10` after its digits", "1 to 30000"},
        bad_value{"step_limit", "1e3", "`e3` after its digits", "1 to 30000"},
        bad_value{"step_limit", "ten", "not a number", "1 to 30000"},
        bad_value{"execution_limit", "18446744073709551616", "too large", "18446744073709551615"},
        bad_value{"execution_limit", "99999999999999999999999999", "too large", "whole number"},
        bad_value{"seed", "-1", "negative", "or random"},
        bad_value{"seed", "Random", "not a number", "or random"},
        bad_value{"seed", "", "is empty", "or random"},
        bad_value{"preemption_bound", "two", "not a number", "or none"},
        bad_value{"preemption_bound", "4294967297", "too large", "0 to 30000"},
        bad_value{"early_timeout_bound", "1001", "too large", "0 to 1000"},
        bad_value{"unproductive_bound", "0", "too small", "1 to 1000"},
        bad_value{"spurious_bound", "1001", "too large", "0 to 1000"},
        bad_value{"stack_bytes", "4096", "too small", "16384 to"},
        bad_value{"stack_bytes", "256k", "`k` after its digits", "16384 to"}));

INSTANTIATE_TEST_SUITE_P(
    Durations, BadValue,
    testing::Values(bad_value{"time_limit", "", "is empty", "2s"},
                    bad_value{"time_limit", "ms", "not a number", "1500ms"},
                    bad_value{"time_limit", "5m", "`m` after its digits", "1500ms"},
                    bad_value{"time_limit", "1.5s", "`.5s` after its digits", "1500ms"},
                    bad_value{"time_limit", "2 s", "` s` after its digits", "1500ms"},
                    bad_value{"time_limit", "-2s", "negative", "1500ms"},
                    bad_value{"time_limit", "31536001s", "too large", "at most 31536000000ms"},
                    bad_value{"time_limit", "18446744073709551s", "too large",
                              "at most 31536000000ms"}));

INSTANTIATE_TEST_SUITE_P(
    Names, BadValue,
    testing::Values(bad_value{"strategy", "", "is empty",
                              "automatic, exhaustive, depth_first, random or pct"},
                    bad_value{"strategy", "exaustive", "did you mean `exhaustive`?", "pct:DEPTH"},
                    bad_value{"strategy", "PCT", "did you mean `pct`?", "pct:DEPTH"},
                    bad_value{"strategy", "portfolio", "is no strategy", "automatic, exhaustive"},
                    bad_value{"strategy", "random:3", "takes no number", "pct:DEPTH"},
                    bad_value{"strategy", "pct:", "is empty", "a depth of 0 to 1000"},
                    bad_value{"strategy", "pct:-1", "negative", "a depth of 0 to 1000"},
                    bad_value{"strategy", "pct:3x", "`x` after its digits", "a depth of 0 to 1000"},
                    bad_value{"strategy", "pct:1001", "too large", "a depth of 0 to 1000"},
                    bad_value{"memory_model", "", "is empty", "cpp20, rc11 or sc"},
                    bad_value{"memory_model", "c++20", "is no memory model (did you mean `cpp20`?)",
                              "cpp20, rc11 or sc"},
                    bad_value{"memory_model", "tso", "the nearest known is", "cpp20, rc11 or sc"},
                    bad_value{"keep_going", "", "is empty", "on or off"},
                    bad_value{"keep_going", "yes", "neither on nor off", "false or 0"}));

INSTANTIATE_TEST_SUITE_P(
    Replays, BadValue,
    testing::Values(bad_value{"replay", "", "is empty", "SEED:EXECUTION"},
                    bad_value{"replay", "last", "is no replay", "SEED:EXECUTION"},
                    bad_value{"replay", "7", "is no replay", "SEED:EXECUTION"},
                    bad_value{"replay", "7:", "is empty", "two whole numbers"},
                    bad_value{"replay", "1:2:3", "`:3` after its digits", "two whole numbers"},
                    bad_value{"replay", "-1:2", "is no replay", "SEED:EXECUTION"},
                    bad_value{"replay", "0@1:2", "too small", "number of a call"},
                    bad_value{"replay", "@1:2", "is empty", "number of a call"},
                    bad_value{"replay", "2@", "is no replay", "SEED:EXECUTION"}));

TEST(SetOption, ReadsEveryField) {
    options o;
    const std::pair<const char*, const char*> values[] = {
        {"strategy", "pct:3"},      {"seed", "18446744073709551615"},
        {"execution_limit", "10"},  {"time_limit", "2s"},
        {"exhaustive_budget", "5"}, {"sample_budget", "6"},
        {"preemption_bound", "2"},  {"memory_model", "rc11"},
        {"step_limit", "30000"},    {"spurious_bound", "1"},
        {"replay", "3:4"},          {"stack_bytes", "65536"},
        {"report_dir", "a/b c"},    {"break_at", "17"},
        {"keep_going", "on"},       {"early_timeout_bound", "3"},
        {"progress", "off"},        {"detect_leaks", "on"},
        {"isolate", "on"},          {"unproductive_bound", "7"},
    };
    EXPECT_EQ(std::size(values), option_table().size());
    for (const auto& [name, text] : values) EXPECT_EQ(set_option(o, name, text), "");
    EXPECT_EQ(o.strategy, strategy{strategies::pct{.depth = 3}});
    EXPECT_EQ(o.seed, 18446744073709551615U);
    EXPECT_EQ(o.execution_limit, 10U);
    EXPECT_EQ(o.time_limit, std::chrono::seconds{2});
    EXPECT_EQ(o.exhaustive_budget, 5U);
    EXPECT_EQ(o.sample_budget, 6U);
    EXPECT_EQ(o.preemption_bound, 2U);
    EXPECT_EQ(o.memory_model, memory_model::rc11);
    EXPECT_EQ(o.step_limit, 30'000U);
    EXPECT_EQ(o.spurious_bound, 1U);
    EXPECT_EQ(o.early_timeout_bound, 3U);
    EXPECT_EQ(o.unproductive_bound, 7U);
    EXPECT_EQ(o.replay, "3:4");
    EXPECT_EQ(o.stack_bytes, 65'536U);
    EXPECT_EQ(o.report_dir, "a/b c");
    EXPECT_EQ(o.break_at, 17U);
    EXPECT_TRUE(o.keep_going);
    EXPECT_FALSE(o.progress);
    EXPECT_TRUE(o.detect_leaks);
    EXPECT_TRUE(o.isolate);
    EXPECT_EQ(validate(o), "");
}

TEST(SetOption, ReadsEveryStrategyName) {
    const std::pair<const char*, strategy> values[] = {
        {"automatic", strategies::automatic{}},
        {"exhaustive", strategies::exhaustive{}},
        {"depth_first", strategies::depth_first{}},
        {"random", strategies::random{}},
        {"pct", strategies::pct{}},
        {"pct:3", strategies::pct{.depth = 3}},
    };
    for (const auto& [text, expected] : values) {
        options o;
        EXPECT_EQ(set_option(o, "strategy", text), "");
        EXPECT_EQ(o.strategy, expected) << text;
    }
}

TEST(SetOption, ReadsDurationsWithAndWithoutUnit) {
    for (const char* const text : {"1500", "1500ms"}) {
        options o;
        EXPECT_EQ(set_option(o, "time_limit", text), "");
        EXPECT_EQ(o.time_limit.count(), 1500) << text;
    }
    options o;
    EXPECT_EQ(set_option(o, "time_limit", "31536000s"), "");
    EXPECT_EQ(o.time_limit.count(), 31'536'000'000);
}

TEST(SetOption, LeavesTheFieldAloneOnAnError) {
    options o{.seed = 5, .preemption_bound = 2};
    EXPECT_NE(set_option(o, "seed", "6x"), "");
    EXPECT_NE(set_option(o, "preemption_bound", "99999999999"), "");
    EXPECT_EQ(o.seed, 5U);
    EXPECT_EQ(o.preemption_bound, 2U);
    EXPECT_EQ(set_option(o, "preemption_bound", "none"), "");
    EXPECT_EQ(o.preemption_bound, std::nullopt);
}

TEST(SetOption, NamesTheNearestOptionForATypo) {
    EXPECT_THAT(error_of("sead", "1"),
                AllOf(HasSubstr("`sead`"), HasSubstr("did you mean `seed`?")));
    EXPECT_THAT(error_of("step-limit", "1"), HasSubstr("did you mean `step_limit`?"));
    EXPECT_THAT(error_of("sede", "1"), HasSubstr("did you mean `seed`?"));
    EXPECT_THAT(error_of("", "1"), HasSubstr("the nearest known is"));
    EXPECT_THAT(error_of(std::string(5'000, 'x'), "1"),
                AllOf(HasSubstr("..."), HasSubstr("the nearest known is")));
}

TEST(SetOption, ShowsWhatDoesNotPrint) {
    EXPECT_THAT(error_of("seed", "\x1b[2J\n"),
                AllOf(HasSubstr("`\\x1b[2J\\x0a`"), Not(HasSubstr("\x1b"))));
}

TEST(SetOption, DrawsASeedAndPrintsIt) {
    options first, second;
    testing::internal::CaptureStderr();
    EXPECT_EQ(set_option(first, "seed", "random"), "");
    EXPECT_THAT(testing::internal::GetCapturedStderr(),
                HasSubstr("--heddle_seed=" + std::to_string(first.seed) + " repeats it\n"));
    testing::internal::CaptureStderr();
    EXPECT_EQ(set_option(second, "seed", "random"), "");
    testing::internal::GetCapturedStderr();
    EXPECT_NE(first.seed, second.seed);
}

TEST(SetOption, AcceptsAScheduleAsItIsPrinted) {
    const trace::schedule recorded{.model = 's',
                                   .spurious_bound = 0,
                                   .early_timeout_bound = 0,
                                   .steps = {0, 0, 1, 1, 0},
                                   .choices = {{3, 0, 1}},
                                   .digests = {1, 2, 3, 4, 5}};
    options o;
    const std::string text = trace::to_string(recorded);
    EXPECT_EQ(set_option(o, "replay", text), "");
    EXPECT_EQ(o.replay, text);
    EXPECT_EQ(set_option(o, "replay", "2@" + text), "");
    EXPECT_EQ(o.replay, "2@" + text);
    EXPECT_THAT(error_of("replay", "h1:!"), HasSubstr("`replay`"));
    EXPECT_THAT(error_of("replay", "h999:0"), HasSubstr("h999"));
}

TEST(OptionTable, ShowsWhatItReads) {
    for (const option_info& option : option_table()) {
        options o;
        if (option.name == "replay") continue;  // empty by default
        EXPECT_EQ(option.set(o, option.show(options{})), "") << option.name;
        EXPECT_EQ(option.show(o), option.show(options{})) << option.name;
    }
}

TEST(Validate, AcceptsTheDefaults) { EXPECT_EQ(validate({}), ""); }

TEST(Validate, ChecksValuesSetInCode) {
    EXPECT_THAT(validate({.step_limit = 0}), AllOf(HasSubstr("`step_limit`"), HasSubstr("`0`")));
    EXPECT_THAT(validate({.step_limit = 30'001}), HasSubstr("1 to 30000"));
    EXPECT_THAT(validate({.stack_bytes = 100}), HasSubstr("`stack_bytes`"));
    EXPECT_THAT(validate({.time_limit = std::chrono::milliseconds{-1}}), HasSubstr("negative"));
    EXPECT_THAT(validate({.strategy = strategies::pct{.depth = 5'000}}), HasSubstr("`pct:5000`"));
    EXPECT_THAT(validate({.replay = "nonsense"}), HasSubstr("`nonsense`"));
    EXPECT_THAT(validate({.memory_model = static_cast<memory_model>(7)}),
                HasSubstr("`memory_model`"));
    EXPECT_THAT(validate({.exhaustive_budget = 0, .sample_budget = 0}),
                HasSubstr("would run nothing"));
    EXPECT_EQ(
        validate(
            {.strategy = strategies::exhaustive{}, .exhaustive_budget = 0, .sample_budget = 0}),
        "");
}

// ---- flags ----------------------------------------------------------------------------------
// What flags and environment set holds for the whole process: each of these tests is a process of
// its own.

struct command_line {
    std::vector<std::string> words;
    std::vector<char*> argv;
    int argc = 0;

    explicit command_line(std::vector<std::string> arguments) : words(std::move(arguments)) {
        for (std::string& word : words) argv.push_back(word.data());
        argv.push_back(nullptr);
        argc = static_cast<int>(words.size());
    }
    std::string parse() { return parse_flags(&argc, argv.data()); }
    std::vector<std::string> left() const { return {argv.begin(), argv.begin() + argc}; }
};

std::string flag_error(const std::string& argument) {
    return command_line{{"test", argument}}.parse();
}

// Exits with 0 when `check` had no failure, so that the death test can tell.
template <class Check>
void in_own_process(Check check) {
    EXPECT_EXIT(
        {
            check();
            std::exit(testing::Test::HasFailure() ? 1 : 0);
        },
        testing::ExitedWithCode(0), "");
}

TEST(OptionFlagsDeathTest, AreTakenOutOfTheArguments) {
    in_own_process([] {
        command_line line{{"test", "--heddle_seed=7", "one", "--gtest_filter=A",
                           "--heddle_keep_going", "--heddle_strategy=random", "--",
                           "--heddle_seed=9"}};
        EXPECT_EQ(line.parse(), "");
        EXPECT_THAT(line.left(),
                    ElementsAre("test", "one", "--gtest_filter=A", "--", "--heddle_seed=9"));
        EXPECT_EQ(line.argv[5], nullptr);
        const options o = with_overrides({.seed = 3, .step_limit = 50});
        EXPECT_EQ(o.seed, 7U);
        EXPECT_TRUE(o.keep_going);
        EXPECT_EQ(o.strategy, strategy{strategies::random{}});
        EXPECT_EQ(o.step_limit, 50U);
    });
}

TEST(OptionFlagsDeathTest, TheLastOfAnOptionWins) {
    in_own_process([] {
        command_line line{{"test", "--heddle_seed=7", "--heddle_keep_going", "--heddle_seed=8",
                           "--heddle_keep_going=off"}};
        EXPECT_EQ(line.parse(), "");
        EXPECT_EQ(with_overrides({}).seed, 8U);
        EXPECT_FALSE(with_overrides({}).keep_going);
    });
}

TEST(OptionFlagsDeathTest, ADrawnSeedIsDrawnOnce) {
    in_own_process([] {
        EXPECT_EQ(flag_error("--heddle_seed=random"), "");
        EXPECT_EQ(with_overrides({}).seed, with_overrides({}).seed);
    });
}

TEST(OptionFlags, NameTheFlagAndTheValueThatIsWrong) {
    EXPECT_THAT(
        flag_error("--heddle_step_limit=many"),
        AllOf(HasSubstr("`--heddle_step_limit`"), HasSubstr("`many`"), HasSubstr("1 to 30000")));
    EXPECT_THAT(flag_error("--heddle_seed="),
                AllOf(HasSubstr("`--heddle_seed`"), HasSubstr("is empty")));
    EXPECT_THAT(flag_error("--heddle_seed"),
                AllOf(HasSubstr("`--heddle_seed` needs a value"), HasSubstr("--heddle_seed=N")));
}

TEST(OptionFlags, NameTheNearestForATypo) {
    EXPECT_THAT(flag_error("--heddle_sead=7"),
                AllOf(HasSubstr("`--heddle_sead`"), HasSubstr("did you mean `--heddle_seed`?"),
                      HasSubstr("--help")));
    EXPECT_THAT(flag_error("--heddle-seed=7"), HasSubstr("did you mean `--heddle_seed`?"));
    EXPECT_THAT(flag_error("-heddle_seed=7"), HasSubstr("did you mean `--heddle_seed`?"));
    EXPECT_THAT(flag_error("--heddle_"), HasSubstr("there is no flag `--heddle_`"));
}

TEST(OptionFlags, ReportTheFirstErrorAndLeaveTheArgumentsOfOthers) {
    command_line line{
        {"test", "--heddle_sead=7", "--other", "--heddle_step_limit=0", "--heddlework"}};
    EXPECT_THAT(line.parse(), HasSubstr("--heddle_sead"));
    EXPECT_THAT(line.left(), ElementsAre("test", "--other", "--heddlework"));
}

TEST(OptionFlags, AcceptAnEmptyCommandLine) {
    command_line line{{}};
    EXPECT_EQ(line.parse(), "");
    EXPECT_EQ(line.argc, 0);
}

// ---- environment ----------------------------------------------------------------------------

TEST(OptionEnvironmentDeathTest, LiesBetweenFlagAndCode) {
    in_own_process([] {
        setenv("HEDDLE_SEED", "11", 1);
        setenv("HEDDLE_STEP_LIMIT", "12", 1);
        setenv("HEDDLE_APPROVE", "1", 1);
        setenv("HEDDLEWORK", "anything", 1);
        EXPECT_EQ(parse_environment(), "");
        EXPECT_EQ(flag_error("--heddle_seed=13"), "");
        const options o = with_overrides({.seed = 1, .execution_limit = 14, .step_limit = 2});
        EXPECT_EQ(o.seed, 13U);
        EXPECT_EQ(o.step_limit, 12U);
        EXPECT_EQ(o.execution_limit, 14U);
    });
}

TEST(OptionEnvironmentDeathTest, HoldsWithoutBeingAskedFor) {
    in_own_process([] {
        setenv("HEDDLE_MEMORY_MODEL", "sc", 1);
        EXPECT_EQ(with_overrides({}).memory_model, memory_model::sc);
    });
}

TEST(OptionEnvironmentDeathTest, NamesTheVariableAndTheValueThatIsWrong) {
    in_own_process([] {
        setenv("HEDDLE_TIME_LIMIT", "soon", 1);
        EXPECT_THAT(parse_environment(), AllOf(HasSubstr("`HEDDLE_TIME_LIMIT`"),
                                               HasSubstr("`soon`"), HasSubstr("1500ms")));
        unsetenv("HEDDLE_TIME_LIMIT");
        EXPECT_NE(parse_environment(), "");  // it is read once
    });
    in_own_process([] {
        setenv("HEDDLE_KEEP_GOING", "", 1);
        EXPECT_THAT(parse_environment(),
                    AllOf(HasSubstr("`HEDDLE_KEEP_GOING`"), HasSubstr("is empty")));
    });
}

TEST(OptionEnvironmentDeathTest, RefusesUnknownVariablesWithTheNearestKnown) {
    in_own_process([] {
        setenv("HEDDLE_SEDE", "1", 1);
        EXPECT_THAT(parse_environment(),
                    AllOf(HasSubstr("`HEDDLE_SEDE`"), HasSubstr("did you mean `HEDDLE_SEED`?")));
    });
    in_own_process([] {
        setenv("HEDDLE_HOME_DIRECTORY", "/", 1);
        EXPECT_THAT(parse_environment(), HasSubstr("the nearest known is `HEDDLE_"));
    });
}

TEST(OptionHelp, ListsEveryOptionWithItsDefault) {
    const std::string help = option_help();
    for (const option_info& option : option_table()) {
        EXPECT_THAT(help, HasSubstr("--heddle_" + std::string{option.name}));
        EXPECT_THAT(help, HasSubstr(std::string{option.explanation}));
    }
    EXPECT_THAT(help, HasSubstr("--heddle_step_limit=N\n"));
    EXPECT_THAT(help, HasSubstr("(default 20000)"));
    EXPECT_THAT(help, HasSubstr("--heddle_keep_going[=on|off]"));
}

}  // namespace
}  // namespace heddle
