#include <algorithm>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include <heddle/gtest/matchers.hpp>

namespace heddle {
namespace {

using testing::MatchResultListener;

std::string quoted_verdict(verdict v) { return std::string{"`"}.append(to_string(v)).append("`"); }

// What was found: with `keep_going`, all of it.
std::vector<const failure*> failures_of(const result& r) {
    std::vector<const failure*> all;
    for (const failure& f : r.failures) all.push_back(&f);
    if (all.empty() && r.failure) all.push_back(&*r.failure);
    return all;
}

// The actual value is printed by PrintTo, with its summary; what is left to add are the reports.
void explain(const result& r, MatchResultListener* listener) {
    const char* lead = r.failures.size() > 1 ? "whose reports are\n" : "whose report is\n";
    for (const failure* const f : failures_of(r)) {
        *listener << lead << f->message;
        lead = "\n";
    }
}

class clean_matcher : public testing::MatcherInterface<const result&> {
public:
    bool MatchAndExplain(const result& r, MatchResultListener* listener) const override {
        if (r.verdict != verdict::ok) {
            explain(r, listener);
            return false;
        }
        if (!r.exhausted)
            *listener << "in which nothing was found, but not every behaviour was visited";
        return r.exhausted;
    }
    void DescribeTo(std::ostream* out) const override {
        *out << "is clean: nothing found, every behaviour visited";
    }
    void DescribeNegationTo(std::ostream* out) const override {
        *out << "is not clean: something found, or not every behaviour visited";
    }
};

class finds_matcher : public testing::MatcherInterface<const result&> {
public:
    explicit finds_matcher(verdict expected) : expected_{expected} {}
    finds_matcher(verdict expected, testing::Matcher<const std::string&> report)
        : expected_{expected}, report_{std::move(report)}, has_report_{true} {}

    bool MatchAndExplain(const result& r, MatchResultListener* listener) const override {
        const std::vector<const failure*> failures = failures_of(r);
        const auto fits = [&](verdict v, const std::string& message) {
            return v == expected_ && (!has_report_ || report_.Matches(message));
        };
        const bool as_expected =
            failures.empty() ? fits(r.verdict, {})
                             : std::any_of(failures.begin(), failures.end(), [&](const failure* f) {
                                   return fits(f->verdict, f->message);
                               });
        if (r.verdict == verdict::ok && expected_ != verdict::ok) {
            *listener << "in which nothing was found"
                      << (r.exhausted ? "" : ", though not every behaviour was visited");
        } else {
            explain(r, listener);
        }
        return as_expected;
    }
    void DescribeTo(std::ostream* out) const override {
        *out << "finds " << quoted_verdict(expected_);
        if (has_report_) {
            *out << " with a report that ";
            report_.DescribeTo(out);
        }
    }
    void DescribeNegationTo(std::ostream* out) const override {
        *out << "does not find " << quoted_verdict(expected_);
        if (has_report_) {
            *out << ", or with a report that ";
            report_.DescribeNegationTo(out);
        }
    }

private:
    verdict expected_;
    testing::Matcher<const std::string&> report_;
    bool has_report_ = false;
};

}  // namespace

testing::Matcher<const result&> is_clean() { return testing::MakeMatcher(new clean_matcher); }

testing::Matcher<const result&> finds(verdict expected) {
    return testing::MakeMatcher(new finds_matcher{expected});
}

testing::Matcher<const result&> detail::finds_with_report(
    verdict expected, testing::Matcher<const std::string&> report) {
    return testing::MakeMatcher(new finds_matcher{expected, std::move(report)});
}

testing::Matcher<const result&> finds(verdict expected, std::string_view part_of_report) {
    return detail::finds_with_report(expected, testing::HasSubstr(std::string{part_of_report}));
}

void PrintTo(const result& r, std::ostream* out) {
    *out << "a result with verdict " << quoted_verdict(r.verdict) << " after " << r.executions
         << (r.executions == 1 ? " execution" : " executions")
         << (r.exhausted ? ", exhausted" : "");
    if (!r.summary.empty()) *out << " (" << r.summary << ")";
}

}  // namespace heddle
