#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <heddle/litmus/application.hpp>
#include <heddle/litmus/command_line.hpp>
#include <sstream>

namespace heddle::litmus {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* header =
    "name,model,graphs,deadlocks,race,outcomes,hash,executions,pruned,seconds\n";

// A runner that finds what it is told and remembers what it was asked for.
class Application : public ::testing::Test {
protected:
    Application()
        : folder_(std::filesystem::temp_directory_path() /
                  ("heddle-litmus-" + std::to_string(getpid()))) {
        std::filesystem::create_directories(folder_);
        found_.graphs = 3;
        found_.outcomes = {{"a", 2}, {"b", 1}};
        found_.executions = 5;
        found_.pruned = 2;
    }
    ~Application() override { std::filesystem::remove_all(folder_); }

    std::string file(const std::string& name, const std::string& text) {
        std::ofstream(folder_ / name, std::ios::binary) << text;
        return (folder_ / name).string();
    }

    int run(const std::vector<std::string>& arguments) {
        std::ostringstream out, err;
        const std::vector<std::string_view> views(arguments.begin(), arguments.end());
        const int status =
            run_application(views, out, err, [this](const program& p, const run_options& options) {
                threads_.push_back(p.threads.size());
                asked_.push_back(options);
                if (fails_) throw std::runtime_error("too many locations");
                return found_;
            });
        out_ = out.str();
        err_ = err.str();
        return status;
    }

    std::vector<memory_model> models() const {
        std::vector<memory_model> result;
        for (const run_options& o : asked_) result.push_back(o.model);
        return result;
    }

    std::filesystem::path folder_;
    row_result found_;
    bool fails_ = false;
    std::vector<run_options> asked_;
    std::vector<std::size_t> threads_;
    std::string out_, err_;
};

// The rows without their last column, the time.
std::string without_seconds(const std::string& out) {
    std::istringstream in(out);
    std::string result, line;
    while (std::getline(in, line)) result += line.substr(0, line.rfind(',')) + '\n';
    return result;
}

TEST_F(Application, RunsAProgramUnderCpp20) {
    EXPECT_EQ(run({"--program=x=1 | x=2"}), 0);
    EXPECT_EQ(without_seconds(out_),
              without_seconds(header) + "program,cpp20,3,0,no,2,78ed6781f136a14e,5,2\n");
    EXPECT_EQ(err_, "");
    EXPECT_THAT(threads_, ElementsAre(2U));
    EXPECT_EQ(asked_[0].execution_limit, 0U);
}

TEST_F(Application, ListsOutcomesOnDemand) {
    found_.race = true;
    EXPECT_EQ(run({"--outcomes", "--model=sc", "--program=x=1"}), 0);
    EXPECT_THAT(out_, HasSubstr("\nprogram,sc,3,0,yes,a#2 ; b#1,"));
}

TEST_F(Application, RunsTheModelsOfTheFile) {
    const std::string all =
        file("all.csv", "program,sc_graphs,rc11_graphs,cpp20_graphs\nx=1,3,3,3\n");
    const std::string two = file("two.csv", "name,program,cpp20_race,sc_hash\nn,x=1,,\n");
    const std::string bare = file("bare.csv", "program\nx=1\n");
    EXPECT_EQ(run({all}), 0);
    EXPECT_THAT(models(), ElementsAre(memory_model::sc, memory_model::rc11, memory_model::cpp20));
    asked_.clear();
    EXPECT_EQ(run({two, bare}), 0);
    EXPECT_THAT(models(), ElementsAre(memory_model::sc, memory_model::cpp20, memory_model::cpp20));
    asked_.clear();
    EXPECT_EQ(run({"--model=rc11", two, all}), 0);
    EXPECT_THAT(models(), ElementsAre(memory_model::rc11, memory_model::rc11));
}

TEST_F(Application, PassesStrategyLimitAndSeed) {
    run({"--strategy=depth_first", "--execution_limit=12", "--program=x=1"});
    run({"--strategy=random", "--seed=8", "--program=x=1"});
    EXPECT_EQ(asked_[0].strategy, search_strategy::depth_first);
    EXPECT_EQ(asked_[0].execution_limit, 12U);
    EXPECT_EQ(asked_[1].strategy, search_strategy::random);
    EXPECT_EQ(asked_[1].seed, 8U);
    EXPECT_EQ(asked_[1].execution_limit, default_random_executions);
}

TEST_F(Application, CheckNamesEachDifference) {
    const std::string f = file(
        "t.csv",
        "name,program,sc_graphs,cpp20_graphs,cpp20_deadlocks\ngood,x=1,3,3,0\nbad,x=1,3,4,1\n");
    EXPECT_EQ(run({"--check", f}), 1);
    EXPECT_EQ(err_, f + ":3:1: bad cpp20: graphs: expected 4, found 3\n" + f +
                        ":3:1: bad cpp20: deadlocks: expected 1, found 0\n" +
                        "heddle-litmus: 4 runs compared, 3 equal, 1 different\n");
    EXPECT_EQ(run({"--check", "--only=good", f}), 0);
    EXPECT_EQ(err_, "heddle-litmus: 2 runs compared, 2 equal, 0 different\n");
}

TEST_F(Application, CheckPassesOverRowsWithoutFigures) {
    const std::string f = file("t.csv", "name,program,sc_graphs,cpp20_graphs\na,x=1,3,\nb,,1,1\n");
    EXPECT_EQ(run({"--check", f}), 0);
    EXPECT_EQ(err_,
              "heddle-litmus: 1 run compared, 1 equal, 0 different, 1 without figures to compare, "
              "1 row without a program\n");
    EXPECT_EQ(asked_.size(), 1U);
    EXPECT_EQ(run({f}), 0);
    EXPECT_EQ(err_, "heddle-litmus: 1 row without a program\n");
    EXPECT_EQ(asked_.size(), 3U);
}

TEST_F(Application, LimitSkipsLargeRows) {
    const std::string f =
        file("t.csv", "name,program,sc_graphs,cpp20_graphs\na,x=1,3,4\nb,x=1,5,\n");
    EXPECT_EQ(run({"--limit=3", f}), 0);
    EXPECT_THAT(models(), ElementsAre(memory_model::sc, memory_model::cpp20));
    EXPECT_EQ(err_, "heddle-litmus: 2 skipped by --limit=3\n");
}

TEST_F(Application, ARunThatFailsIsReportedAndTheRestGoesOn) {
    fails_ = true;
    const std::string f = file("t.csv", "name,program,sc_graphs\na,x=1,3\nb,x=1,3\n");
    EXPECT_EQ(run({"--check", f}), 1);
    EXPECT_EQ(err_,
              f + ":2:1: a sc: could not be run: too many locations\n" + f +
                  ":3:1: b sc: could not be run: too many locations\n"
                  "heddle-litmus: 0 runs compared, 0 equal, 0 different, 2 could not be run\n");
}

TEST_F(Application, SaysWhySearchesDidNotEnd) {
    found_.exhausted = false;
    found_.note = "execution limit 5";
    EXPECT_EQ(run({"--program=x=1"}), 0);
    EXPECT_EQ(err_, "--program:1:1: program cpp20: the search did not end: execution limit 5\n");
}

TEST_F(Application, ReportsEveryWrongProgramBeforeRunningAny) {
    const std::string f =
        file("t.csv", "name,program\nok,x=1\na,\"x.store(1,acq)\"\nb,\"x.load(rlx\"\n");
    EXPECT_EQ(run({f}), 2);
    EXPECT_EQ(err_, "heddle-litmus: " + f +
                        ":3:14: expected an order for store (na, rlx, rel or sc), found 'acq'\n"
                        "heddle-litmus: " +
                        f + ":4:14: expected ')' to close '(', found the end of the program\n");
    EXPECT_EQ(out_, "");
    EXPECT_THAT(asked_, IsEmpty());
    EXPECT_EQ(run({"--program=x.load(foo)"}), 2);
    EXPECT_THAT(err_, HasSubstr("--program:1:8: expected an order for load"));
}

TEST_F(Application, ReportsFilesThatCannotBeRead) {
    EXPECT_EQ(run({"no-such.csv"}), 2);
    EXPECT_EQ(err_, "heddle-litmus: cannot read 'no-such.csv': No such file or directory\n");
    EXPECT_EQ(run({folder_.string()}), 2);
    EXPECT_THAT(err_, AllOf(HasSubstr("cannot read"), HasSubstr("Is a directory")));
    const std::string f = file("t.csv", "name,program,sc_graphs\na,x=1,lots\n");
    EXPECT_EQ(run({f}), 2);
    EXPECT_EQ(err_, "heddle-litmus: " + f +
                        ":2:7: expected a number in column sc_graphs, found 'lots'\n");
}

TEST_F(Application, KnowsTheNamesOfTheRows) {
    const std::string f = file("t.csv", "name,program\nSB+rlx,x=1\nMP,\n");
    EXPECT_EQ(run({"--only=SB+rxl", f}), 2);
    EXPECT_EQ(err_,
              "heddle-litmus: expected the name of a row for --only, found 'SB+rxl'; did you mean "
              "'SB+rlx'?\n");
    EXPECT_EQ(run({"--only=SB+rlx", f}), 0);
}

TEST_F(Application, HelpAndUsage) {
    EXPECT_EQ(run({"--help"}), 0);
    EXPECT_EQ(out_, help_text());
    EXPECT_EQ(run({"--modle=sc"}), 2);
    EXPECT_EQ(err_, "heddle-litmus: unknown flag '--modle'; did you mean '--model'?\n");
}

}  // namespace
}  // namespace heddle::litmus
