#include <string_view>

#include <gtest/gtest.h>

#include <heddle/trace/site.hpp>

namespace heddle::trace {
namespace {

site called(site where = site::current()) { return where; }

TEST(Site, NamesTheCallerOfADefaultedArgument) {
    const site here = called();
    const unsigned line = __LINE__ - 1;
    EXPECT_EQ(here.line, line);
    EXPECT_EQ(std::string_view(here.file), __FILE__);
    EXPECT_TRUE(here.known());
}

TEST(Site, IsUnknownUntilCaptured) {
    constexpr site nowhere;
    EXPECT_FALSE(nowhere.known());
    EXPECT_EQ(nowhere.line, 0U);
}

}  // namespace
}  // namespace heddle::trace
