// What the exploration finds in mutexes: every order of critical sections once, deadlocks, misuse.
#include <gtest/gtest.h>

#include <heddle/fibers/mutex.hpp>
#include <mutex>
#include <optional>

#include "backends.hpp"

namespace heddle {
namespace {

using testing_support::expect_executions;
using testing_support::expect_misuse;
using testing_support::expect_verdict;
using testing_support::outcomes_of;
using trace::misuse_kind;

const strategy proving[] = {strategies::exhaustive{}, strategies::depth_first{}};

template <int Threads, int Rounds>
void add_under_lock() {
    fibers::mutex m;
    fibers::var<int> count{0};
    fibers::thread threads[Threads];
    for (fibers::thread& t : threads)
        t = fibers::thread([&] {
            for (int k = 0; k < Rounds; ++k) {
                const std::lock_guard guard(m);
                ++count;
            }
        });
    for (fibers::thread& t : threads) t.join();
    HEDDLE_ASSERT(count == Threads * Rounds);
}

TEST(MutexExploration, CountsEveryOrderOfCriticalSectionsOnce) {
    expect_executions(6, add_under_lock<3, 1>);
    expect_executions(90, add_under_lock<3, 2>);
    expect_executions(2'520, add_under_lock<4, 2>);
}

TEST(MutexExploration, RecursionAddsNoSteps) {
    expect_executions(6, [] {
        fibers::recursive_mutex m;
        fibers::var<int> count{0};
        const auto add = [&] {
            const std::lock_guard outer(m), middle(m), inner(m);
            ++count;
        };
        fibers::thread a(add), b(add);
        add();
        a.join();
        b.join();
    });
}

TEST(MutexExploration, LockOfSeveralIsOneStep) {
    const auto body = [](bool opposite) {
        return [opposite] {
            fibers::mutex a, b;
            fibers::var<int> count{0};
            fibers::thread other([&] {
                auto guard = opposite ? fibers::lock_all(b, a) : fibers::lock_all(a, b);
                ++count;
            });
            {
                auto guard = fibers::lock_all(a, b);
                ++count;
            }
            other.join();
        };
    };
    expect_executions(2, body(false));
    expect_executions(2, body(true));
}

// While another holds the second one, a lock of both has taken the first or none, as std's
// algorithm has; it takes them in the order in which they were made.
TEST(MutexExploration, LockOfSeveralHoldsAPartWhileAnotherHoldsTheRest) {
    const auto body = [] {
        fibers::mutex first, second;
        second.lock();
        fibers::thread both([&] { auto guard = fibers::lock_all(second, first); });
        const bool taken = first.try_lock();
        if (taken) first.unlock();
        second.unlock();
        both.join();
        record("{}", taken);
    };
    for (const strategy& s : proving) EXPECT_EQ(outcomes_of(body, {.strategy = s}), "false true");
}

// What the search finds there is what the explained run and a replay come to.
TEST(MutexExploration, FindsWhatFailsBesideALockOfSeveral) {
    const auto body = [] {
        fibers::mutex first, second;
        second.lock();
        fibers::thread both([&] { auto guard = fibers::lock_all(first, second); });
        HEDDLE_ASSERT(first.try_lock());
        first.unlock();
        second.unlock();
        both.join();
    };
    for (const strategy& s : proving) {
        const result r = explore({.strategy = s}, body);
        ASSERT_EQ(to_string(r.verdict), "assertion") << testing_support::message_of(r);
        expect_verdict(verdict::assertion, body, {.replay = r.failure->replay});
    }
}

TEST(MutexExploration, LockOfSeveralBacksOffOrWaitsForGood) {
    const auto one_after_the_other = [] {
        fibers::mutex first, second;
        fibers::thread both([&] { auto guard = fibers::lock_all(first, second); });
        {
            const std::lock_guard outer(second);
            const std::lock_guard inner(first);
        }
        both.join();
    };
    const auto never_released = [] {
        fibers::mutex first, second;
        fibers::thread([&] { second.lock(); }).join();
        auto guard = fibers::lock_all(first, second);
    };
    for (const strategy& s : proving) {
        expect_verdict(verdict::ok, one_after_the_other, {.strategy = s});
        expect_verdict(verdict::deadlock, never_released, {.strategy = s});
    }
}

TEST(MutexExploration, TryLockShowsBothOutcomes) {
    EXPECT_EQ(outcomes_of([] {
                  fibers::mutex m;
                  fibers::thread other([&] {
                      const bool taken = m.try_lock();
                      record("{}", taken);
                      if (taken) m.unlock();
                  });
                  m.lock();
                  m.unlock();
                  other.join();
              }),
              "false true");
}

TEST(MutexExploration, StdLockWorksAsTheRetryThatItIs) {
    options o{.strategy = strategies::random{}, .execution_limit = 2'000};
    expect_verdict(
        verdict::ok,
        [] {
            fibers::mutex a, b;
            fibers::thread other([&] { const std::scoped_lock guard(b, a); });
            std::lock(a, b);
            a.unlock();
            b.unlock();
            other.join();
        },
        o);
}

TEST(MutexExploration, OppositeOrdersDeadlock) {
    expect_verdict(verdict::deadlock, [] {
        fibers::mutex a, b;
        fibers::thread other([&] {
            const std::lock_guard outer(b);
            const std::lock_guard inner(a);
        });
        {
            const std::lock_guard outer(a);
            const std::lock_guard inner(b);
        }
        other.join();
    });
}

TEST(MutexExploration, LockByItsHolderDeadlocks) {
    expect_verdict(verdict::deadlock, [] {
        fibers::mutex m;
        m.lock();
        m.lock();
    });
    expect_verdict(verdict::deadlock, [] {
        fibers::mutex a, b;
        b.lock();
        fibers::lock(a, b);
    });
}

TEST(MutexExploration, LockNeverReleasedByAnExitedThreadDeadlocks) {
    expect_verdict(verdict::deadlock, [] {
        fibers::mutex m;
        fibers::thread([&] { m.lock(); }).join();
        m.lock();
    });
}

TEST(MutexExploration, UnlockByAnotherThanTheHolderIsMisuse) {
    expect_misuse(
        misuse_kind::unlock_not_owner, [] { fibers::mutex().unlock(); }, __LINE__);
    expect_misuse(
        misuse_kind::unlock_not_owner, [] { fibers::recursive_mutex().unlock(); }, __LINE__);
    expect_misuse(misuse_kind::unlock_not_owner, [] {
        fibers::mutex m;
        m.lock();
        fibers::thread([&] { m.unlock(); }).join();
    });
    expect_misuse(misuse_kind::unlock_not_owner, [] {
        fibers::recursive_mutex m;
        m.lock();
        m.lock();
        fibers::thread([&] { m.unlock(); }).join();
    });
    expect_misuse(misuse_kind::unlock_not_owner, [] {
        fibers::recursive_mutex m;
        m.lock();
        m.unlock();
        m.unlock();
    });
}

TEST(MutexExploration, TryLockByTheHolderIsMisuse) {
    expect_misuse(misuse_kind::relock_by_owner_try, [] {
        fibers::mutex m;
        m.lock();
        m.try_lock();
    });
}

TEST(MutexExploration, DestructionWhileHeldIsMisuse) {
    expect_misuse(misuse_kind::mutex_destroyed_held, [] { fibers::mutex().lock(); });
    expect_misuse(misuse_kind::mutex_destroyed_held, [] { fibers::recursive_mutex().lock(); });
    expect_misuse(misuse_kind::mutex_destroyed_held, [] {
        std::optional<fibers::mutex> m(std::in_place);
        fibers::thread holder([&] { m->lock(); });
        holder.join();
        m.reset();
    });
}

TEST(MutexExploration, RecursionHasALimit) {
    const auto lock_times = [](unsigned times) {
        return [times] {
            fibers::recursive_mutex m;
            for (unsigned k = 0; k < times; ++k) m.lock();
            for (unsigned k = 0; k < times; ++k) m.unlock();
        };
    };
    expect_verdict(verdict::ok, lock_times(fibers::recursive_mutex::max_depth));
    expect_misuse(misuse_kind::recursion_limit, lock_times(fibers::recursive_mutex::max_depth + 1));
}

TEST(MutexExploration, BuiltOutsideAnExecutionIsMisuseInside) {
    fibers::mutex m;
    fibers::recursive_mutex r;
    expect_misuse(
        misuse_kind::outside_execution, [&] { m.lock(); }, __LINE__);
    expect_misuse(
        misuse_kind::outside_execution, [&] { m.try_lock(); }, __LINE__);
    expect_misuse(
        misuse_kind::outside_execution, [&] { m.unlock(); }, __LINE__);
    expect_misuse(
        misuse_kind::outside_execution, [&] { r.lock(); }, __LINE__);
    expect_misuse(
        misuse_kind::outside_execution, [&] { fibers::lock(m, r); }, __LINE__);
}

}  // namespace
}  // namespace heddle
