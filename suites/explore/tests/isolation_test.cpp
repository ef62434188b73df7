// A search in a forked child returns what it returns in place, and outlives its body.
#include <gmock/gmock.h>

#include <cstdlib>
#include <stdexcept>
#include <string>

#include <heddle/heddle.hpp>

#include "result_image.hpp"
#include "sanitizers.hpp"

namespace heddle {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

void deadlock() {
    fibers::mutex alice, bob;
    name(alice, "alice");
    fibers::thread mover([&] {
        alice.lock();
        bob.lock();
        bob.unlock();
        alice.unlock();
    });
    bob.lock();
    record("took {}", "bob");
    alice.lock();
    alice.unlock();
    bob.unlock();
    mover.join();
}

// Races in each execution, and may then be blocked for good.
void race_and_deadlock() {
    fibers::mutex alice, bob;
    fibers::var<int> count{0};
    fibers::thread mover([&] {
        alice.lock();
        count = 1;
        bob.lock();
        bob.unlock();
        alice.unlock();
    });
    bob.lock();
    count = 2;
    alice.lock();
    alice.unlock();
    bob.unlock();
    mover.join();
}

void clean() {
    fibers::atomic<int> x{0};
    fibers::thread writer([&] { x.store(1); });
    record("{}", x.load());
    writer.join();
}

// Without what differs from call to call.
std::string comparable(result r) {
    r.elapsed = {};
    const auto clear_call = [](failure& f) {  // its number
        f.diagnostic.replay.clear();
        f.message.erase(f.message.rfind("= replay:"));
    };
    if (r.failure) clear_call(*r.failure);
    for (failure& f : r.failures) clear_call(f);
    return detail::image_of(r);
}

TEST(Isolation, ReturnsTheWholeResult) {
    for (void (*const body)() : {clean, deadlock}) {
        const result here = explore(body);
        const result there = explore({.isolate = true}, body);
        EXPECT_EQ(here.verdict, there.verdict);
        EXPECT_EQ(here.outcomes, there.outcomes);
        EXPECT_EQ(comparable(here), comparable(there));
    }
}

TEST(Isolation, ReturnsEveryFinding) {
    const result here = explore({.keep_going = true}, race_and_deadlock);
    const result there = explore({.keep_going = true, .isolate = true}, race_and_deadlock);
    ASSERT_EQ(there.failures.size(), 2U);
    EXPECT_EQ(there.failures[1].verdict, verdict::deadlock);
    EXPECT_TRUE(there.failures[1].needs_keep_going);
    EXPECT_EQ(comparable(here), comparable(there));
}

TEST(Isolation, KeepsWhatWasFoundBeforeACrash) {
    // There the report of a race amid the execution counts as one from a signal handler.
    if (testing_support::under_thread_sanitizer)
        GTEST_SKIP() << "no crash is explained under ThreadSanitizer";
    const result r = explore({.keep_going = true, .isolate = true}, [] {
        fibers::atomic<int> x{0};
        fibers::var<int> count{0};
        fibers::thread writer([&] {
            count = 1;
            if (x.load() == 1) std::abort();
        });
        count = 2;
        x.store(1);
        writer.join();
    });
    ASSERT_EQ(r.failures.size(), 2U);
    EXPECT_EQ(r.failures[0].verdict, verdict::data_race);
    EXPECT_EQ(r.failures[1].verdict, verdict::crash);
}

TEST(Isolation, MakesACrashAVerdict) {
    const auto crash = [] {
        fibers::atomic<int> x{0};
        fibers::thread writer([&] {
            if (x.load() == 1) std::abort();
        });
        x.store(1);
        writer.join();
    };
    const result r = explore({.isolate = true}, crash);
    EXPECT_EQ(r.verdict, verdict::crash);
    ASSERT_TRUE(r.failure);
    EXPECT_THAT(r.failure->message, StartsWith("error[crash]: `thread-1` calls abort (SIGABRT)"));
    EXPECT_THAT(r.failure->replay, StartsWith("h1:"));
    EXPECT_EQ(r.failure->trace.how_it_died, trace::death::aborted);
    const result again = explore({.replay = r.failure->replay, .isolate = true}, crash);
    EXPECT_EQ(again.verdict, verdict::crash);
    EXPECT_EQ(again.failure->replay, r.failure->replay);
}

TEST(Isolation, ThrowsWhatTheSearchThrows) {
    EXPECT_THROW(explore({.replay = "1:1000000", .isolate = true}, clean), std::invalid_argument);
    EXPECT_THROW(explore({.step_limit = 0, .isolate = true}, clean), std::invalid_argument);
}

TEST(Isolation, IsRefusedInsideAnExecution) {
    const result r = explore([] { explore({.isolate = true}, clean); });
    EXPECT_EQ(r.verdict, verdict::exception);
    EXPECT_THAT(r.failure->message, HasSubstr("executions do not nest"));
}

TEST(Isolation, KeepsWhatTheBodyDoesInTheChild) {
    int entries = 0;
    const result r = explore({.isolate = true}, [&] { ++entries; });
    EXPECT_EQ(r.executions, 1U);
    EXPECT_EQ(entries, 0);
}

TEST(ResultImage, EndsWhereItEnds) {
    const result r = explore(deadlock);
    const std::string image = detail::image_of(r);
    result copy;
    ASSERT_TRUE(detail::read_image(image, copy));
    EXPECT_EQ(detail::image_of(copy), image);
    EXPECT_EQ(copy.failure->message, r.failure->message);
    for (std::size_t n = 0; n < image.size(); n += 7) {
        result part;
        EXPECT_FALSE(detail::read_image(image.substr(0, n), part)) << n;
    }
}

}  // namespace
}  // namespace heddle
