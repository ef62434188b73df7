// What the tests of the checkers share: sample programs, golden reports, and claims on any report.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <heddle/trace/diagnostic.hpp>
#include <heddle/trace/render.hpp>
#include <heddle/trace/source.hpp>

#include "golden.hpp"
#include "trace_builder.hpp"

namespace heddle::checkers {

inline std::string test_folder() { return HEDDLE_TEST_DIR; }

// A builder whose places stand in the sample programs; reports name them without their folder.
inline trace::trace_builder sample() {
    trace::set_display_root(test_folder() + "/programs");
    return trace::trace_builder(test_folder() + "/programs");
}

// The lines of a part of a diagnostic, as one text.
inline std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) text += line + '\n';
    return text;
}

inline bool has_label(const trace::diagnostic& d, const std::string& text) {
    return std::any_of(d.labels.begin(), d.labels.end(),
                       [&](const trace::label& l) { return l.text == text; });
}

// The report as a user would see it.
inline std::string report(const trace::execution_trace& trace, trace::diagnostic d) {
    d.found = "execution 41 of 1000, strategy pct(depth 2), 1 preemption";
    d.replay = "./sample_test --gtest_filter=Sample.Works --heddle_replay=h1:c0:a4b3::2fJx9aB:Q2fa";
    return trace::render(trace, d);
}

// What holds of every report, and the comparison with its approved text.
inline void expect_report(const std::string& name, const trace::execution_trace& trace,
                          const trace::diagnostic& d) {
    EXPECT_EQ(std::count_if(d.labels.begin(), d.labels.end(),
                            [](const trace::label& l) { return l.primary; }),
              1)
        << "exactly one label is primary";
    EXPECT_FALSE(d.headline.empty());
    EXPECT_NE(d.headline.back(), '.');
    const std::string text = report(trace, d);
    std::size_t line_count = 0, finding = 0;
    std::string last;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line); last = line) {
        ++line_count;
        if (finding == 0 && line.empty()) finding = line_count;
        if (line_count > 1 && line.find("= replay: ") == line.npos) {
            EXPECT_LE(line.size(), 100U) << line;
        }
        EXPECT_TRUE(line.empty() || line.back() != ' ') << '[' << line << ']';
    }
    EXPECT_LE(finding, 26U) << "what stands before the trace fits in 25 lines\n" << text;
    EXPECT_THAT(last, ::testing::HasSubstr("= replay: "));
    EXPECT_TRUE(trace::golden(test_folder() + "/golden", name, text));
}

}  // namespace heddle::checkers
