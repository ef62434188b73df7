// What the exploration finds in condition variables: exact counts, any waiter, lost notifications,
// misuse.
#include <gtest/gtest.h>

#include <heddle/fibers/condition_variable.hpp>
#include <mutex>
#include <optional>

#include "backends.hpp"
#include "one_item_buffer.hpp"

namespace heddle {
namespace {

using testing_support::buffer;
using testing_support::exhaustive;
using testing_support::expect_executions;
using testing_support::expect_misuse;
using testing_support::expect_verdict;
using testing_support::outcomes_of;
using trace::misuse_kind;

TEST(ConditionVariableExploration, CountsTheBufferOfOneProducerAndOneConsumer) {
    expect_executions(8, [] {
        buffer<fibers> b;
        fibers::thread producer([&] {
            b.put(1);
            b.put(2);
        });
        fibers::thread consumer([&] {
            b.get();
            b.get();
        });
        producer.join();
        consumer.join();
    });
}

TEST(ConditionVariableExploration, CountsTheBufferOfTwoProducersAndTwoConsumers) {
    expect_executions(64, [] {
        buffer<fibers> b;
        fibers::thread p([&] { b.put(1); });
        fibers::thread q([&] { b.put(2); });
        fibers::thread c([&] { b.get(); });
        fibers::thread d([&] { b.get(); });
        p.join();
        q.join();
        c.join();
        d.join();
    });
}

TEST(ConditionVariableExploration, NotifyOneWakesAnyOfTheWaiters) {
    EXPECT_EQ(outcomes_of([] {
                  fibers::mutex m;
                  fibers::condition_variable changed;
                  fibers::var<int> waiting{0}, turn{0};
                  const auto wait = [&](int who) {
                      std::unique_lock lock(m);
                      ++waiting;
                      changed.wait(lock);
                      if (turn == 0) turn = who;
                      changed.notify_one();
                  };
                  fibers::thread first([&] { wait(1); });
                  fibers::thread second([&] { wait(2); });
                  bool both = false;
                  {
                      const std::lock_guard guard(m);
                      both = waiting == 2;
                      if (both) changed.notify_one();
                  }
                  assume(both);
                  first.join();
                  second.join();
                  record("{}", turn.load());
              }),
              "1 2");
}

// `if` in place of `while`: right as long as nothing but a notification ends a wait.
TEST(ConditionVariableExploration, SpuriousWakeupIsExploredWithinTheBound) {
    const auto body = [] {
        fibers::mutex m;
        fibers::condition_variable changed;
        fibers::var<bool> ready{false};
        fibers::thread setter([&] {
            const std::lock_guard guard(m);
            ready = true;
            changed.notify_one();
        });
        {
            std::unique_lock lock(m);
            if (!ready) changed.wait(lock);
            HEDDLE_ASSERT(ready);
        }
        setter.join();
    };
    options o = exhaustive();
    expect_verdict(verdict::ok, body, o);
    o.spurious_bound = 1;
    expect_verdict(verdict::assertion, body, o);
}

// What is chosen after the last wakeup of the bound, too.
TEST(ConditionVariableExploration, ASampleWhoseBoundIsUsedUpRepeatsItself) {
    options o;
    o.strategy = strategies::random{};
    o.spurious_bound = 1;
    o.execution_limit = 5'000;
    expect_verdict(
        verdict::ok,
        [] {
            fibers::mutex m;
            fibers::condition_variable changed;
            fibers::var<int> stage{0};
            fibers::thread setter([&] {
                for (int k = 1; k <= 2; ++k) {
                    const std::lock_guard guard(m);
                    stage = k;
                    changed.notify_one();
                }
            });
            {
                std::unique_lock lock(m);
                while (stage < 2) changed.wait(lock);
            }
            setter.join();
        },
        o);
}

TEST(ConditionVariableExploration, NotificationBeforeTheWaitIsLost) {
    expect_verdict(verdict::lost_notification, [] {
        fibers::mutex m;
        fibers::condition_variable changed;
        fibers::thread waiter([&] {
            std::unique_lock lock(m);
            changed.wait(lock);
        });
        changed.notify_one();
        waiter.join();
    });
}

TEST(ConditionVariableExploration, WaitForAStateThatNobodyEstablishesIsADeadlock) {
    expect_verdict(verdict::deadlock, [] {
        fibers::mutex m;
        fibers::condition_variable changed;
        fibers::var<bool> ready{false};
        fibers::thread waiter([&] {
            std::unique_lock lock(m);
            changed.wait(lock, [&] { return ready.load(); });
        });
        changed.notify_all();
        waiter.join();
    });
}

TEST(ConditionVariableExploration, WaitWithoutTheLockIsMisuse) {
    expect_misuse(
        misuse_kind::wait_without_lock,
        [] {
            fibers::mutex m;
            fibers::condition_variable changed;
            std::unique_lock lock(m, std::defer_lock);
            changed.wait(lock);
        },
        __LINE__ - 2);
    expect_misuse(
        misuse_kind::wait_without_lock,
        [] {
            fibers::condition_variable changed;
            std::unique_lock<fibers::mutex> lock;
            changed.wait(lock, [] { return false; });
        },
        __LINE__ - 2);
}

TEST(ConditionVariableExploration, WaitWithTheLockOfAnotherThreadIsMisuse) {
    expect_misuse(misuse_kind::wait_without_lock, [] {
        fibers::mutex m;
        fibers::condition_variable changed;
        std::unique_lock lock(m);
        fibers::thread other([&] { changed.wait(lock); });
        other.join();
    });
}

TEST(ConditionVariableExploration, WaitsWithDifferentMutexesAtOneTimeAreMisuse) {
    expect_misuse(misuse_kind::wait_two_mutexes, [] {
        fibers::mutex m, n;
        fibers::condition_variable changed;
        fibers::thread other([&] {
            std::unique_lock lock(m);
            changed.wait(lock);
        });
        std::unique_lock lock(n);
        changed.wait(lock);
        changed.notify_all();
        lock.unlock();
        other.join();
    });
}

TEST(ConditionVariableExploration, WaitsWithDifferentMutexesOneAfterTheOtherAreFine) {
    expect_verdict(verdict::ok, [] {
        fibers::mutex mutexes[2];
        fibers::condition_variable changed;
        for (fibers::mutex& m : mutexes) {
            fibers::var<bool> ready{false};
            const auto wait = [&] {
                std::unique_lock lock(m);
                changed.wait(lock, [&] { return ready.load(); });
            };
            fibers::thread a(wait), b(wait);
            {
                const std::lock_guard guard(m);
                ready = true;
            }
            changed.notify_all();
            a.join();
            b.join();
        }
    });
}

TEST(ConditionVariableExploration, DestructionWithWaitersIsMisuse) {
    expect_misuse(misuse_kind::condition_variable_destroyed_waited_on, [] {
        fibers::mutex m;
        std::optional<fibers::condition_variable> changed(std::in_place);
        fibers::atomic<bool> waiting{false};
        fibers::thread waiter([&] {
            std::unique_lock lock(m);
            waiting.store(true);
            changed->wait(lock);
        });
        bool entered = false;
        {
            const std::lock_guard guard(m);
            entered = waiting.load();
        }
        if (entered) changed.reset();
        waiter.detach();
        assume(entered);
    });
}

TEST(ConditionVariableExploration, BuiltOutsideAnExecutionIsMisuseInside) {
    fibers::condition_variable changed;
    expect_misuse(
        misuse_kind::outside_execution, [&] { changed.notify_one(); }, __LINE__);
    expect_misuse(
        misuse_kind::outside_execution, [&] { changed.notify_all(); }, __LINE__);
    expect_misuse(misuse_kind::outside_execution, [&] {
        fibers::mutex m;
        std::unique_lock lock(m);
        changed.wait(lock);
    });
}

}  // namespace
}  // namespace heddle
