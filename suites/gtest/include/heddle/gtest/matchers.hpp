// gmock matchers for the result of an exploration.
//
//   EXPECT_THAT(heddle::explore(body), heddle::is_clean());
//   EXPECT_THAT(heddle::explore(body), heddle::finds(heddle::verdict::deadlock));
//   EXPECT_THAT(heddle::explore(body), heddle::finds(heddle::verdict::data_race, "`slots_[0]`"));
//
// A mismatch shows what was found instead: the summary, and the whole report if there is one.
#pragma once

#include <gmock/gmock.h>

#include <concepts>
#include <iosfwd>
#include <string>
#include <string_view>

#include <heddle/scheduler/result.hpp>

namespace heddle {

namespace detail {
testing::Matcher<const result&> finds_with_report(verdict expected,
                                                  testing::Matcher<const std::string&> report);
}  // namespace detail

// Nothing was found and every behaviour was visited: ok and exhausted.
testing::Matcher<const result&> is_clean();

// The exploration found a failure of this verdict: with `keep_going`, among others.
testing::Matcher<const result&> finds(verdict expected);

// ... and the report of the failure satisfies a matcher, or has a part.
testing::Matcher<const result&> finds(verdict expected, std::string_view part_of_report);
template <class ReportMatcher>
requires(!std::convertible_to<const ReportMatcher&, std::string_view>)
    testing::Matcher<const result&> finds(verdict expected, const ReportMatcher& report) {
    return detail::finds_with_report(expected,
                                     testing::SafeMatcherCast<const std::string&>(report));
}

// How GoogleTest prints a result in its messages: one line.
void PrintTo(const result& r, std::ostream* out);

}  // namespace heddle
