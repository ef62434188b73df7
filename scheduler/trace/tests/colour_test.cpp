#include <heddle/trace/colour.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace heddle::trace {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view report =
    "error[deadlock]: `a` and `b` wait for each other\n"
    "  --> account.hpp:9\n"
    "   |\n"
    " 9 |     to.mutex_.lock();\n"
    "   |     ^^^^^^^^^^^^^^^^ `a` waits\n"
    "   |     ---------------- `b` waits\n"
    "   |\n"
    "   = why: wait-for cycle\n"
    "            a --m--> b\n"
    "\n"
    "   step  a\n"
    "    1-3  (3 steps hidden)\n"
    "         switch to b (preemption)\n"
    "   = replay: ./test --heddle_replay=h1:c0:a";

std::string without_escapes(const std::string& text) {
    std::string plain;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '\x1b') {
            at = text.find('m', at);
        } else {
            plain += text[at];
        }
    }
    return plain;
}

TEST(Colour, AddsNothingButColours) {
    EXPECT_EQ(without_escapes(coloured(report)), report);
    EXPECT_EQ(without_escapes(coloured("")), "");
    EXPECT_EQ(without_escapes(coloured("\n\n   |\n   = odd")), "\n\n   |\n   = odd");
}

TEST(Colour, MarksTheSeverity) {
    EXPECT_THAT(coloured(report), HasSubstr("\x1b[1;31merror[deadlock]\x1b[0m"));
    EXPECT_THAT(coloured(report), HasSubstr("\x1b[1;31m^^^^^^^^^^^^^^^^\x1b[0m"));
    EXPECT_THAT(coloured("warning[livelock]: x\n   | ^^ y\n"), HasSubstr("\x1b[1;33m^^\x1b[0m"));
}

TEST(Colour, TellsOtherLabelsFromTheCode) {
    EXPECT_THAT(coloured(report), HasSubstr("\x1b[1;34m----------------\x1b[0m"));
    EXPECT_THAT(coloured(report), HasSubstr("     to.mutex_.lock();\n"));
}

TEST(Colour, LeavesTheReplayLineReadable) {
    EXPECT_THAT(coloured(report), HasSubstr(" ./test --heddle_replay=h1:c0:a"));
    EXPECT_THAT(coloured("a line of no report"), Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace heddle::trace
