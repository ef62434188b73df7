#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <heddle/trace/source.hpp>

#include "source_scan.hpp"

namespace heddle::trace {
namespace {

using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::IsEmpty;
using ::testing::Optional;

const std::string folder = HEDDLE_TEST_DIR;
const std::string queue = folder + "/programs/queue.hpp";

std::string code_of(const std::string& line) {
    const text_span s = code_span(line);
    return line.substr(s.begin, s.end - s.begin);
}

std::string call_of(const std::string& line, operation op) {
    const auto s = call_span(line, op);
    return s ? line.substr(s->begin, s->end - s->begin) : "none";
}

TEST(Source, PathsBelowTheRootAreShownRelativeToIt) {
    set_display_root(folder);
    EXPECT_EQ(display_path(queue), "programs/queue.hpp");
    EXPECT_EQ(display_path("/elsewhere/queue.hpp"), "/elsewhere/queue.hpp");
    EXPECT_EQ(display_path(folder + "-other/queue.hpp"), folder + "-other/queue.hpp");
    EXPECT_EQ(display_path("./include/../queue.hpp"), "queue.hpp");
    EXPECT_EQ(show_place({queue, 7, {}}), "programs/queue.hpp:7");
    EXPECT_EQ(show_place({}), "an unknown place");
    set_display_root({});
    EXPECT_EQ(display_path((std::filesystem::current_path() / "a.cpp").string()), "a.cpp");
}

TEST(Source, LinesAreReadWithTabsWidened) {
    set_display_root({});
    EXPECT_THAT(source_line(queue, 1),
                Optional(Eq("// A sample program for the reports: read, never compiled.")));
    EXPECT_THAT(source_line(queue, 8), Optional(Eq("    tabbed_ = value;    // a line with tabs")));
}

TEST(Source, WhatCannotBeReadIsNothing) {
    EXPECT_EQ(source_line(queue, 0), std::nullopt);
    EXPECT_EQ(source_line(queue, 100'000), std::nullopt);
    EXPECT_EQ(source_line(folder, 1), std::nullopt);
    EXPECT_EQ(source_line("/no/such/file.cpp", 1), std::nullopt);
    EXPECT_EQ(source_line("", 1), std::nullopt);
}

TEST(Source, ARelativeFileIsLookedForFromTheRootToo) {
    set_display_root(folder);
    EXPECT_TRUE(source_line("programs/queue.hpp", 1).has_value());
    set_display_root({});
}

TEST(Source, CodeEndsBeforeItsCommentAndPunctuation) {
    EXPECT_EQ(code_of("    x = 1;  // one"), "x = 1");
    EXPECT_EQ(code_of("  if (x) {"), "if (x)");
    EXPECT_EQ(code_of("f(\"// no comment\");"), "f(\"// no comment\")");
    EXPECT_EQ(code_of("g('\"', x);  /* tail */"), "g('\"', x)");
    EXPECT_EQ(code_of("h(/* here */ x);"), "h(/* here */ x)");
    EXPECT_EQ(code_of("n = 1'000'000;  // many"), "n = 1'000'000");
    EXPECT_EQ(code_of("    {"), "{");
    EXPECT_EQ(code_of("  // only a comment"), "// only a comment");
    EXPECT_EQ(code_of(""), "");
    EXPECT_EQ(code_of("   "), "");
}

TEST(Source, ACallIsMarkedWithItsObjectAndArguments) {
    EXPECT_EQ(call_of("    if (pending_.load() == 0) {", operation::load), "pending_.load()");
    EXPECT_EQ(call_of("a->b[i + 1].store(f(x), order);", operation::store),
              "a->b[i + 1].store(f(x), order)");
    EXPECT_EQ(call_of("return (*p).load();", operation::load), "(*p).load()");
    EXPECT_EQ(call_of("cv.wait(lock, [&] { return ok(); });", operation::wait_wake),
              "cv.wait(lock, [&] { return ok(); })");
    EXPECT_EQ(call_of("gate.wait(false);", operation::load), "gate.wait(false)");
    EXPECT_EQ(call_of("cv.wait(lock, [&] { return n.load() > 0; });", operation::load), "n.load()");
    EXPECT_EQ(call_of("x.compare_exchange_weak(expected,", operation::compare_exchange_weak),
              "x.compare_exchange_weak(expected,");
}

TEST(Source, ACallThatTheLineLeavesOpenIsNotMarked) {
    EXPECT_EQ(call_of("while (x.load() || y.load()) {", operation::load), "none");
    EXPECT_EQ(call_of("reload();  // x.load()", operation::load), "none");
    EXPECT_EQ(call_of("print(\"x.load()\");", operation::load), "none");
    EXPECT_EQ(call_of("load();", operation::load), "none");
    EXPECT_EQ(call_of("x = 1;", operation::store), "none");
}

TEST(Source, OperandsAreCutFromCallsGuardsAndAssignments) {
    EXPECT_THAT(operand_text("    this->pending_.fetch_add(1);", operation::fetch_add),
                Optional(Eq("pending_")));
    EXPECT_THAT(operand_text("slots_[tail].store(1);", operation::store),
                Optional(Eq("slots_[tail]")));
    EXPECT_THAT(operand_text("std::lock_guard guard{mutex_};", operation::lock),
                Optional(Eq("mutex_")));
    EXPECT_THAT(operand_text("std::unique_lock<M<int>> l(from.mutex_);", operation::lock),
                Optional(Eq("from.mutex_")));
    EXPECT_THAT(operand_text("std::unique_lock l{m, std::defer_lock};", operation::lock),
                Optional(Eq("m")));
    EXPECT_THAT(operand_text("std::scoped_lock both{a, b};", operation::lock), Eq(std::nullopt));
    EXPECT_THAT(operand_text("value_ = 5;", operation::plain_write), Optional(Eq("value_")));
    EXPECT_THAT(operand_text("a.sum += x;", operation::plain_write), Optional(Eq("a.sum")));
    EXPECT_THAT(operand_text("if (x == 5) f();", operation::plain_write), Eq(std::nullopt));
    EXPECT_THAT(operand_text("int y = x;", operation::plain_write), Eq(std::nullopt));
    EXPECT_THAT(operand_text("count_++;", operation::plain_write), Eq(std::nullopt));
}

TEST(Source, AnExpressionIsMarkedWhereTheLineHasItOnce) {
    const std::string line = "return count_;  // count_";
    EXPECT_EQ(expression_span(line, "count_"), (text_span{7, 13}));
    EXPECT_EQ(expression_span("count_ = count_ + 1;", "count_"), std::nullopt);
    EXPECT_EQ(expression_span("recount_ = count_2;", "count_"), std::nullopt);
    EXPECT_EQ(expression_span(line, ""), std::nullopt);
    EXPECT_EQ(expression_span("x = slots_[0];", "slots_[0]"), (text_span{4, 13}));
}

TEST(Source, DeclarationsNameTheirObjects) {
    EXPECT_THAT(declared_names("    typename Backend::mutex mutex_;", object_kind::mutex),
                ElementsAre("mutex_"));
    EXPECT_THAT(declared_names("std::atomic<int> n{0};  // x", object_kind::atomic),
                ElementsAre("n"));
    EXPECT_THAT(
        declared_names("B::template atomic<std::pair<int, int>> n = f(0);", object_kind::atomic),
        ElementsAre("n"));
    EXPECT_THAT(
        declared_names("fibers::condition_variable_any c;", object_kind::condition_variable),
        ElementsAre("c"));
    EXPECT_THAT(declared_names("fibers::timed_mutex m;", object_kind::mutex), ElementsAre("m"));
    EXPECT_THAT(declared_names("fibers::mutex a, b;", object_kind::mutex), ElementsAre("a", "b"));
    EXPECT_THAT(declared_names("std::atomic<int> a{f(1, 2)}, b(0), c = 1;", object_kind::atomic),
                ElementsAre("a", "b", "c"));
    for (const char* const line :
         {"fibers::mutex m[3];", "account alice, bob;", "fibers::mutex& m = other;", "mutex",
          "f(mutex{});", "fibers::mutex a, *b;", "fibers::mutex a,", "fibers::mutex a, 1;"})
        EXPECT_THAT(declared_names(line, object_kind::mutex), IsEmpty()) << line;
}

TEST(Source, ACallIsShownWhereItBegins) {
    const std::string file = testing::TempDir() + "heddle_source_test_calls.cpp";
    std::ofstream(file) << "thread one{[&] {\n"            // 1
                           "    f(\"}}\", '}');  // }}\n"  // 2
                           "    if (x) {\n"                // 3
                           "    }\n"                       // 4
                           "}};\n"                         // 5
                           "thread two([] { g(); });\n"    // 6
                           "}\n";                          // 7
    const auto begin = [&](unsigned line) { return begin_of_call({file, line, "f"}); };
    EXPECT_EQ(begin(5), (place{file, 1, "f"}));
    EXPECT_EQ(begin(4), (place{file, 3, "f"}));
    EXPECT_EQ(begin(6), (place{file, 6, "f"}));
    EXPECT_EQ(begin(7), (place{file, 7, "f"})) << "nothing opens what it closes";
    EXPECT_EQ(begin(8), (place{file, 8, "f"}));
    EXPECT_EQ(begin_of_call({}), place{});
}

// Whatever stands in a line, the spans lie inside of it.
TEST(Source, SpansStayInsideAnyLine) {
    const std::string likely = "ax._->()[]{}<>,;=\"'\\/*: loadstre";
    unsigned state = 1;
    const auto draw = [&](std::size_t n) {
        state = state * 1664525U + 1013904223U;
        return (state >> 8) % n;
    };
    for (int k = 0; k < 20'000; ++k) {
        std::string line;
        const std::size_t length = draw(40);
        while (line.size() < length) {
            if (draw(6) == 0) line += ".load(";
            if (draw(9) == 0) line += " lock_guard g{";
            if (draw(9) == 0) line += "atomic<";
            line += likely[draw(likely.size())];
        }
        const text_span code = code_span(line);
        EXPECT_LE(code.begin, code.end) << line;
        EXPECT_LE(code.end, line.size()) << line;
        for (const operation op : {operation::load, operation::lock, operation::plain_write}) {
            if (const auto call = call_span(line, op)) {
                EXPECT_LT(call->begin, call->end) << line;
                EXPECT_LE(call->end, line.size()) << line;
            }
            if (const auto operand = operand_text(line, op)) {
                EXPECT_NE(line.find(*operand), line.npos) << line;
            }
        }
        for (const std::string& name : declared_names(line, object_kind::atomic))
            EXPECT_NE(line.find(name), line.npos) << line;
    }
}

}  // namespace
}  // namespace heddle::trace
