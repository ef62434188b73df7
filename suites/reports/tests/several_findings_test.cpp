// Programs with more than one finding, explored with `keep_going`: a report of each, in the output
// and in its own folder, and a line of each that comes to it again.
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "report_schema.hpp"
#include "run_program.hpp"

namespace heddle {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

namespace fs = std::filesystem;
using e2e::program_run;
using nlohmann::json;

struct written_report {
    std::string text;
    json data;
};

class SeveralFindings : public ::testing::Test {
protected:
    const fs::path folder_ =
        fs::temp_directory_path() / ("heddle_several_" + std::to_string(getpid()));
    ~SeveralFindings() override { fs::remove_all(folder_); }

    program_run run(const std::string& command) const {
        fs::remove_all(folder_);
        return e2e::run_in_shell(command, {{"HEDDLE_REPORT_DIR", folder_.string()}});
    }
    program_run run_test(const std::string& test, const std::string& flags = {}) const {
        return run(e2e::path_of("report_programs") + " --gtest_filter=" + test + ' ' + flags);
    }

    static std::string text_of(const fs::path& path) {
        std::ostringstream text;
        text << std::ifstream(path).rdbuf();
        return text.str();
    }
    std::vector<written_report> reports_of(const std::string& test) const {
        std::vector<written_report> all;
        fs::path folder = folder_ / test;
        while (fs::exists(folder)) {
            all.push_back(
                {text_of(folder / "report.txt"), json::parse(text_of(folder / "report.json"))});
            folder = folder_ / (test + '+' + std::to_string(all.size() + 1));
        }
        return all;
    }
    static std::vector<std::string> verdicts_of(const std::vector<written_report>& reports) {
        std::vector<std::string> all;
        for (const written_report& r : reports) all.push_back(r.data["verdict"]);
        return all;
    }
};

TEST_F(SeveralFindings, AreReportedOneByOneAndReplayAsThemselves) {
    const std::string test = "Several.RaceThenDeadlock";
    const program_run first = run_test(test);
    EXPECT_EQ(first.exit_code, 1);
    EXPECT_THAT(first.out, HasSubstr(test + ": failed with 2 findings, every behaviour visited"));
    const std::vector<written_report> reports = reports_of(test);
    ASSERT_THAT(verdicts_of(reports), ElementsAre("data_race", "deadlock"));
    EXPECT_EQ(e2e::count_of(first.out, ": Failure\n"), 2);
    EXPECT_LT(first.out.find("error[data-race]"), first.out.find("error[deadlock]"));
    for (const written_report& r : reports) {
        EXPECT_EQ(schema_errors(r.data), "");
        EXPECT_THAT(first.out, HasSubstr(r.text));
    }
    EXPECT_FALSE(reports[0].data["replay"]["keep_going"]);
    EXPECT_TRUE(reports[1].data["replay"]["keep_going"]);

    // The line of the race ends there; that of the deadlock goes past it.
    const program_run race = run(reports[0].data["replay"]["command"]);
    EXPECT_EQ(race.exit_code, 1);
    EXPECT_THAT(verdicts_of(reports_of(test)), ElementsAre("data_race"));
    const program_run deadlock = run(reports[1].data["replay"]["command"]);
    EXPECT_EQ(deadlock.exit_code, 1);
    EXPECT_THAT(deadlock.out, HasSubstr("replayed a schedule with 2 findings"));
    const std::vector<written_report> again = reports_of(test);
    ASSERT_THAT(verdicts_of(again), ElementsAre("data_race", "deadlock"));
    EXPECT_EQ(again[1].data["steps"], reports[1].data["steps"]);
    EXPECT_EQ(again[1].data["finding"]["headline"], reports[1].data["finding"]["headline"]);
    EXPECT_EQ(again[1].data["replay"], reports[1].data["replay"]);
}

TEST_F(SeveralFindings, AreAskedForByAFlag) {
    const std::string test = "Several.ExpectationsThenDeadlock";
    EXPECT_EQ(run_test(test).exit_code, 1);
    EXPECT_THAT(verdicts_of(reports_of(test)), ElementsAre("deadlock"));

    const program_run all = run_test(test, "--heddle_keep_going");
    EXPECT_EQ(all.exit_code, 1);
    const std::vector<written_report> reports = reports_of(test);
    ASSERT_THAT(verdicts_of(reports), ElementsAre("assertion", "deadlock", "assertion"));
    for (const written_report& r : reports) {
        SCOPED_TRACE(r.text);
        const std::string line = r.data["replay"]["command"];
        const bool needs = r.data["verdict"] == "assertion";  // a deadlock hides it
        EXPECT_EQ(line.find(" --heddle_keep_going --heddle_replay=h1:") != line.npos, needs);
        EXPECT_EQ(run(line).exit_code, 1);
        const std::vector<written_report> again = reports_of(test);
        const auto is_same = [&](const written_report& other) {
            return other.data["finding"]["headline"] == r.data["finding"]["headline"] &&
                   other.data["steps"] == r.data["steps"];
        };
        EXPECT_EQ(std::count_if(again.begin(), again.end(), is_same), 1);
    }
}

TEST_F(SeveralFindings, AreNoneOfASkip) {
    const std::string test = "Several.SkipAfterARace";
    const program_run r = run_test(test);
    EXPECT_EQ(r.exit_code, 1);
    EXPECT_EQ(e2e::count_of(r.out, ": Failure\n"), 1);
    EXPECT_THAT(r.out, AllOf(HasSubstr("error[data-race]"), Not(HasSubstr("[  SKIPPED ]"))));
}

}  // namespace
}  // namespace heddle
