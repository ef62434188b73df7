#include <gmock/gmock.h>

#include <heddle/litmus/csv.hpp>

namespace heddle::litmus {
namespace {

using ::testing::ElementsAre;

std::vector<std::vector<std::string>> texts(std::string_view csv) {
    std::vector<std::vector<std::string>> result;
    for (const csv_row& row : read_csv(csv)) {
        result.emplace_back();
        for (const csv_cell& cell : row) result.back().push_back(cell.text);
    }
    return result;
}

std::string error_of(std::string_view csv) {
    try {
        read_csv(csv);
    } catch (const input_error& e) {
        return std::to_string(e.where().line) + ':' + std::to_string(e.where().column) + ": " +
               e.what();
    }
    return "no error";
}

TEST(Csv, ReadsCellsAndRows) {
    EXPECT_THAT(texts("a,b\n1,2\n"), ElementsAre(ElementsAre("a", "b"), ElementsAre("1", "2")));
    EXPECT_THAT(texts("a,b\r\n1,2"), ElementsAre(ElementsAre("a", "b"), ElementsAre("1", "2")));
    EXPECT_THAT(texts(",\n"), ElementsAre(ElementsAre("", "")));
    EXPECT_THAT(texts(""), ElementsAre());
    EXPECT_THAT(texts("a, b \n"), ElementsAre(ElementsAre("a", " b ")));
}

TEST(Csv, ReadsQuotedCells) {
    EXPECT_THAT(texts("\"a,b\",\"c\"\"d\"\n"), ElementsAre(ElementsAre("a,b", "c\"d")));
    EXPECT_THAT(texts("\"a\nb\",c\n"), ElementsAre(ElementsAre("a\nb", "c")));
    EXPECT_THAT(texts("\"\",\"\""), ElementsAre(ElementsAre("", "")));
    EXPECT_THAT(texts("\"\"\"\""), ElementsAre(ElementsAre("\"")));
}

TEST(Csv, PassesOverEmptyLinesAndAByteOrderMark) {
    EXPECT_THAT(texts("\xEF\xBB\xBF"
                      "a\n\n\r\nb\n"),
                ElementsAre(ElementsAre("a"), ElementsAre("b")));
    EXPECT_EQ(read_csv("\xEF\xBB\xBF"
                       "a")
                  .at(0)
                  .at(0)
                  .start,
              (position{1, 1}));
}

TEST(Csv, KeepsTheCarriageReturnThatEndsNoLine) {
    EXPECT_THAT(texts("a\rb,c\n"), ElementsAre(ElementsAre("a\rb", "c")));
}

TEST(Csv, KnowsWhereCellsBegin) {
    const auto rows = read_csv("a,\"b\"\n\n\"c\nd\",e\n");
    EXPECT_EQ(rows[0][0].start, (position{1, 1}));
    EXPECT_EQ(rows[0][1].start, (position{1, 4}));
    EXPECT_EQ(rows[1][0].start, (position{3, 2}));
    EXPECT_EQ(rows[1][1].start, (position{4, 4}));
}

TEST(Csv, KnowsWhereCharactersStand) {
    const csv_cell quoted = read_csv(
        "x,\"a\"\"b\nc\xC3\xA4"
        "d\"")[0][1];
    ASSERT_EQ(quoted.text,
              "a\"b\nc\xC3\xA4"
              "d");
    EXPECT_EQ(quoted.place_of(0), (position{1, 4}));
    EXPECT_EQ(quoted.place_of(1), (position{1, 5}));  // the first of the two quotes
    EXPECT_EQ(quoted.place_of(2), (position{1, 7}));
    EXPECT_EQ(quoted.place_of(4), (position{2, 1}));
    EXPECT_EQ(quoted.place_of(7), (position{2, 3}));  // two bytes before it are one character
    EXPECT_EQ(quoted.place_of(8), (position{2, 4}));  // the closing quote
    EXPECT_EQ(read_csv("x,abc")[0][1].place_of(2), (position{1, 5}));
}

TEST(Csv, RefusesQuotesOutOfPlace) {
    EXPECT_EQ(error_of("a,b\"c\""),
              "1:4: expected quotes around the whole cell, found '\"' within it");
    EXPECT_EQ(error_of("a\nb,\"c"), "2:3: expected a closing '\"', found the end of the file");
    EXPECT_EQ(error_of("\"a\" ,b"),
              "1:4: expected ',' or the end of the line after a quoted cell, found ' '");
}

TEST(Csv, WritesQuotesWhereNeeded) {
    const std::vector<std::string> cells{"a", "", "b,c", "d\"e", "f\ng", "h i"};
    EXPECT_EQ(format_csv_row(cells), "a,,\"b,c\",\"d\"\"e\",\"f\ng\",h i\n");
    EXPECT_EQ(format_csv_row(std::vector<std::string>{"", "x"}), ",x\n");
}

TEST(Csv, ReadsWhatItWrote) {
    const std::vector<std::string> cells{"", "\"", ",", "\r\n", "plain", " "};
    EXPECT_THAT(texts(format_csv_row(cells)), ElementsAre(cells));
}

}  // namespace
}  // namespace heddle::litmus
