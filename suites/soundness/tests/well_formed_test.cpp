#include "well_formed.hpp"

#include <gtest/gtest.h>

#include "program_text.hpp"

namespace heddle::soundness {
namespace {

std::string fault(std::string_view text) { return fault_of(parse(text)); }

TEST(WellFormed, RefusesWhatStdForbids) {
    constexpr std::string_view mutex = "fibers::mutex m0;";
    const auto with_mutex = [&](std::string_view code) {
        return fault(std::string(mutex).append(code));
    };
    EXPECT_EQ(with_mutex("m0.lock(); m0.unlock();"), "");
    EXPECT_EQ(with_mutex("m0.unlock();"), "an unlock of what is not held");
    EXPECT_EQ(with_mutex("{ std::unique_lock hold0(m0); { std::unique_lock hold0(m0); } }"),
              "a mutex is taken twice");
    EXPECT_EQ(with_mutex("if (std::unique_lock hold0(m0, 10ms); (a[0] = hold0.owns_lock())) {}"),
              "a timed lock of a mutex that is not timed");
    EXPECT_EQ(fault("fibers::recursive_mutex m0; { std::unique_lock hold0(m0); { std::unique_lock "
                    "hold0(m0); } }"),
              "");
    EXPECT_EQ(fault("fibers::mutex m0; fibers::condition_variable c0; c0.wait(hold0);"),
              "a wait without a guard of a plain mutex");
    EXPECT_EQ(fault("fibers::atomic<int> x0{0}; a[0] = x0.load(release);"),
              "a load with the order of a store");
}

TEST(WellFormed, RefusesThreadsWithoutAnOwner) {
    EXPECT_EQ(fault("fibers::thread t1([&] {}); t1.join();"), "");
    EXPECT_EQ(fault("fibers::thread t1([&] {});"),
              "a thread that is not started, joined or detached");
    EXPECT_EQ(fault("fibers::thread t1([&] { fibers::thread t2([&] {}); }); t2.join(); t1.join();"),
              "a thread is joined or detached by who does not own it");
}

TEST(WellFormed, RefusesToRecordTheRoundsOfAnEndlessLoop) {
    constexpr std::string_view loop =
        "fibers::atomic<int> x0{0}; fibers::atomic<int> x1{0};"
        "while (!((a[0] = x0.load(relaxed)) != 0)) { x1.fetch_add(1, relaxed); }";
    const program p = parse(loop);
    EXPECT_EQ(fault_of(p), "");
    EXPECT_TRUE(counts_rounds(p, kind::fetch_add, 1));
    EXPECT_FALSE(counts_rounds(p, kind::fetch_add, 0));
    EXPECT_EQ(fault(std::string(loop) + "a[1] = x1.load(relaxed);"),
              "a counter of rounds is looked at");
}

}  // namespace
}  // namespace heddle::soundness
