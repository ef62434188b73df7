#include <gmock/gmock.h>

#include <heddle/litmus/table.hpp>

namespace heddle::litmus {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::size_t sc = static_cast<std::size_t>(memory_model::sc);
constexpr std::size_t cpp20 = static_cast<std::size_t>(memory_model::cpp20);

std::string error_of(std::string_view csv) {
    try {
        read_table(csv);
    } catch (const input_error& e) {
        return std::to_string(e.where().line) + ':' + std::to_string(e.where().column) + ": " +
               e.what();
    }
    return "no error";
}

TEST(Table, ReadsNamesProgramsAndFigures) {
    const table t = read_table(
        "name,program,sc_graphs,cpp20_graphs,cpp20_deadlocks,cpp20_race,remark\n"
        "one,\"x=1 | x=2\",3,4,5,yes,ignored\n"
        "two,x=1,,,,no,\n");
    EXPECT_THAT(t.has_model, ElementsAre(true, false, true));
    ASSERT_EQ(t.rows.size(), 2U);
    EXPECT_EQ(t.rows[0].name, "one");
    EXPECT_EQ(t.rows[0].program.text, "x=1 | x=2");
    EXPECT_EQ(t.rows[0].where, (position{2, 1}));
    EXPECT_EQ(t.rows[0].expected[sc].graphs, 3U);
    EXPECT_EQ(t.rows[0].expected[sc].deadlocks, std::nullopt);
    EXPECT_EQ(t.rows[0].expected[cpp20].graphs, 4U);
    EXPECT_EQ(t.rows[0].expected[cpp20].deadlocks, 5U);
    EXPECT_EQ(t.rows[0].expected[cpp20].race, true);
    EXPECT_EQ(t.rows[1].expected[cpp20].race, false);
    EXPECT_FALSE(t.rows[1].expected[sc].says_something());
    EXPECT_TRUE(t.rows[1].expected[cpp20].says_something());
}

TEST(Table, NamesRowsOfFamilies) {
    const table t = read_table("family,n,program,sc_race\ncinc,2,x=1,0\nother,,x=1,1\n,,x=1,\n");
    EXPECT_EQ(t.rows[0].name, "cinc(2)");
    EXPECT_EQ(t.rows[1].name, "other");
    EXPECT_EQ(t.rows[2].name, "line 4");
    EXPECT_EQ(t.rows[0].expected[sc].race, false);
    EXPECT_EQ(t.rows[1].expected[sc].race, true);
}

TEST(Table, NeedsNoFigures) {
    const table t = read_table("program\nx=1\n");
    EXPECT_THAT(t.has_model, ElementsAre(false, false, false));
    EXPECT_EQ(t.rows[0].name, "line 2");
}

TEST(Table, UnderstandsOutcomesInThreeForms) {
    const table t = read_table(
        "program,sc_outcomes,sc_hash,cpp20_outcomes\n"
        "x=1,4,e6d1b7f0c030f4d5,0:r0=0 x=1#2 ; 0:r0=1 x=1#3\n"
        "x=1,\"72 outcomes, hash 406b7b58db7a2aad\",,#6\n"
        "x=1,,,0:r0=0 x=1 ; x=2\n");
    EXPECT_EQ(t.rows[0].expected[sc].outcome_count, 4U);
    EXPECT_EQ(t.rows[0].expected[sc].outcome_hash, "e6d1b7f0c030f4d5");
    using list = std::map<std::string, std::optional<std::uint64_t>>;
    EXPECT_EQ(t.rows[0].expected[cpp20].outcomes, (list{{"0:r0=0 x=1", 2}, {"0:r0=1 x=1", 3}}));
    EXPECT_EQ(t.rows[1].expected[sc].outcome_count, 72U);
    EXPECT_EQ(t.rows[1].expected[sc].outcome_hash, "406b7b58db7a2aad");
    EXPECT_EQ(t.rows[1].expected[cpp20].outcomes, (list{{"", 6}}));
    EXPECT_EQ(t.rows[2].expected[cpp20].outcomes,
              (list{{"0:r0=0 x=1", std::nullopt}, {"x=2", std::nullopt}}));
}

TEST(Table, SaysWhichCellIsWrong) {
    EXPECT_EQ(error_of(""),
              "1:1: expected a first row that names the columns, found an empty file");
    EXPECT_EQ(error_of("name,code\n"),
              "1:1: expected a column 'program' in the first row, found none");
    EXPECT_EQ(error_of("program,name,program\n"),
              "1:14: expected each column once, found 'program' again");
    EXPECT_EQ(error_of("name,program\na\n"), "2:1: expected 2 cells as in the first row, found 1");
    EXPECT_EQ(error_of("program,sc_graphs\nx=1,many\n"),
              "2:5: expected a number in column sc_graphs, found 'many'");
    EXPECT_EQ(error_of("program,sc_race\nx=1,maybe\n"),
              "2:5: expected yes or no in column sc_race, found 'maybe'");
    EXPECT_EQ(error_of("program,sc_condition\nx=1,yes\n"),
              "2:5: expected allowed or forbidden in column sc_condition, found 'yes'");
    EXPECT_EQ(error_of("program,sc_hash\nx=1,12\n"),
              "2:5: expected sixteen hexadecimal digits in column sc_hash, found '12'");
    EXPECT_EQ(
        error_of("program,sc_outcomes\nx=1,x=1#a\n"),
        "2:5: expected outcome#graphs, separated by ' ; ', in column sc_outcomes, found 'x=1#a'");
    EXPECT_EQ(error_of("program,sc_outcomes\nx=1,\"2 outcomes, hash 12\"\n"),
              "2:6: expected sixteen hexadecimal digits of a hash in column sc_outcomes, found '2 "
              "outcomes, hash 12'");
    EXPECT_EQ(error_of("program\n\"x=1\n"),
              "2:1: expected a closing '\"', found the end of the file");
}

TEST(Table, PlacesErrorsOfProgramsInTheFile) {
    const table t = read_table("name,program\na,\"x=1;\n y.load(foo)\"\nb,z.load(x)\n");
    const auto place = [&](std::size_t row) {
        try {
            parse_program(t.rows[row]);
        } catch (const input_error& e) {
            return e.where();
        }
        return position{0, 0};
    };
    EXPECT_EQ(place(0), (position{3, 9}));
    EXPECT_EQ(place(1), (position{4, 10}));
}

// One row of expectations under cpp20, compared with a result.
std::vector<std::string> differences(const std::string& columns, const std::string& cells,
                                     const row_result& found,
                                     search_strategy strategy = search_strategy::exhaustive) {
    const table t = read_table("program," + columns + "\nx=1," + cells + "\n");
    return compare(t.rows.at(0), found, {memory_model::cpp20, strategy});
}

row_result result_of(std::map<std::string, std::uint64_t> outcomes, std::uint64_t deadlocks = 0,
                     bool race = false) {
    row_result r;
    for (const auto& [outcome, count] : outcomes) r.graphs += count;
    r.outcomes = std::move(outcomes);
    r.deadlocks = deadlocks;
    r.race = race;
    return r;
}

TEST(Compare, CountsAndFlags) {
    const std::string columns = "cpp20_graphs,cpp20_deadlocks,cpp20_race";
    EXPECT_THAT(differences(columns, "3,1,no", result_of({{"x=1", 3}}, 1)), IsEmpty());
    EXPECT_THAT(differences(columns, "4,2,no", result_of({{"x=1", 3}}, 1)),
                ElementsAre("graphs: expected 4, found 3", "deadlocks: expected 2, found 1"));
    EXPECT_THAT(differences(columns, ",,", result_of({{"x=1", 3}}, 1, true)), IsEmpty());
    EXPECT_THAT(differences(columns, "4,,", result_of({{"x=1", 3}})),
                ElementsAre("graphs: expected 4, found 3"));
}

TEST(Compare, OnlyTheFlagOfARacyProgram) {
    const std::string columns = "cpp20_graphs,cpp20_race";
    EXPECT_THAT(differences(columns, "3,yes", result_of({{"x=1", 1}}, 0, true)), IsEmpty());
    EXPECT_THAT(differences(columns, "3,1", result_of({{"x=1", 1}})),
                ElementsAre("race: expected yes, found no"));
    EXPECT_THAT(differences(columns, "3,0", result_of({{"x=1", 1}}, 0, true)),
                ElementsAre("race: expected no, found yes"));
}

TEST(Compare, CountAndHashOfOutcomes) {
    const std::string columns = "cpp20_outcomes,cpp20_hash";
    const row_result found = result_of({{"a", 1}, {"b", 5}});
    EXPECT_THAT(differences(columns, "2,78ed6781f136a14e", found), IsEmpty());
    EXPECT_THAT(
        differences(columns, "3,78ed6781f136a14f", found),
        ElementsAre("outcomes: expected 3, found 2",
                    "hash of the outcomes: expected 78ed6781f136a14f, found 78ed6781f136a14e"));
    EXPECT_THAT(differences(columns, "\"2 outcomes, hash 78ed6781f136a14e\",", found), IsEmpty());
}

TEST(Compare, ListsOfOutcomes) {
    const row_result found = result_of({{"x=1", 2}, {"x=3", 1}});
    EXPECT_THAT(differences("cpp20_outcomes", "x=1#2 ; x=3#1", found), IsEmpty());
    EXPECT_THAT(differences("cpp20_outcomes", "x=1 ; x=3", found), IsEmpty());
    EXPECT_THAT(differences("cpp20_outcomes", "x=1#1 ; x=2#4", found),
                ElementsAre("outcome 'x=1': expected 1 graph, found 2",
                            "outcome 'x=2': expected 4 graphs, found none",
                            "outcome 'x=3': expected none, found 1"));
    EXPECT_THAT(differences("cpp20_outcomes", "x=1 ; x=2 ; x=3", found),
                ElementsAre("outcome 'x=2': expected it, found none"));
}

TEST(Compare, ListsTenDifferingOutcomes) {
    row_result found;
    for (int i = 0; i < 12; ++i) found.outcomes["x=" + std::to_string(i)] = 1;
    const std::vector<std::string> lines = differences("cpp20_outcomes", "x=0#1", found);
    ASSERT_EQ(lines.size(), 11U);
    EXPECT_EQ(lines.back(), "and 1 more outcome");
}

TEST(Compare, Conditions) {
    const row_result found = result_of({{"0:r0=1 1:r0=10 x=1", 1}, {"0:r0=2 1:r0=0 x=1", 1}});
    EXPECT_THAT(differences("condition,cpp20_condition", "x=1 0:r0=1,allowed", found), IsEmpty());
    EXPECT_THAT(differences("condition,cpp20_condition", "0:r0=1 1:r0=0,forbidden", found),
                IsEmpty());
    EXPECT_THAT(differences("condition,cpp20_condition", "1:r0=1,allowed", found),
                ElementsAre("condition '1:r0=1': expected allowed, found forbidden"));
    EXPECT_THAT(differences("condition,cpp20_condition", "0:r0=2,forbidden", found),
                ElementsAre("condition '0:r0=2': expected forbidden, found allowed"));
}

TEST(Compare, ASearchThatDidNotEnd) {
    row_result found = result_of({{"x=1", 1}});
    found.exhausted = false;
    found.note = "5 executions";
    EXPECT_THAT(differences("cpp20_graphs", "1", found),
                ElementsAre("the search did not end: 5 executions"));
    found.race = true;
    EXPECT_THAT(differences("cpp20_race", "yes", found), IsEmpty());
}

TEST(Compare, ExecutionsAreNotGraphs) {
    const auto depth_first = search_strategy::depth_first;
    const std::string columns = "cpp20_graphs,cpp20_deadlocks,cpp20_outcomes";
    EXPECT_THAT(differences(columns, "2,1,x=1#2", result_of({{"x=1", 9}}, 7), depth_first),
                IsEmpty());
    EXPECT_THAT(differences(columns, "2,0,x=2#2", result_of({{"x=1", 9}}, 7), depth_first),
                ElementsAre("deadlocks: expected 0, found 7",
                            "outcome 'x=2': expected 2 graphs, found none",
                            "outcome 'x=1': expected none, found 9"));
}

}  // namespace
}  // namespace heddle::litmus
