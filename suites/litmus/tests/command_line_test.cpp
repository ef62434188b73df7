#include <gmock/gmock.h>

#include <heddle/litmus/command_line.hpp>

namespace heddle::litmus {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

command_line parsed(std::vector<std::string_view> arguments) {
    return parse_command_line(arguments);
}

std::string error_of(std::vector<std::string_view> arguments) {
    try {
        parse_command_line(arguments);
    } catch (const usage_error& e) {
        return e.what();
    }
    return "no error";
}

TEST(CommandLine, Defaults) {
    const command_line c = parsed({"a.csv", "b.csv"});
    EXPECT_THAT(c.files, ElementsAre("a.csv", "b.csv"));
    EXPECT_THAT(c.models, IsEmpty());
    EXPECT_EQ(c.strategy, search_strategy::exhaustive);
    EXPECT_FALSE(c.check || c.list_outcomes || c.help || c.limit || c.execution_limit || c.program);
    EXPECT_EQ(c.seed, 1U);
}

TEST(CommandLine, EveryFlag) {
    const command_line c =
        parsed({"--model=rc11", "--model=sc", "--model=rc11", "--strategy=depth_first", "--check",
                "--limit=10", "--only=a", "--only=b=c", "--outcomes", "--execution_limit=7",
                "--seed=9", "x.csv"});
    EXPECT_THAT(c.models, ElementsAre(memory_model::rc11, memory_model::sc));
    EXPECT_EQ(c.strategy, search_strategy::depth_first);
    EXPECT_TRUE(c.check);
    EXPECT_TRUE(c.list_outcomes);
    EXPECT_EQ(c.limit, 10U);
    EXPECT_THAT(c.only, ElementsAre("a", "b=c"));
    EXPECT_EQ(c.execution_limit, 7U);
    EXPECT_EQ(c.seed, 9U);
    EXPECT_EQ(parsed({"--program=x=1"}).program, "x=1");
    EXPECT_TRUE(parsed({"--help"}).help);
}

TEST(CommandLine, FilesMayLookLikeFlags) {
    EXPECT_THAT(parsed({"--", "--check"}).files, ElementsAre("--check"));
    EXPECT_THAT(parsed({"-"}).files, ElementsAre("-"));
}

TEST(CommandLine, SuggestsFlagsAndValues) {
    EXPECT_EQ(error_of({"--chekc", "x"}), "unknown flag '--chekc'; did you mean '--check'?");
    EXPECT_EQ(error_of({"--modle=sc", "x"}), "unknown flag '--modle'; did you mean '--model'?");
    EXPECT_EQ(error_of({"--verbose", "x"}), "unknown flag '--verbose'; see --help");
    EXPECT_EQ(error_of({"-v", "x"}), "unknown flag '-v'; see --help");
    EXPECT_EQ(error_of({"--model=cpp02", "x"}),
              "expected sc, rc11 or cpp20 for --model, found 'cpp02'; did you mean 'cpp20'?");
    EXPECT_EQ(error_of({"--model=tso", "x"}),
              "expected sc, rc11 or cpp20 for --model, found 'tso'");
    EXPECT_EQ(error_of({"--strategy=pct", "x"}),
              "expected exhaustive, depth_first or random for --strategy, found 'pct'");
}

TEST(CommandLine, ValuesThatAreMissingOrTooMany) {
    EXPECT_EQ(error_of({"--model", "sc", "x"}),
              "expected a value for --model, as in --model=MODEL");
    EXPECT_EQ(error_of({"--check=yes", "x"}), "expected no value for --check, found 'yes'");
    EXPECT_EQ(error_of({"--limit=ten", "x"}), "expected a number for --limit, found 'ten'");
    EXPECT_EQ(error_of({"--seed=", "x"}), "expected a number for --seed, found ''");
}

TEST(CommandLine, CombinationsWithoutMeaning) {
    EXPECT_EQ(error_of({}), "expected a CSV file or --program=TEXT, found neither; see --help");
    EXPECT_EQ(error_of({"--program=x=1", "f.csv"}),
              "expected files or --program, found both: 'f.csv' and --program");
    EXPECT_EQ(error_of({"--program=x=1", "--check"}),
              "expected a file with --check, found --program, which has nothing to compare with");
    EXPECT_EQ(error_of({"--strategy=random", "--check", "f.csv"}),
              "expected exhaustive or depth_first with --check, found 'random', which leaves out "
              "outcomes");
}

TEST(CommandLine, HelpNamesEveryFlag) {
    for (const char* flag :
         {"--model=MODEL", "--strategy=STRATEGY", "--check", "--limit=N", "--only=NAME",
          "--program=TEXT", "--outcomes", "--execution_limit=N", "--seed=N", "--help"})
        EXPECT_THAT(help_text(), HasSubstr(std::string("\n  ") + flag + " "));
}

}  // namespace
}  // namespace heddle::litmus
