// A failure as files and as data: what a program that reads reports may rely on.
#include <heddle/report.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <mutex>
#include <sstream>

#include <gmock/gmock.h>

#include <heddle/detail/replay_command.hpp>
#include <heddle/heddle.hpp>
#include <nlohmann/json.hpp>

#include "report_schema.hpp"

namespace heddle {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

namespace fs = std::filesystem;

void cross() {
    fibers::mutex alice, bob;
    fibers::thread mover([&] {
        name_thread("mover");
        const std::lock_guard first(alice);
        const std::lock_guard second(bob);
    });
    {
        const std::lock_guard first(bob);
        const std::lock_guard second(alice);
    }
    mover.join();
}

void race() {
    fibers::var<int> count{0};
    fibers::thread other([&] { count = 1; });
    count = 2;
    other.join();
}

void unlocked_by_nobody() {
    fibers::mutex mutex;
    name(mutex, "gate");
    mutex.unlock();
}

nlohmann::json data_of(const failure& f) { return nlohmann::json::parse(report_json(f)); }

std::string text_of(const fs::path& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

// A folder that is gone after the test.
class Report : public ::testing::Test {
protected:
    const fs::path folder_ =
        fs::temp_directory_path() / ("heddle_report_" + std::to_string(getpid()));
    ~Report() override { fs::remove_all(folder_); }
};

TEST_F(Report, JsonIsAsItsSchemaSays) {
    for (const auto body : {cross, race, unlocked_by_nobody}) {
        const result r = explore(body);
        ASSERT_TRUE(r.failure);
        EXPECT_EQ(schema_errors(data_of(*r.failure)), "");
    }
}

TEST_F(Report, TheDataSaysWhatStoppedTheExecutionOutsideOfItsSteps) {
    EXPECT_EQ(data_of(*explore(unlocked_by_nobody).failure)["finding"]["stopped_by"],
              "gate.unlock()  not allowed");
    EXPECT_EQ(data_of(*explore(race).failure)["finding"]["stopped_by"], nullptr);
}

TEST_F(Report, TheSchemaRefusesWhatItDoesNotKnow) {
    const result r = explore(race);
    ASSERT_TRUE(r.failure);
    const nlohmann::json good = data_of(*r.failure);
    for (const auto& [name, value] : good.items()) {
        nlohmann::json bad = good;
        bad.erase(name);
        EXPECT_NE(schema_errors(bad), "") << name;
    }
    nlohmann::json bad = good;
    bad["verdict"] = "ok";
    EXPECT_THAT(schema_errors(bad), HasSubstr("verdict"));
    bad = good;
    bad["steps"][0]["order"] = "strong";
    EXPECT_THAT(schema_errors(bad), HasSubstr("order"));
    bad = good;
    bad["version"] = report_version + 1;
    EXPECT_THAT(schema_errors(bad), HasSubstr("version"));
}

TEST_F(Report, JsonHoldsWhatTheReportSays) {
    const result r = explore(cross);
    ASSERT_TRUE(r.failure);
    const nlohmann::json data = data_of(*r.failure);
    EXPECT_EQ(data["version"], report_version);
    EXPECT_EQ(data["verdict"], "deadlock");
    EXPECT_EQ(data["finding"]["reason"], "cycle");
    EXPECT_EQ(data["replay"]["schedule"], r.failure->replay);
    EXPECT_EQ(data["threads"][1]["name"], "mover");
    EXPECT_EQ(data["steps"].size(), r.failure->trace.events.size());
    ASSERT_EQ(data["wait_for"].size(), 2U);
    EXPECT_TRUE(data["wait_for"][0]["in_cycle"]);
    EXPECT_EQ(data["wait_for"][0]["waiter"], 0);
    EXPECT_EQ(data["wait_for"][0]["owner"], 1);
}

TEST_F(Report, JsonSurvivesTextThatIsNoUtf8) {
    const result r = explore([] { HEDDLE_ASSERT(false, "bad \xff byte \"quoted\"\n"); });
    ASSERT_TRUE(r.failure);
    EXPECT_EQ(schema_errors(data_of(*r.failure)), "");
}

TEST_F(Report, OptionWritesBelowItsFolder) {
    options o;
    o.report_dir = folder_;
    detail::set_command_line("./some_test", "Account.Transfers/fibers");
    const result r = explore(o, cross);
    const fs::path mine = folder_ / "Account.Transfers-fibers";
    EXPECT_EQ(text_of(mine / "report.txt"), r.failure->message);
    EXPECT_EQ(text_of(mine / "report.json"), report_json(*r.failure));
    EXPECT_THAT(text_of(mine / "wait_for.dot"), StartsWith("digraph wait_for {\n"));
    explore(o, race);
    EXPECT_THAT(text_of(folder_ / "Account.Transfers-fibers@2" / "report.txt"),
                StartsWith("error[data-race]"));
    detail::set_command_line({});
}

TEST_F(Report, WritesNothingUnlessAsked) {
    const fs::path before = fs::current_path();
    fs::create_directories(folder_);
    fs::current_path(folder_);
    explore(cross);
    options o;
    o.report_dir = folder_ / "clean";
    explore(o, [] {});
    fs::current_path(before);
    EXPECT_TRUE(fs::is_empty(folder_));
}

TEST_F(Report, ReplacesTheFilesOfAnEarlierOne) {
    write_report(folder_, *explore(cross).failure);
    EXPECT_TRUE(fs::exists(folder_ / "wait_for.dot"));
    write_report(folder_, *explore(race).failure);
    EXPECT_FALSE(fs::exists(folder_ / "wait_for.dot"));
    EXPECT_THAT(text_of(folder_ / "report.txt"), StartsWith("error[data-race]"));
}

TEST_F(Report, AFolderThatCannotBeMadeHidesNoFinding) {
    fs::create_directories(folder_);
    std::ofstream(folder_ / "file") << "in the way";
    options o;
    o.report_dir = folder_ / "file" / "reports";
    ::testing::internal::CaptureStderr();
    EXPECT_EQ(explore(o, cross).verdict, verdict::deadlock);
    EXPECT_THAT(::testing::internal::GetCapturedStderr(),
                AllOf(StartsWith("heddle: option `report_dir`: "), HasSubstr("file")));
    EXPECT_THROW(write_report(folder_ / "file", *explore(cross).failure), fs::filesystem_error);
}

TEST(ColoursWanted, OnATerminalOnly) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    setenv("TERM", "xterm", 1);
    unsetenv("NO_COLOR");
    EXPECT_FALSE(colours_wanted(ends[1]));
    const int terminal = posix_openpt(O_RDWR);
    if (terminal >= 0) {
        EXPECT_TRUE(colours_wanted(terminal));
        setenv("NO_COLOR", "1", 1);
        EXPECT_FALSE(colours_wanted(terminal));
        setenv("NO_COLOR", "", 1);
        EXPECT_TRUE(colours_wanted(terminal));
        setenv("TERM", "dumb", 1);
        EXPECT_FALSE(colours_wanted(terminal));
        close(terminal);
    }
    close(ends[0]);
    close(ends[1]);
}

}  // namespace
}  // namespace heddle
