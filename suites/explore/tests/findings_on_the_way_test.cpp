// With `keep_going` an execution goes on past what it finds, and says no more than it saw.
#include <stdexcept>
#include <string>

#include <gmock/gmock.h>

#include <heddle/heddle.hpp>

#include "sanitizers.hpp"
#include "several_findings.hpp"

namespace heddle {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;
using testing_support::under_thread_sanitizer;

// ---- what goes on -----------------------------------------------------------------------------

// A thread that waits for itself is one that is blocked for good.
template <class Lock>
void expect_counted_once(Lock lock_again) {
    const auto body = [&] {
        fibers::mutex m;
        fibers::atomic<int> x{0};
        fibers::thread t([&] { x.store(1); });
        record("{}", x.load());
        lock_again(m);
        x.store(7);  // never
        t.join();
    };
    const result r = explore({.strategy = strategies::exhaustive{}, .keep_going = true}, body);
    EXPECT_EQ(r.executions, 0U);
    EXPECT_EQ(r.deadlocks, 2U) << "one of each value that is read";
    EXPECT_TRUE(r.exhausted);
    EXPECT_THAT(r.outcomes, UnorderedElementsAre(testing::Pair("0", 1), testing::Pair("1", 1)));
    ASSERT_THAT(verdicts_of(r), ElementsAre(verdict::deadlock));
    EXPECT_THAT(r.failure->message, HasSubstr("which it holds itself"));
    EXPECT_FALSE(r.failure->needs_keep_going);
    const result sampled = explore(
        {.strategy = strategies::random{}, .execution_limit = 50, .keep_going = true}, body);
    EXPECT_EQ(sampled.deadlocks, 50U);
    EXPECT_THAT(sampled.outcomes, SizeIs(2));
}

TEST(KeptFindings, WaitForThemselves) {
    expect_counted_once([](fibers::mutex& m) {
        m.lock();
        m.lock();
    });
}

TEST(KeptFindings, WaitForThemselvesAndOthers) {
    expect_counted_once([](fibers::mutex& m) {
        fibers::mutex other;
        m.lock();
        fibers::lock(other, m);
    });
}

TEST(KeptFindings, OfARaceHaveNoOutcome) {
    const result r = explore({.keep_going = true}, [] {
        fibers::var<int> x{0};
        fibers::thread t([&] { x = 1; });
        record("{}", x.load());
        t.join();
    });
    EXPECT_THAT(r.outcomes, IsEmpty());
    EXPECT_EQ(r.executions, 1U);
}

TEST(KeptFindings, OfARaceStayWhenTheExecutionIsDropped) {
    const result r = explore({.keep_going = true}, [] {
        fibers::var<int> x{0};
        fibers::thread t([&] { x = 1; });
        x = 2;
        t.join();
        expect_that(false, "of an execution that does not count");
        assume(false);
    });
    EXPECT_THAT(verdicts_of(r), ElementsAre(verdict::data_race));
    EXPECT_EQ(r.pruned, 1U);
}

// The cycle closes, and only then the others come to their ends.
TEST(KeptFindings, OfACycleStayWhenTheExecutionEndsOtherwise) {
    const auto body = [] {
        fibers::mutex m;
        fibers::atomic<int> x{0};
        fibers::thread t([&] {
            m.lock();
            m.lock();
        });
        t.detach();
        x.store(1);
        HEDDLE_ASSERT(x.load() == 0, "always");
    };
    for (const strategy& s :
         {strategy{strategies::depth_first{}}, strategy{strategies::random{}}}) {
        const result r = explore({.strategy = s, .execution_limit = 100, .keep_going = true}, body);
        EXPECT_THAT(verdicts_of(r), UnorderedElementsAre(verdict::deadlock, verdict::assertion));
        for (const failure& f : r.failures) {
            const result again =
                explore({.replay = f.replay, .keep_going = f.needs_keep_going}, body);
            EXPECT_TRUE(find_same(again, f)) << f.message;
        }
    }
}

// A loop without an end comes after it.
TEST(KeptFindings, OfAnExpectationStayWhereTheExecutionDoesNotEnd) {
    const auto body = [] {
        fibers::atomic<int> x{0};
        fibers::thread t([&] { x.store(1); });
        expect_that(x.load() == 0, "read too late");
        t.join();
        for (;;) x.fetch_add(1);
    };
    for (const strategy& s :
         {strategy{strategies::exhaustive{}}, strategy{strategies::depth_first{}},
          strategy{strategies::random{}}}) {
        const options o{.strategy = s, .execution_limit = 50, .step_limit = 100};
        const result first = explore(o, body);
        EXPECT_THAT(verdicts_of(first), SizeIs(1));
        options all = o;
        all.keep_going = true;
        const result r = explore(all, body);
        EXPECT_THAT(verdicts_of(r), testing::Contains(verdict::assertion)) << to_string(s);
        for (const failure& f : r.failures) {
            if (f.verdict != verdict::assertion) continue;
            options again = o;
            again.replay = f.replay;
            again.keep_going = f.needs_keep_going;
            EXPECT_TRUE(find_same(explore(again, body), f)) << f.message;
        }
    }
}

// What the threads do depends on which of two racing accesses comes first, and so on the order in
// which the search happens to run them: it is not the body that changes.
TEST(KeptFindings, OfARaceAreNoNondeterminism) {
    for (unsigned variant = 0; variant < 6; ++variant)
        for (const strategy& s :
             {strategy{strategies::automatic{}}, strategy{strategies::exhaustive{}},
              strategy{strategies::depth_first{}}, strategy{strategies::random{}}}) {
            const result r = explore({.strategy = s,
                                      .execution_limit = under_thread_sanitizer ? 20 : 2'000,
                                      .sample_budget = under_thread_sanitizer ? 200 : 20'000,
                                      .keep_going = true},
                                     [variant] {
                                         fibers::var<int> x{0};
                                         fibers::atomic<int> a{0}, b{0};
                                         const auto by_x = [&] {
                                             const int seen = x;
                                             switch (variant) {
                                                 case 0:
                                                     if (seen) a.store(1);
                                                     break;
                                                 case 1: (seen ? a : b).store(1); break;
                                                 case 2: (seen ? a : b).fetch_add(1); break;
                                                 case 3:
                                                     for (int k = 0; k < seen; ++k) a.fetch_add(1);
                                                     break;
                                                 case 4: {
                                                     int expected = seen;
                                                     a.compare_exchange_strong(expected, 2);
                                                     break;
                                                 }
                                                 default:
                                                     if (seen) throw std::runtime_error("seen");
                                             }
                                             b.store(a.load());
                                         };
                                         fibers::jthread t([&] {
                                             a.store(3);
                                             x = 1;
                                             b.store(4);
                                             x = 2;
                                         });
                                         fibers::jthread u(by_x);
                                         static_cast<void>(a.load());
                                         by_x();
                                         static_cast<void>(b.load());
                                     });
            EXPECT_THAT(verdicts_of(r), testing::Contains(verdict::data_race));
            EXPECT_THAT(verdicts_of(r),
                        Each(testing::AnyOf(verdict::data_race, verdict::exception)))
                << variant << to_string(s) << r.summary;
        }
}

// Without a race a departure is what it was.
TEST(KeptFindings, OfABodyThatChangesAreNondeterminism) {
    for (const bool ends_early : {false, true}) {
        unsigned runs = 0;
        const options o{.sample_budget = 1'000, .keep_going = true};
        const result r = explore(o, [&runs, ends_early] {
            const bool differs = ++runs % 2;
            fibers::atomic<int> x{0}, y{0};
            fibers::thread t([&] {
                if (differs || !ends_early) x.store(1);
            });
            static_cast<void>(differs || ends_early ? x.load() : y.load());
            t.join();
        });
        EXPECT_THAT(verdicts_of(r), ElementsAre(verdict::nondeterminism));
    }
}

TEST(KeptFindings, ComeFromTheSearchWithASpuriousWakeupToo) {
    const result r = explore({.sample_budget = 1'000, .keep_going = true}, [] {
        fibers::mutex m;
        fibers::condition_variable changed;
        fibers::var<bool> set{false};
        fibers::var<int> x{0};
        fibers::thread t([&] {
            std::unique_lock lock(m);
            if (!set) changed.wait(lock);
            HEDDLE_ASSERT(set);
            lock.unlock();
            x = 1;
        });
        {
            const std::lock_guard lock(m);
            set = true;
            changed.notify_one();
        }
        x = 2;
        t.join();
    });
    EXPECT_THAT(verdicts_of(r), ElementsAre(verdict::data_race, verdict::assertion));
}

}  // namespace
}  // namespace heddle
