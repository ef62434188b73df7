// Threads that poll for ever are a livelock, by every strategy; those that end are none, however
// unfair the schedule (docs/adr/0016-polling-loops.md).
#include <gmock/gmock.h>

#include <heddle/heddle.hpp>
#include <chrono>
#include <mutex>

#include "polling.hpp"

namespace heddle {
namespace {

using std::memory_order_relaxed;
using namespace polling_tests;

TEST(Polling, FlagThatNobodySetsIsALivelock) {
    for (const strategy& s : all) {
        const result r = explored(s, [] {
            fibers::atomic<int> flag{0};
            fibers::atomic<int> rounds{0};
            fibers::jthread poller([&] {
                while (!flag.load()) rounds.fetch_add(1);
            });
        });
        ASSERT_EQ(r.verdict, verdict::livelock) << to_string(s) << ": " << r.summary;
        const result again = explore({.replay = r.failure->replay}, [] {
            fibers::atomic<int> flag{0};
            fibers::atomic<int> rounds{0};
            fibers::jthread poller([&] {
                while (!flag.load()) rounds.fetch_add(1);
            });
        });
        EXPECT_EQ(again.verdict, verdict::livelock) << to_string(s);
    }
}

// It is about the flag, wherever in their rounds the threads stand at the end.
TEST(Polling, ALivelockIsTheSameWhereItIsExplained) {
    for (const strategy& s : proving) {
        options o;
        o.strategy = s;
        o.keep_going = true;
        o.progress = false;
        o.execution_limit = 20;
        const result r = explore(o, [] {
            fibers::atomic<int> flag{0}, rounds{0};
            fibers::jthread other([&] {
                while (!flag.load()) rounds.fetch_add(1);
            });
            while (!flag.load()) rounds.fetch_add(1);
        });
        ASSERT_EQ(r.failures.size(), 1U) << to_string(s) << ": " << r.summary;
        EXPECT_EQ(r.failures[0].verdict, verdict::livelock) << to_string(s);
        EXPECT_THAT(r.failures[0].message, testing::HasSubstr("`flag`")) << to_string(s);
    }
}

TEST(Polling, TwoThatPollUnderALockForEverAreALivelock) {
    for (const strategy& s : all) {
        const result r = explored(s, [] {
            fibers::mutex m;
            fibers::var<bool> first{false}, second{false};
            const auto wait_for = [&](fibers::var<bool>& flag) {
                for (;;) {
                    std::lock_guard lock(m);
                    if (flag) return;
                }
            };
            fibers::jthread a([&] {
                wait_for(first);
                std::lock_guard lock(m);
                second = true;
            });
            wait_for(second);
            std::lock_guard lock(m);
            first = true;
        });
        EXPECT_EQ(r.verdict, verdict::livelock) << to_string(s) << ": " << r.summary;
    }
}

TEST(Polling, ThreadsThatUndoEachOtherForEverAreALivelock) {
    for (const strategy& s : all) {
        const result r = explored(s, [] {
            fibers::atomic<int> x{0};
            fibers::atomic<bool> done{false};
            const auto set = [&](int value) {
                while (!done.load()) x.store(value);
            };
            fibers::jthread a([&] { set(1); });
            set(2);
        });
        EXPECT_EQ(r.verdict, verdict::livelock) << to_string(s) << ": " << r.summary;
    }
}

// ---- and loops that are none -------------------------------------------------------------------

TEST(PollingFairness, AnswerToEachQuestion) {
    const auto body = [] {
        fibers::atomic<bool> stop{false};
        fibers::atomic<int> question{0}, answer{0};
        fibers::jthread server([&] {
            for (int last = 0;;) {
                last = await(question, [last](int asked) { return asked != last; });
                if (last < 0) return;
                answer = last;
            }
        });
        fibers::jthread stopper([&] { stop = true; });
        int asked = 0;
        while (!stop.load()) {
            question = ++asked;
            await(answer, [asked](int given) { return given == asked; });
        }
        question = -1;
    };
    // Depth-first it takes too long: each order of the questions counts.
    for (const strategy& s : {strategy{strategies::exhaustive{}}, strategy{strategies::random{}},
                              strategy{strategies::pct{}}}) {
        const result r = explored(s, body);
        EXPECT_EQ(r.verdict, verdict::ok) << to_string(s) << (r.failure ? r.failure->message : "");
        if (std::holds_alternative<strategies::exhaustive>(s)) {
            EXPECT_TRUE(r.exhausted) << r.summary;
        }
    }
}

// A thread that counts for another one, which has to look more often than is explored freely.
TEST(PollingFairness, CountsForAnother) {
    for (const strategy& s : all) {
        options o;
        o.strategy = s;
        o.progress = false;
        o.execution_limit = under_thread_sanitizer ? 500 : 2'000;
        const result r = explore(o, [] {
            fibers::atomic<int> count{0};
            fibers::atomic<bool> stop{false};
            fibers::jthread counter([&] {
                while (!stop.load()) count.fetch_add(1, memory_order_relaxed);
            });
            while (count.load(memory_order_relaxed) < 60) {
            }
            stop = true;
        });
        EXPECT_EQ(r.verdict, verdict::ok) << to_string(s) << (r.failure ? r.failure->message : "");
    }
}

TEST(PollingFairness, LooksAtManyPlacesInTurn) {
    expect_proved([] {
        fibers::atomic<int> slots[40]{};
        fibers::jthread setter([&] { slots[33] = 1; });
        unsigned k = 0;
        while (!slots[k % 40].load()) ++k;
        HEDDLE_ASSERT(k % 40 == 33);
    });
}

TEST(PollingFairness, LooksByAnUpdateThatGrows) {
    expect_proved([] {
        fibers::atomic<unsigned> word{0};
        fibers::jthread setter([&] { word.fetch_or(1); });
        while (!(word.fetch_add(2) & 1)) {
        }
    });
}

// `automatic` gives up the proof, and samples: no schedule of theirs starves the two.
TEST(PollingFairness, SamplersLetTheOthersRun) {
    for (const strategy& s : {strategy{strategies::random{}}, strategy{strategies::pct{}},
                              strategy{strategies::pct{1}}, strategy{strategies::automatic{}}}) {
        options o;
        o.strategy = s;
        o.progress = false;
        o.exhaustive_budget = 1'000;
        o.execution_limit = 300;
        const result r = explore(o, [] {
            fibers::atomic<int> f{0}, g{0}, rounds{0};
            fibers::jthread a([&] {
                while (!g.load()) rounds.fetch_add(1);
                f = 1;
            });
            g = 1;
            while (!f.load()) rounds.fetch_add(1);
        });
        EXPECT_EQ(r.verdict, verdict::ok) << to_string(s) << (r.failure ? r.failure->message : "");
        EXPECT_GT(r.executions, 200) << to_string(s) << ": " << r.summary;
    }
}

// A poller that takes a lock in each round writes all the time: the time has to pass nevertheless.
TEST(PollingFairness, SamplersLetTheTimePass) {
    for (const strategy& s : all) {
        options o;
        o.strategy = s;
        o.progress = false;
        o.early_timeout_bound = 0;
        o.execution_limit = 100;
        const auto body = [] {
            fibers::mutex m;
            fibers::var<bool> done{false};
            fibers::jthread sleeper([&] {
                fibers::this_thread::sleep_for(std::chrono::milliseconds(10));
                std::lock_guard lock(m);
                done = true;
            });
            for (;;) {
                std::lock_guard lock(m);
                if (done) break;
            }
        };
        const result r = explore(o, body);
        EXPECT_EQ(r.verdict, verdict::ok) << to_string(s) << (r.failure ? r.failure->message : "");
    }
}

// Rounds of so many steps that the step limit comes first: such a schedule is not fair.
TEST(PollingFairness, LongRoundsAreNoFinding) {
    for (const strategy& s : sampling) {
        const result r = explored(s, [] {
            fibers::atomic<bool> flag{false};
            fibers::atomic<int> work{0};
            fibers::jthread setter([&] { flag = true; });
            while (!flag.load())
                for (int k = 0; k < 200; ++k) work.store(k, memory_order_relaxed);
        });
        EXPECT_EQ(r.verdict, verdict::ok) << to_string(s) << (r.failure ? r.failure->message : "");
    }
}

// More rounds than a trial has: work is no loop that waits.
TEST(PollingFairness, LongWorkIsNoLivelock) {
    for (const strategy& s : all) {
        const result r = explored(s, [] {
            fibers::atomic<int> count{0};
            for (;;) count.fetch_add(1);
        });
        EXPECT_EQ(r.verdict, verdict::step_limit) << to_string(s) << ": " << r.summary;
    }
}

}  // namespace
}  // namespace heddle
