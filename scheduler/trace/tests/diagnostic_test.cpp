#include <gtest/gtest.h>

#include <heddle/trace/diagnostic.hpp>
#include <heddle/trace/render.hpp>

namespace heddle::trace {
namespace {

TEST(Diagnostic, IsAnErrorUnlessSaidOtherwise) {
    diagnostic d;
    d.slug = "deadlock";
    d.headline = "`a` waits for itself";
    EXPECT_EQ(render({}, d), "error[deadlock]: `a` waits for itself\n");
    d.severity = severity::warning;
    EXPECT_EQ(render({}, d), "warning[deadlock]: `a` waits for itself\n");
}

TEST(Diagnostic, ALabelIsSecondaryAndMarksItsLineByDefault) {
    const label l;
    EXPECT_FALSE(l.primary);
    EXPECT_FALSE(l.call.has_value());
    EXPECT_FALSE(l.where.known());
}

TEST(Diagnostic, ShowsItsSeverityByName) {
    EXPECT_EQ(testing::PrintToString(severity::error), "error");
    EXPECT_EQ(testing::PrintToString(severity::warning), "warning");
}

}  // namespace
}  // namespace heddle::trace
