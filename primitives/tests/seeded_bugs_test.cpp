// The primitives with one thing wrong each: the mistake is found, and named for what it is. The
// right ones are clean in the tests of their names.
#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <heddle/primitives/blocking_queue.hpp>
#include <heddle/primitives/bounded_semaphore.hpp>
#include <heddle/primitives/event.hpp>
#include <heddle/primitives/rw_lock.hpp>
#include <mutex>
#include <shared_mutex>
#include <stdexcept>
#include <string>

#include "backends.hpp"
#include "sanitizers.hpp"

namespace heddle {
namespace {

using ::testing::HasSubstr;
using testing_support::expect_verdict;

// The report has these words, and its replay fails in the same way again.
template <class Body>
void expect_found(verdict expected, const Body& body, const std::string& words) {
    const result r = explore(testing_support::exhaustive(), body);
    ASSERT_EQ(to_string(r.verdict), to_string(expected)) << testing_support::message_of(r);
    EXPECT_THAT(r.failure->message, HasSubstr(words));
    const result again = explore({.replay = r.failure->replay}, body);
    ASSERT_TRUE(again.failure) << r.failure->replay;
    EXPECT_EQ(to_string(again.verdict), to_string(expected));
    EXPECT_EQ(again.failure->diagnostic.headline, r.failure->diagnostic.headline);
}

// A search that is too large to come to its end here.
options begun() {
    constexpr bool slow =
        testing_support::under_address_sanitizer || testing_support::under_thread_sanitizer;
    return {.strategy = strategies::exhaustive{}, .execution_limit = slow ? 100U : 2'000U};
}

// ---- counter ------------------------------------------------------------------------------------

TEST(SeededCounter, ReadsAndWritesInTwoSteps) {
    expect_found(
        verdict::assertion,
        [] {
            fibers::atomic<int> count{0};
            const auto add = [&] { count.store(count.load() + 1); };
            fibers::thread other(add);
            add();
            other.join();
            HEDDLE_ASSERT(count.load() == 2, "an addition is lost");
        },
        "an addition is lost");
}

TEST(SeededCounter, IsAPlainVariable) {
    expect_found(
        verdict::data_race,
        [] {
            fibers::var<int> count{0};
            const auto add = [&] { count += 1; };
            fibers::thread other(add);
            add();
            other.join();
        },
        "`count`");
}

// ---- reentrant lock -----------------------------------------------------------------------------

TEST(SeededReentrantLock, IsAPlainMutex) {
    const auto nested = [](auto& lock) {
        const std::lock_guard outer(lock);
        const std::lock_guard middle(lock);
        const std::lock_guard inner(lock);
    };
    expect_verdict(verdict::ok, [&] {
        fibers::recursive_mutex lock;
        fibers::thread other([&] { nested(lock); });
        nested(lock);
        other.join();
    });
    expect_found(
        verdict::deadlock,
        [&] {
            fibers::mutex lock;
            nested(lock);
        },
        "which it holds");
}

// ---- semaphore ----------------------------------------------------------------------------------

template <bool gives_back>
void pool_with_an_error() {
    bounded_semaphore<fibers> permits(1);
    const auto use = [&](bool fails) {
        permits.acquire();
        try {
            if (fails) throw std::runtime_error("no connection");
            permits.release();
        } catch (const std::runtime_error&) {
            if (gives_back) permits.release();
        }
    };
    fibers::thread other([&] { use(true); });
    use(false);
    other.join();
}

TEST(SeededSemaphore, LosesAPermitOnAnErrorPath) {
    expect_verdict(verdict::ok, pool_with_an_error<true>);
    expect_found(verdict::deadlock, pool_with_an_error<false>, "waits on");
}

// ---- condition ----------------------------------------------------------------------------------

// One producer, two consumers; each consumer takes one item.
template <bool tests_again>
void one_producer_two_consumers() {
    fibers::mutex mutex;
    fibers::condition_variable filled;
    fibers::var<int> items{0};
    const auto consume = [&] {
        std::unique_lock lock(mutex);
        if (tests_again)
            while (items == 0) filled.wait(lock);
        else if (items == 0)
            filled.wait(lock);
        HEDDLE_ASSERT(items > 0, "taken from an empty queue");
        items -= 1;
    };
    fibers::thread a(consume), b(consume);
    for (int k = 0; k < 2; ++k) {
        const std::lock_guard guard(mutex);
        items += 1;
        filled.notify_all();
    }
    a.join();
    b.join();
}

TEST(SeededCondition, TestsWithIfInsteadOfWhile) {
    expect_verdict(verdict::ok, one_producer_two_consumers<true>);
    expect_found(verdict::assertion, one_producer_two_consumers<false>,
                 "taken from an empty queue");
}

TEST(SeededCondition, NotifiesTheWrongWaiter) {
    expect_found(
        verdict::lost_notification,
        [] {
            fibers::mutex mutex;
            fibers::condition_variable changed;
            fibers::var<int> stage{0};
            const auto wait_for = [&](int wanted) {
                std::unique_lock lock(mutex);
                while (stage != wanted) changed.wait(lock);
            };
            fibers::thread first([&] { wait_for(1); });
            fibers::thread second([&] { wait_for(2); });
            {
                const std::lock_guard guard(mutex);
                stage = 1;
                changed.notify_one();
            }
            first.join();
            {
                const std::lock_guard guard(mutex);
                stage = 2;
                changed.notify_one();
            }
            second.join();
        },
        "had no use for it");
}

TEST(SeededCondition, NotifiesBeforeTheWaitWithoutState) {
    expect_found(
        verdict::lost_notification,
        [] {
            fibers::mutex mutex;
            fibers::condition_variable bell;
            fibers::thread waiter([&] {
                std::unique_lock lock(mutex);
                bell.wait(lock);
            });
            bell.notify_one();
            waiter.join();
        },
        "notified only before it waited");
}

// ---- event --------------------------------------------------------------------------------------

TEST(SeededEvent, IsSetWithoutNotifying) {
    expect_found(
        verdict::lost_notification,
        [] {
            fibers::mutex mutex;
            fibers::condition_variable changed;
            fibers::var<bool> is_set{false};
            fibers::thread waiter([&] {
                std::unique_lock lock(mutex);
                while (!is_set) changed.wait(lock);
            });
            {
                const std::lock_guard guard(mutex);
                is_set = true;
            }
            waiter.join();
        },
        "nobody notified");
}

TEST(SeededEvent, IsClearedBeforeAllHaveSeenIt) {
    const auto body = [] {
        event<fibers> ready;
        fibers::thread waiter([&] { ready.wait(); });
        ready.set();
        ready.clear();
        waiter.join();
    };
    expect_found(verdict::deadlock, body, "no thread is left to make its condition true");
    const result r = explore(testing_support::exhaustive(), body);
    EXPECT_EQ(r.failure->diagnostic.reason, "state-undone");
    EXPECT_THAT(r.failure->message, HasSubstr("set_ = false"));
}

// ---- barrier ------------------------------------------------------------------------------------

// A barrier for two that only counts: in its second phase the count is that of the first.
TEST(SeededBarrier, IsUsedAgainWithoutAPhase) {
    expect_found(
        verdict::deadlock,
        [] {
            fibers::mutex mutex;
            fibers::condition_variable changed;
            fibers::var<int> waiting{0};
            const auto wait = [&] {
                std::unique_lock lock(mutex);
                waiting += 1;
                if (waiting == 2) {
                    waiting = 0;
                    changed.notify_all();
                } else {
                    while (waiting != 0) changed.wait(lock);
                }
            };
            fibers::thread other([&] {
                wait();
                wait();
            });
            wait();
            wait();
            other.join();
        },
        "`waiting`");
}

// ---- reader-writer lock -------------------------------------------------------------------------

TEST(SeededRwLock, ReadersThatBecomeWriters) {
    expect_found(
        verdict::deadlock,
        [] {
            rw_lock<rw_preference::readers, fibers> lock;
            const auto upgrade = [&] {
                lock.lock_shared();
                lock.lock();
                lock.unlock();
                lock.unlock_shared();
            };
            fibers::thread other(upgrade);
            upgrade();
            other.join();
        },
        "rw_lock.hpp");
}

template <rw_preference Preference>
void reads_twice_beside_a_writer() {
    rw_lock<Preference, fibers> lock;
    fibers::thread writer([&] { const std::unique_lock writing(lock); });
    {
        const std::shared_lock outer(lock);
        const std::shared_lock inner(lock);
    }
    writer.join();
}

TEST(SeededRwLock, ReadsTwiceUnderWriterPreference) {
    expect_verdict(verdict::ok, reads_twice_beside_a_writer<rw_preference::readers>);
    expect_found(verdict::deadlock, reads_twice_beside_a_writer<rw_preference::writers>,
                 "rw_lock.hpp");
}

// Two readers come and go until the writer was in.
template <rw_preference preference>
void reads_until_written() {
    rw_lock<preference, fibers> lock;
    fibers::atomic<bool> written{false};
    const auto read = [&] {
        while (!written.load()) const std::shared_lock reading(lock);
    };
    fibers::thread first(read), second(read);
    {
        heddle::name_thread("writer");
        const std::unique_lock writing(lock);
        written.store(true);
    }
    first.join();
    second.join();
}

// Without an end to the readers some schedule is endless; of the others' none is that is fair.
TEST(SeededRwLock, LetsAWriterStarveUnderReaderPreference) {
    expect_found(verdict::starvation, reads_until_written<rw_preference::readers>,
                 "`writer` starves: it waits on");
    expect_verdict(verdict::ok, reads_until_written<rw_preference::writers>, begun());
    expect_verdict(verdict::ok, reads_until_written<rw_preference::fair>, begun());
}

// ---- priority lock ------------------------------------------------------------------------------

// Taken by urgent threads first; after `patience` of them, a patient one that waits comes next.
class priority_lock {
public:
    explicit priority_lock(int patience) : patience_(patience) {}
    void lock_urgently() {
        std::unique_lock lock(mutex_);
        urgent_ += 1;
        while (held_ || patient_come_first()) changed_.wait(lock);
        urgent_ -= 1;
        held_ = true;
        if (patient_ > 0) overtaken_ = std::min(overtaken_ + 1, patience_);
    }
    void lock() {
        std::unique_lock lock(mutex_);
        patient_ += 1;
        while (held_ || (urgent_ > 0 && !patient_come_first())) changed_.wait(lock);
        patient_ -= 1;
        overtaken_ = 0;
        held_ = true;
    }
    void unlock() {
        const std::lock_guard lock(mutex_);
        held_ = false;
        changed_.notify_all();
    }

private:
    bool patient_come_first() { return patient_ > 0 && overtaken_ >= patience_; }

    const int patience_;
    fibers::mutex mutex_;
    fibers::condition_variable changed_;
    fibers::var<bool> held_{false};
    fibers::var<int> urgent_{0}, patient_{0}, overtaken_{0};
};

constexpr int for_ever = 1'000'000;

// Urgent threads take the lock in turn until a patient one had it.
template <int patience>
void urgent_until_served() {
    priority_lock lock(patience);
    fibers::atomic<bool> served{false};
    const auto hurry = [&] {
        while (!served.load()) {
            lock.lock_urgently();
            lock.unlock();
        }
    };
    fibers::thread first(hurry), second(hurry);
    heddle::name_thread("patient");
    lock.lock();
    served.store(true);
    lock.unlock();
    first.join();
    second.join();
}

TEST(SeededPriorityLock, LetsThePatientStarve) {
    expect_found(verdict::starvation, urgent_until_served<for_ever>,
                 "`patient` starves: it waits on");
    expect_verdict(verdict::ok, urgent_until_served<1>, begun());
}

// ---- queue --------------------------------------------------------------------------------------

// Capacity 1, one condition for both sides, and `notify_one`.
template <bool wakes_all>
void queue_with_one_condition() {
    fibers::mutex mutex;
    fibers::condition_variable changed;
    fibers::var<int> items{0};
    const auto notify = [&] { wakes_all ? changed.notify_all() : changed.notify_one(); };
    const auto put = [&] {
        std::unique_lock lock(mutex);
        while (items == 1) changed.wait(lock);
        items = 1;
        notify();
    };
    const auto take = [&] {
        std::unique_lock lock(mutex);
        while (items == 0) changed.wait(lock);
        items = 0;
        notify();
    };
    fibers::thread a(take), b(take), c(put);
    put();
    a.join();
    b.join();
    c.join();
}

TEST(SeededQueue, HasOneConditionForBothSides) {
    expect_verdict(verdict::ok, queue_with_one_condition<true>);
    expect_found(verdict::lost_notification, queue_with_one_condition<false>, "`changed`");
}

TEST(SeededQueue, TaskDoneOnceTooOften) {
    expect_found(
        verdict::misuse,
        [] {
            blocking_queue<int, fibers> q;
            fibers::thread worker([&] {
                while (q.get()) q.task_done();
                q.task_done();  // for the end of the queue, too
            });
            q.put(1);
            q.close();
            worker.join();
        },
        "task_done is called more often than items were put");
}

}  // namespace
}  // namespace heddle
