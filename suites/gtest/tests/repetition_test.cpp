#include "repetition.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <thread>

namespace heddle::detail {
namespace {

int calls = 0;

TEST(Repetition, CallsTheBodyOneAfterTheOther) {
    calls = 0;
    const repetition_result r = repeat_on_real_threads([] { ++calls; });
    EXPECT_EQ(calls, repetition_count);
    EXPECT_EQ(r.repetitions, repetition_count);
    EXPECT_FALSE(r.failed);
}

TEST(Repetition, RunsRealThreads) {
    const repetition_result r = repeat_on_real_threads([] {
        std::atomic<int> sum{0};
        std::thread one{[&] { sum += 1; }};
        std::thread two{[&] { sum += 2; }};
        one.join();
        two.join();
        EXPECT_EQ(sum.load(), 3);
    });
    EXPECT_EQ(r.repetitions, repetition_count);
}

TEST(Repetition, EndsWhenTheBodyThrows) {
    calls = 0;
    const auto throw_at_third = [] {
        if (++calls == 3) throw std::runtime_error{"third"};
    };
    EXPECT_THROW(repeat_on_real_threads(throw_at_third), std::runtime_error);
    EXPECT_EQ(calls, 3);
}

// The end of a disturber may come before or after it has seen the last start: neither may hang.
TEST(Repetition, EndsEachTimeWhenRepeatedOften) {
    for (int i = 0; i < 200; ++i) {
        EXPECT_THROW(repeat_on_real_threads([] { throw 1; }), int);
    }
}

}  // namespace
}  // namespace heddle::detail
