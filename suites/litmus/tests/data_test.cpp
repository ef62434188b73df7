// The tables in suites/litmus/data: all of them parse, and a brute-force search under sc agrees
// with them.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <heddle/litmus/parser.hpp>
#include <heddle/litmus/table.hpp>
#include <iterator>

#include "interleavings.hpp"

namespace heddle::litmus {
namespace {

// Larger programs take too long for a unit test; what is left out is counted and bounded below.
constexpr std::size_t state_limit = 3'000;
constexpr std::size_t text_limit = 700;

class Data : public ::testing::TestWithParam<const char*> {
protected:
    void SetUp() override {
        const std::filesystem::path file =
            std::filesystem::path(HEDDLE_LITMUS_DATA_DIR_) / GetParam();
        std::ifstream in(file, std::ios::binary);
        if (!in) GTEST_SKIP() << "no file " << file;
        text_.assign(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    }

    std::string text_;
};

TEST_P(Data, EveryProgramParses) {
    const table t = read_table(text_);
    EXPECT_TRUE(t.has_model[0] && t.has_model[1] && t.has_model[2]);
    std::size_t programs = 0;
    for (const table_row& row : t.rows) {
        if (row.program.text.empty()) continue;
        EXPECT_NO_THROW(parse_program(row)) << row.name;
        ++programs;
    }
    EXPECT_GE(programs, 161U);
}

// With one character left out or the end cut off a program parses or is refused in its own text,
// nothing else.
TEST_P(Data, MutilatedProgramsAreRefusedInPlace) {
    constexpr std::size_t longest = 80;
    std::size_t refused = 0;
    for (const table_row& row : read_table(text_).rows) {
        const std::string& text = row.program.text;
        if (text.size() > longest) continue;
        for (std::size_t at = 0; at < text.size(); ++at) {
            for (const std::string& mutilated :
                 {text.substr(0, at) + text.substr(at + 1), text.substr(0, at)}) {
                try {
                    parse(mutilated);
                } catch (const parse_error& e) {
                    ++refused;
                    ASSERT_LE(e.offset(), mutilated.size()) << mutilated;
                    ASSERT_NE(std::string(e.what()).find(", found "), std::string::npos)
                        << e.what();
                }
            }
        }
    }
    EXPECT_GT(refused, 0U);
}

TEST_P(Data, AgreesWithABruteForceSearchUnderSc) {
    const run_options options{memory_model::sc, search_strategy::depth_first};
    std::size_t compared = 0, too_large = 0;
    for (const table_row& row : read_table(text_).rows) {
        const expectation& expected = row.expected[0];
        if (row.program.text.empty() || expected.race.value_or(false)) continue;
        if (row.program.text.size() > text_limit) {
            ++too_large;
            continue;
        }
        const program p = parse_program(row);
        try {
            for (const std::string& difference :
                 compare(row, interleavings(p).explore(state_limit), options))
                ADD_FAILURE() << row.name << ": " << difference << "\n  " << row.program.text;
            ++compared;
        } catch (const std::length_error&) {
            ++too_large;
        }
    }
    RecordProperty("compared", static_cast<int>(compared));
    RecordProperty("too_large", static_cast<int>(too_large));
    EXPECT_GE(compared, too_large);
}

INSTANTIATE_TEST_SUITE_P(Files, Data,
                         ::testing::Values("litmus.csv", "generated.csv", "families.csv",
                                           "extra.csv"),
                         [](const auto& instance) {
                             const std::string name = instance.param;
                             return name.substr(0, name.find('.'));
                         });

}  // namespace
}  // namespace heddle::litmus
