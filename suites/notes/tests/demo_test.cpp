// The demo as its user sees it: output and exit codes of the real executable, and replays in
// processes of their own.
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "programs.hpp"
#include "table_parameters.hpp"

namespace heddle::notes {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

struct run {
    int exit_code = -1;
    std::string output;  // stdout and stderr
};

// `prefix` stands before the executable: variables for its environment.
run demo(const std::string& arguments, const std::string& prefix = {}) {
    const std::string command = prefix + " '" HEDDLE_DEMO_EXECUTABLE_ "' " + arguments + " 2>&1";
    run done;
    std::FILE* pipe = popen(command.c_str(), "r");
    if (pipe == nullptr) return done;
    std::array<char, 4096> chunk{};
    while (std::fgets(chunk.data(), static_cast<int>(chunk.size()), pipe) != nullptr) {
        done.output += chunk.data();
    }
    const int status = pclose(pipe);
    if (WIFEXITED(status)) done.exit_code = WEXITSTATUS(status);
    return done;
}

// What follows `mark`, up to the end of that line; empty: there is no such mark.
std::string rest_of_line(const std::string& text, std::string_view mark) {
    const std::size_t at = text.find(mark);
    if (at == std::string::npos) return {};
    const std::size_t begin = at + mark.size();
    return text.substr(begin, text.find('\n', begin) - begin);
}

// The replay in the line that `line` begins.
std::string replay_in(const std::string& output, std::string_view line) {
    return rest_of_line(rest_of_line(output, line), "--heddle_replay=");
}

class DemoReplay : public testing::TestWithParam<program> {};

TEST_P(DemoReplay, FailsAgainInANewProcessByScheduleAndBySeed) {
    const std::string program_flag = "--program=" + std::string(GetParam().name);
    const run first = demo(program_flag);
    ASSERT_EQ(first.exit_code, 0) << first.output;
    const std::string finding = rest_of_line(first.output, "error[");
    ASSERT_NE(finding, "") << first.output;
    for (const char* line : {"replay: ", "\nby seed: "}) {
        const std::string replay = replay_in(first.output, line);
        ASSERT_NE(replay, "") << first.output;
        SCOPED_TRACE(replay);
        const run by_flag = demo(program_flag + " '--heddle_replay=" + replay + "'");
        EXPECT_EQ(by_flag.exit_code, 0) << by_flag.output;
        EXPECT_EQ(rest_of_line(by_flag.output, "error["), finding);
        const run by_variable = demo(program_flag, "HEDDLE_REPLAY='" + replay + "'");
        EXPECT_EQ(by_variable.exit_code, 0) << by_variable.output;
        EXPECT_EQ(rest_of_line(by_variable.output, "error["), finding);
    }
}

INSTANTIATE_TEST_SUITE_P(Notes, DemoReplay, testing::ValuesIn(failing_programs()), test_name);

TEST(Demo, ShowsEveryProgramThenOneReportThatFailsAgain) {
    const run all = demo("");
    EXPECT_EQ(all.exit_code, 0) << all.output;
    for (const program& p : programs()) EXPECT_THAT(all.output, HasSubstr(p.name));
    EXPECT_THAT(all.output, HasSubstr("it failed again"));
    EXPECT_THAT(all.output, AllOf(Not(HasSubstr("EXPECTED")), Not(HasSubstr("NOT PROVED"))));
}

TEST(Demo, ListsTheProgramsWithoutRunningThem) {
    const run list = demo("--list");
    EXPECT_EQ(list.exit_code, 0);
    for (const program& p : programs()) EXPECT_THAT(list.output, HasSubstr(p.name));
}

TEST(Demo, ProvesOneProgramOnDemand) {
    const run one = demo("--program=transfer/scoped-lock");
    EXPECT_EQ(one.exit_code, 0) << one.output;
    EXPECT_THAT(one.output, HasSubstr("as expected"));
}

TEST(Demo, RefusesWhatItDoesNotUnderstand) {
    const run unknown = demo("--program=no-such");
    EXPECT_EQ(unknown.exit_code, 2);
    EXPECT_THAT(unknown.output, HasSubstr("no-such"));
    EXPECT_EQ(demo("--nonsense").exit_code, 2);
    EXPECT_EQ(demo("--heddle_replay=1:0").exit_code, 2);
    const run malformed = demo("--program=ab-ba --heddle_replay=nonsense");
    EXPECT_EQ(malformed.exit_code, 2);
    EXPECT_THAT(malformed.output, HasSubstr("nonsense"));
}

}  // namespace
}  // namespace heddle::notes
