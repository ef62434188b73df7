// Loops that look again and again, and give up after some rounds: all that they do is shown, beside
// endless loops as well (docs/adr/0016-polling-loops.md).
#include <gmock/gmock.h>

#include <cstdint>
#include <heddle/heddle.hpp>
#include <mutex>

#include "polling.hpp"

namespace heddle {
namespace {

using std::memory_order_acquire;
using std::memory_order_relaxed;
using std::memory_order_release;
using ::testing::Contains;
using ::testing::Key;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;
using namespace polling_tests;

template <int Tries, class Count>
void gives_up() {
    for (const strategy& s :
         {strategy{strategies::exhaustive{}}, strategy{strategies::automatic{}}}) {
        const result r = explored(s, [] {
            fibers::atomic<bool> taken{true};
            fibers::thread holder([&] { taken.store(false); });
            Count tries{0};
            bool got = false;
            while (!(got = !taken.exchange(true)) && tries < Tries) tries += 1;
            record(got ? "got it" : "gave up");
            holder.join();
        });
        EXPECT_TRUE(r.exhausted) << to_string(s) << ": " << r.summary;
        EXPECT_THAT(r.outcomes, SizeIs(2)) << to_string(s);
        EXPECT_THAT(r.outcomes, Contains(Key("gave up"))) << to_string(s);
    }
}
TEST(Polling, GivesUpAfterThreeTries) { gives_up<3, int>(); }
TEST(Polling, GivesUpAfterTwentyTries) { gives_up<20, int>(); }
TEST(Polling, GivesUpAfterFortyTries) { gives_up<40, int>(); }
TEST(Polling, GivesUpAfterTwoHundredTries) { gives_up<200, int>(); }
TEST(Polling, GivesUpAfterFortyTriesCountedInAVar) { gives_up<40, fibers::var<int>>(); }

// Nothing of the thread's own machine state shows the count: it stands in the frame of another.
TEST(Polling, GivesUpByACountOfAnother) {
    for (const strategy& s : proving) {
        const result r = explored(s, [] {
            fibers::atomic<bool> ready{false};
            int tries = 0;
            bool seen = false;
            {
                fibers::jthread poller([&] {
                    while (!(seen = ready.load()) && ++tries < 40) {
                    }
                });
                ready.store(true);
            }
            record(seen ? "seen" : "gave up");
        });
        EXPECT_TRUE(r.exhausted) << to_string(s) << ": " << r.summary;
        EXPECT_THAT(r.outcomes, Contains(Key("gave up"))) << to_string(s);
    }
}

TEST(Polling, TryLockThatGivesUp) {
    for (const strategy& s : proving) {
        const result r = explored(s, [] {
            fibers::mutex m;
            fibers::jthread holder([&] { std::lock_guard lock(m); });
            int tries = 0;
            while (!m.try_lock() && ++tries < 40) {
            }
            if (tries < 40) m.unlock();
            record("{}", tries == 40);
        });
        EXPECT_TRUE(r.exhausted) << to_string(s) << ": " << r.summary;
        EXPECT_THAT(r.outcomes, SizeIs(2)) << to_string(s);
    }
}

// ---- loops that share a place ------------------------------------------------------------------

// A retry, and an endless loop after it: through one function, so that both look at one place.
template <int Tries>
void gives_up_before_an_endless_loop() {
    expect_outcomes(
        [] {
            fibers::atomic<bool> flag{false};
            const auto ready = [&] { return flag.load(); };
            fibers::jthread setter([&] { flag = true; });
            int tries = 0;
            while (tries < Tries && !ready()) ++tries;
            record("{}", tries < Tries ? "in time" : "late");
            while (!ready()) {
            }
        },
        UnorderedElementsAre(Key("in time"), Key("late")));
}
TEST(PollingRetries, OfSixBeforeAnEndlessLoop) { gives_up_before_an_endless_loop<6>(); }
TEST(PollingRetries, OfTenBeforeAnEndlessLoop) { gives_up_before_an_endless_loop<10>(); }
TEST(PollingRetries, OfTwentyThreeBeforeAnEndlessLoop) { gives_up_before_an_endless_loop<23>(); }
TEST(PollingRetries, OfTwentySixBeforeAnEndlessLoop) { gives_up_before_an_endless_loop<26>(); }
TEST(PollingRetries, OfFortyBeforeAnEndlessLoop) { gives_up_before_an_endless_loop<40>(); }

TEST(PollingRetries, LooksOnceMoreBetweenTheTwo) {
    expect_outcomes(
        [] {
            fibers::atomic<bool> flag{false};
            const auto ready = [&] { return flag.load(); };
            fibers::jthread setter([&] { flag = true; });
            int tries = 0;
            while (tries < 40 && !ready()) ++tries;
            const bool in_time = tries < 40;
            record("{} {}", in_time, in_time || ready());
            while (!ready()) {
            }
        },
        UnorderedElementsAre(Key("true true"), Key("false true"), Key("false false")));
}

TEST(PollingRetries, OnLinesOfTheirOwn) {
    expect_outcomes(
        [] {
            fibers::atomic<bool> flag{false};
            fibers::jthread setter([&] { flag = true; });
            int tries = 0;
            while (tries < 40 && !flag.load()) ++tries;
            record("{}", tries < 40);
            while (!flag.load()) {
            }
        },
        UnorderedElementsAre(Key("true"), Key("false")));
}

TEST(PollingRetries, ByAConversion) {
    expect_outcomes(
        [] {
            fibers::atomic<bool> flag{false};
            fibers::jthread setter([&] { flag = true; });
            int tries = 0;
            while (tries < 40 && !flag) ++tries;
            record("{}", tries < 40);
            while (!flag) {
            }
        },
        UnorderedElementsAre(Key("true"), Key("false")));
}

bool is_set_within(const fibers::atomic<bool>& flag, int most) {
    for (int k = 0; k < most; ++k)
        if (flag.load()) return true;
    return false;
}

TEST(PollingRetries, TwoInARow) {
    expect_outcomes(
        [] {
            fibers::atomic<bool> flag{false};
            const auto wait = [&](int most) { return is_set_within(flag, most); };
            fibers::jthread setter([&] { flag = true; });
            const bool first = wait(40);
            record("{} {}", first, first || wait(5));
            wait(1 << 30);
        },
        UnorderedElementsAre(Key("true true"), Key("false true"), Key("false false")));
}

TEST(PollingRetries, OfTwoThreadsInOneFunction) {
    expect_outcomes(
        [] {
            fibers::atomic<bool> flag{false};
            const auto wait = [&](int most) { return is_set_within(flag, most); };
            fibers::jthread patient([&] { wait(1 << 30); });
            fibers::jthread setter([&] { flag = true; });
            record("{}", wait(10));
        },
        UnorderedElementsAre(Key("true"), Key("false")), false);
}

TEST(PollingRetries, AsOftenAsWasChosen) {
    expect_outcomes(
        [] {
            fibers::atomic<bool> flag{false};
            fibers::jthread setter([&] { flag = true; });
            const int most = choose(2) ? 40 : 1 << 30;
            int tries = 0;
            while (tries < most && !flag.load()) ++tries;
            record("{} {}", most, tries < most);
        },
        UnorderedElementsAre(Key("40 true"), Key("40 false"), Key("1073741824 true")));
}

TEST(PollingRetries, OfAnotherThreadThanTheEndlessLoop) {
    expect_outcomes(
        [] {
            fibers::atomic<bool> flag{false};
            const auto ready = [&] { return flag.load(); };
            fibers::jthread poller([&] {
                while (!ready()) {
                }
            });
            fibers::jthread setter([&] { flag = true; });
            int tries = 0;
            while (tries < 40 && !ready()) ++tries;
            record("{}", tries < 40);
        },
        UnorderedElementsAre(Key("true"), Key("false")), false);
}

// Nobody leaves the outer loop, but each time the inner one gives up something else is done.
TEST(PollingRetries, WithinAnEndlessLoop) {
    expect_outcomes(
        [] {
            fibers::atomic<bool> flag{false};
            fibers::atomic<int> detours{0};
            const auto wait = [&] {
                for (;; detours.fetch_add(1, memory_order_relaxed))
                    for (int k = 0; k < 30; ++k)
                        if (flag.load()) return;
            };
            fibers::jthread setter([&] { flag = true; });
            wait();
            record("{}", detours.load() > 0);
        },
        UnorderedElementsAre(Key("true"), Key("false")));
}

TEST(PollingRetries, SpinsAndThenSleeps) {
    expect_outcomes(
        [] {
            fibers::atomic<int> flag{0};
            fibers::jthread setter([&] {
                flag = 1;
                flag.notify_all();
            });
            int tries = 0;
            while (tries < 40 && !flag.load()) ++tries;
            if (tries == 40) flag.wait(0);
            record("{}", tries == 40 ? "slept" : "spun");
        },
        UnorderedElementsAre(Key("slept"), Key("spun")));
}

// A word of the stack that is another in each execution, as the address of a block of malloc may
// be: what a trial has shown is not found again.
TEST(PollingRetries, BesideMemoryThatMoves) {
    static std::uint64_t executions = 0;
    expect_outcomes(
        [] {
            const volatile std::uint64_t address = ++executions * 4'096;
            fibers::atomic<int> flag{0};
            fibers::jthread setter([&] { flag = 1; });
            int rounds = 0;
            int seen = 0;
            for (; rounds < 40 && !seen; ++rounds) seen = flag.load();
            record("{}", seen ? "seen" : "gave up");
            while (!seen) seen = flag.load();
            static_cast<void>(address);
        },
        UnorderedElementsAre(Key("seen"), Key("gave up")), false);
}

TEST(PollingRetries, UnderALockBesideMemoryThatMoves) {
    static std::uint64_t executions = 0;
    expect_proved([] {
        const volatile std::uint64_t address = ++executions * 4'096;
        fibers::mutex mutex;
        fibers::var<bool> ready{false};
        fibers::jthread waiter([&] {
            const volatile std::uint64_t here = address;
            for (bool seen = false; !seen;) {
                const std::lock_guard lock(mutex);
                seen = ready;
            }
            static_cast<void>(here);
        });
        const std::lock_guard lock(mutex);
        ready = true;
    });
}

}  // namespace
}  // namespace heddle
