// Reports of real programs: their text as approved, what they say as data, and that their replay
// lines fail again in a new process.
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "expected_reports.hpp"
#include "golden.hpp"
#include "report_schema.hpp"
#include "run_program.hpp"

namespace heddle {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

namespace fs = std::filesystem;
using e2e::program_run;
using nlohmann::json;

std::string text_of(const fs::path& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

std::string without(std::string text, const std::string& part, const std::string& instead) {
    for (std::size_t at = 0; (at = text.find(part, at)) != text.npos; at += instead.size())
        text.replace(at, part.size(), instead);
    return text;
}

// As a user would read it beside the sources: no folder of the build, and no schedule, which says
// nothing to a reader.
[[maybe_unused]] std::string shown(const std::string& report, const std::string& schedule) {
    return without(without(report, e2e::path_of(""), "./"), schedule, "h1:...");
}

std::string source_line(const json& where) {
    std::ifstream in(std::string(HEDDLE_REPORTS_DIR) + "/programs/" +
                     where["file"].get<std::string>());
    std::string line;
    for (unsigned k = 0; k < where["line"].get<unsigned>(); ++k) std::getline(in, line);
    return line;
}

texts names_of(const json& report, const char* kind) {
    texts names;
    for (const json& index : report["finding"][kind])
        names.push_back(report[kind][index.get<std::size_t>()]["name"]);
    return names;
}

class Reports : public ::testing::TestWithParam<expected_report> {
protected:
    const fs::path folder_ =
        fs::temp_directory_path() / ("heddle_reports_" + std::to_string(getpid()));
    ~Reports() override { fs::remove_all(folder_); }

    // In the folder of the sources, so that reports name them as a user would.
    program_run run_in_sources(const std::string& command) const {
        return e2e::run_in_shell("cd '" HEDDLE_REPORTS_DIR "/programs' && " + command,
                                 {{"HEDDLE_REPORT_DIR", folder_.string()}});
    }
    std::string file(const char* name) const { return text_of(folder_ / GetParam().test / name); }

    // The data says what is expected, and the text says what the data says.
    static void expect_contents(const expected_report& expected, const json& report,
                                const std::string& text) {
        EXPECT_EQ(schema_errors(report), "");
        EXPECT_EQ(report["verdict"], expected.verdict);
        EXPECT_EQ(report["finding"]["reason"], expected.reason);
        expect_names(expected.threads, names_of(report, "threads"), text);
        expect_names(expected.objects, names_of(report, "objects"), text);
        texts labelled;
        for (const json& label : report["finding"]["labels"]) {
            if (label["where"].is_null()) continue;
            labelled.push_back(source_line(label["where"]));
            EXPECT_THAT(text, HasSubstr(std::to_string(label["where"]["line"].get<int>()) + " | "));
        }
        for (const std::string& code : expected.places)
            EXPECT_THAT(labelled, Contains(HasSubstr(code)));
    }
    static void expect_names(const texts& expected, const texts& names, const std::string& text) {
        for (const std::string& name : expected) {
            EXPECT_THAT(names, Contains(name));
            EXPECT_THAT(text, HasSubstr('`' + name + '`'));
        }
    }

    // Whoever waits is in the graph, with whom it waits for.
    static void expect_graph(const expected_report& expected, const json& report,
                             const std::string& dot) {
        const std::string verdict = expected.verdict, reason = expected.reason;
        const bool waits =
            verdict == "deadlock" || verdict == "lost_notification" || verdict == "livelock";
        EXPECT_EQ(dot.empty(), !waits);
        EXPECT_EQ(report["wait_for"].empty(), !waits);
        bool in_cycle = false;
        for (const json& edge : report["wait_for"]) {
            in_cycle = in_cycle || edge["in_cycle"].get<bool>();
            const std::string waiter = 't' + std::to_string(edge["waiter"].get<int>());
            const std::string owner = edge["owner"].is_null()
                                          ? 'o' + std::to_string(edge["object"].get<int>())
                                          : 't' + std::to_string(edge["owner"].get<int>());
            EXPECT_THAT(dot, HasSubstr("  " + waiter + " -> " + owner + " [label="));
            EXPECT_EQ(report["threads"][edge["waiter"].get<std::size_t>()]["state"], "blocked");
        }
        EXPECT_EQ(in_cycle, reason == "cycle" || reason == "self");
    }

    // A wrong help is worse than none: each advice has a test that what it advises is clean.
    static void expect_tested_advice(const expected_report& expected, const json& report) {
        if (report["finding"]["help"].empty()) return;
        std::string test = expected.test;
        test = "TEST(" + test.replace(test.find('.'), 1, ", ") + ')';
        const std::string folder = HEDDLE_REPORTS_DIR "/tests/";
        const std::string tests =
            text_of(folder + "advice_test.cpp") + text_of(folder + "notification_advice_test.cpp");
        EXPECT_NE(tests.find(test), tests.npos) << "no advice test has " << test;
    }

    // The same but for what a replay does not know: the search.
    static void expect_same(json first, const json& second) {
        first["finding"]["found"] = second["finding"]["found"];
        for (const char* const of_search : {"seed", "execution", "shrunk_from"})
            first["execution"][of_search] = second["execution"][of_search];
        EXPECT_EQ(first, second);
    }
};

TEST_P(Reports, SaysWhatWhoAndWhereAndFailsAgain) {
    const expected_report& expected = GetParam();
    const program_run first = run_in_sources("exec " + e2e::path_of("report_programs") +
                                             " --gtest_filter=" + expected.test);
    ASSERT_EQ(first.exit_code, 1);
    const std::string text = file("report.txt");
    const json report = json::parse(file("report.json"));
    EXPECT_THAT(first.out, AllOf(HasSubstr(text), Not(HasSubstr("\x1b"))));
    expect_contents(expected, report, text);
    expect_graph(expected, report, file("wait_for.dot"));
    expect_tested_advice(expected, report);
#if HEDDLE_COMPARE_TEXTS
    EXPECT_TRUE(trace::golden(HEDDLE_REPORTS_DIR "/golden", expected.test,
                              shown(text, report["replay"]["schedule"])));
#endif

    const std::string line = e2e::replay_line(first.out);
    EXPECT_EQ(line, report["replay"]["command"]);
    if (!expected.replays) return;
    fs::remove_all(folder_);
    EXPECT_EQ(run_in_sources(line).exit_code, 1);
    expect_same(report, json::parse(file("report.json")));
}

std::string test_name(const ::testing::TestParamInfo<expected_report>& info) {
    const std::string name = info.param.test;
    return name.substr(name.find('.') + 1);
}

INSTANTIATE_TEST_SUITE_P(Races, Reports, ::testing::ValuesIn(races), test_name);
INSTANTIATE_TEST_SUITE_P(Deadlocks, Reports, ::testing::ValuesIn(deadlocks), test_name);
INSTANTIATE_TEST_SUITE_P(LostNotifications, Reports, ::testing::ValuesIn(lost_notifications),
                         test_name);
INSTANTIATE_TEST_SUITE_P(Misuses, Reports, ::testing::ValuesIn(misuses), test_name);
INSTANTIATE_TEST_SUITE_P(Others, Reports, ::testing::ValuesIn(others), test_name);

// ---- colour -----------------------------------------------------------------------------------

class Colour : public ::testing::Test {
protected:
    const fs::path xml_ =
        fs::temp_directory_path() / ("heddle_reports_" + std::to_string(getpid()) + ".xml");
    ~Colour() override { fs::remove(xml_); }

    program_run run(const std::string& flags, const e2e::environment& variables = {}) const {
        return e2e::run_in_shell(e2e::path_of("report_programs") +
                                     " --gtest_filter=Races.NotJoined:Races.RelaxedFlag" +
                                     " --gtest_output=xml:" + xml_.string() + ' ' + flags,
                                 variables);
    }
};

TEST_F(Colour, IsInTheReportOfEveryTestButNotInItsXml) {
    const program_run r = run("--gtest_color=yes");
    EXPECT_EQ(e2e::count_of(r.out, "\x1b[1;31merror[data-race]"), 2) << r.out;
    EXPECT_EQ(e2e::count_of(r.out, "error[data-race]"), 2);
    EXPECT_THAT(text_of(xml_), AllOf(HasSubstr("error[data-race]"), Not(HasSubstr("\x1b")),
                                     Not(HasSubstr("[1;31m"))));
}

TEST_F(Colour, IsAbsentWhereNobodyAsked) {
    EXPECT_THAT(run("").out, AllOf(HasSubstr("error[data-race]"), Not(HasSubstr("\x1b"))));
    EXPECT_THAT(run("--gtest_color=no").out, Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace heddle
