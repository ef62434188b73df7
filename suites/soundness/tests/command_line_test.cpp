#include "command_line.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace heddle::soundness {
namespace {

TEST(CommandLine, TakesNumbersAndNames) {
    const arguments a = parse_arguments(
        {"--bodies=20", "--seed=7", "--features=poll,timed locks", "--memory_model=rc11"});
    EXPECT_EQ(a.bodies, 20U);
    EXPECT_EQ(a.seed, 7U);
    EXPECT_EQ(a.about.count(), 2U);
    EXPECT_EQ(a.model, heddle::memory_model::rc11);
    EXPECT_FALSE(a.spurious_bound);
}

TEST(CommandLine, SaysWhatIsWrong) {
    const auto error = [](const std::string& argument) -> std::string {
        try {
            static_cast<void>(parse_arguments({argument}));
            return "";
        } catch (const std::invalid_argument& e) {
            return e.what();
        }
    };
    EXPECT_EQ(error("--bodies=many"), "--bodies 'many' is not a number");
    EXPECT_EQ(error("--memory_model=tso"), "--memory_model 'tso' is none of cpp20, rc11, sc");
    EXPECT_EQ(error("--body=3"), "'--body=3' is no argument of heddle_soundness; see --help");
    EXPECT_TRUE(error("--features=pool").starts_with("--features 'pool' is none of atomics, "));
}

}  // namespace
}  // namespace heddle::soundness
