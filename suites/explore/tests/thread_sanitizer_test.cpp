// With ThreadSanitizer, plain memory of a body is checked by the order that the memory model gives,
// and a race on it is a verdict.
#include <gmock/gmock.h>
#include <heddle/heddle.hpp>

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

#include "sanitizers.hpp"

namespace {

using heddle::explore;
using heddle::fibers;
using heddle::options;
using heddle::result;
using heddle::verdict;

constexpr auto relaxed = std::memory_order_relaxed;
constexpr auto acquire = std::memory_order_acquire;
constexpr auto release = std::memory_order_release;

class UnwatchedMemory : public testing::Test {
protected:
    void SetUp() override {
        if (!heddle::testing_support::under_thread_sanitizer)
            GTEST_SKIP() << "for builds with ThreadSanitizer";
    }
};

template <class Body>
void expect_race(Body body, const char* earlier, const char* later) {
    const result r = explore(body);
    ASSERT_EQ(r.verdict, verdict::data_race) << r.summary;
    const auto& d = r.failure->diagnostic;
    EXPECT_EQ(d.reason, "unwatched-memory");
    ASSERT_EQ(d.labels.size(), 2U) << r.failure->message;
    EXPECT_EQ(d.threads.size(), 2U);
    for (const auto& label : d.labels)
        EXPECT_NE(label.where.file.find("thread_sanitizer_test.cpp"), std::string::npos);
    EXPECT_NE(d.labels[0].where.line, d.labels[1].where.line);
    EXPECT_TRUE(d.labels[0].text.starts_with('`' + std::string(later) + '`')) << d.labels[0].text;
    EXPECT_TRUE(d.labels[1].text.starts_with('`' + std::string(earlier) + '`')) << d.labels[1].text;
    EXPECT_EQ(explore({.replay = r.failure->replay}, body).verdict, verdict::data_race);
}

template <class Body>
void expect_clean(Body body) {
    const result r = explore(body);
    EXPECT_EQ(r.verdict, verdict::ok) << (r.failure ? r.failure->message : r.summary);
    EXPECT_TRUE(r.exhausted);
}

// ---- races ------------------------------------------------------------------------------------

TEST_F(UnwatchedMemory, WrittenByTwoThreads) {
    expect_race(
        [] {
            int count = 0;
            fibers::thread worker{[&] {  //
                ++count;
            }};
            count += 2;
            worker.join();
        },
        "main", "thread-1");
}

TEST_F(UnwatchedMemory, PublishedByARelaxedStore) {
    expect_race(
        [] {
            std::string letter;
            fibers::atomic<bool> sent{false};
            fibers::thread sender{[&] {
                letter = "a text that is too long to be kept in the string itself";
                sent.store(true, relaxed);
            }};
            if (sent.load(acquire)) letter.push_back('!');
            sender.join();
        },
        "thread-1", "main");
}

TEST_F(UnwatchedMemory, AcquiredFromAnOlderStore) {
    // The second store releases the write; the first, which may be read as well, does not.
    expect_race(
        [] {
            int data = 0;
            fibers::atomic<int> flag{0};
            fibers::thread sender{[&] {
                flag.store(1, release);
                data = 7;
                flag.store(2, release);
            }};
            if (flag.load(acquire) != 0) {
                data += 1;
            }
            sender.join();
        },
        "thread-1", "main");
}

TEST_F(UnwatchedMemory, DeletedWhileRead) {
    const result r = explore([] {
        auto* const data = new int(7);
        fibers::thread reader{[=] { heddle::record(std::to_string(*data)); }};
        delete data;
        reader.join();
    });
    EXPECT_EQ(r.verdict, verdict::data_race) << r.summary;
}

TEST_F(UnwatchedMemory, UnderDifferentMutexes) {
    expect_race(
        [] {
            int shared = 0;
            fibers::mutex mine, yours;
            fibers::thread other{[&] {
                const std::lock_guard guard{yours};
                shared = 1;
            }};
            {
                const std::lock_guard guard{mine};
                shared = 2;
            }
            other.join();
        },
        "main", "thread-1");
}

// ---- beside variables that are watched ---------------------------------------------------------

std::vector<std::string> reasons_of(const result& r) {
    std::vector<std::string> all;
    for (const heddle::failure& f : r.failures) all.push_back(f.diagnostic.reason);
    return all;
}

// With `keep_going` the access that races is made, and ThreadSanitizer sees it too.
TEST_F(UnwatchedMemory, IsNotThatOfAVar) {
    const result r = explore({.keep_going = true}, [] {
        fibers::var<int> read{0}, written{0}, changed{0};
        int beside = 0;
        fibers::thread other{[&] {
            ++beside;
            read = written = changed = 1;
        }};
        static_cast<void>(read.load());
        written = 2;
        ++changed;
        beside += 2;
        other.join();
    });
    EXPECT_THAT(reasons_of(r),
                testing::UnorderedElementsAre("not-synchronized", "not-synchronized",
                                              "not-synchronized", "unwatched-memory"));
    for (const heddle::failure& f : r.failures) EXPECT_EQ(f.verdict, verdict::data_race);
}

TEST_F(UnwatchedMemory, WhereAVarHasBeen) {
    const result r = explore({.keep_going = true}, [] {
        alignas(fibers::var<int>) std::byte room[sizeof(fibers::var<int>)];
        const auto race = [](auto& x) {
            fibers::thread other{[&] { x = 1; }};
            x = 2;
            other.join();
        };
        auto* const watched = new (room) fibers::var<int>{0};
        race(*watched);
        watched->~var();
        race(*new (room) int{0});
    });
    EXPECT_THAT(reasons_of(r), testing::ElementsAre("not-synchronized", "unwatched-memory"));
}

// ---- order that there is ----------------------------------------------------------------------

TEST_F(UnwatchedMemory, UnderAMutex) {
    expect_clean([] {
        int count = 0;
        fibers::mutex mutex;
        const auto add = [&] {
            for (int k = 0; k < 2; ++k) {
                const std::lock_guard guard{mutex};
                ++count;
            }
        };
        fibers::thread other{add};
        add();
        other.join();
        HEDDLE_ASSERT(count == 4);
    });
}

TEST_F(UnwatchedMemory, HandedOverByRelease) {
    expect_clean([] {
        auto letter = std::make_shared<std::string>();
        fibers::atomic<bool> sent{false};
        fibers::thread sender{[&sent, letter] {
            *letter = "a text that is too long to be kept in the string itself";
            sent.store(true, release);
        }};
        if (sent.load(acquire)) letter->push_back('!');
        letter.reset();
        sender.join();
    });
}

TEST_F(UnwatchedMemory, HandedOverByAReleaseSequence) {
    expect_clean([] {
        int data = 0;
        fibers::atomic<int> flag{0};
        fibers::thread sender{[&] {
            data = 1;
            flag.store(1, release);
        }};
        fibers::thread passer{[&] { flag.fetch_add(1, relaxed); }};
        if (flag.load(acquire) == 2) data += 1;
        sender.join();
        passer.join();
    });
}

TEST_F(UnwatchedMemory, HandedOverByFences) {
    expect_clean([] {
        int data = 0;
        fibers::atomic<int> flag{0};
        fibers::thread sender{[&] {
            data = 1;
            fibers::atomic_thread_fence(release);
            flag.store(1, relaxed);
        }};
        if (flag.load(relaxed) == 1) {
            fibers::atomic_thread_fence(acquire);
            data += 1;
        }
        sender.join();
    });
}

TEST_F(UnwatchedMemory, BehindAConditionVariable) {
    expect_clean([] {
        std::vector<int> items;
        bool ready = false;
        fibers::mutex mutex;
        fibers::condition_variable changed;
        fibers::thread producer{[&] {
            const std::lock_guard guard{mutex};
            items.assign(100, 1);
            ready = true;
            changed.notify_one();
        }};
        {
            std::unique_lock guard{mutex};
            changed.wait(guard, [&] { return ready; });
            HEDDLE_ASSERT(items.size() == 100);
        }
        producer.join();
    });
}

TEST_F(UnwatchedMemory, OfThreadsThatAreStartedAndJoined) {
    expect_clean([] {
        int count = 1;
        fibers::thread outer{[&] {
            count *= 2;
            fibers::thread inner{[&] { count += 3; }};
            inner.join();
            count *= 2;
        }};
        outer.join();
        HEDDLE_ASSERT(count == 10);
    });
}

// A block that one thread frees may be another's next: no order between the two is needed.
TEST_F(UnwatchedMemory, ThatIsAllocatedAndFreedByEachThread) {
    expect_clean([] {
        fibers::atomic<int> done{0};
        const auto work = [&] {
            for (int k = 0; k < 2; ++k) {
                std::vector<int> mine(100, k);
                mine[7] = k;
            }
            done.fetch_add(1, relaxed);
        };
        fibers::thread a{work}, b{work};
        a.join();
        b.join();
    });
}

TEST_F(UnwatchedMemory, OfAStatic) {
    expect_clean([] {
        const auto use = [] {
            static const std::vector<int> numbers(10, 3);
            HEDDLE_ASSERT(numbers[3] == 3);
        };
        fibers::thread other{use};
        use();
        other.join();
    });
}

// Executions come one after the other: what they leave outside is ordered.
TEST_F(UnwatchedMemory, OutsideOfTheExecutions) {
    std::vector<int> seen;
    const result r = explore([&] {
        fibers::atomic<int> x{0};
        fibers::thread other{[&] { x.store(1); }};
        const int value = x.load();
        other.join();
        seen.push_back(value);
    });
    EXPECT_EQ(r.verdict, verdict::ok);
    EXPECT_EQ(seen.size(), r.executions + r.warm_ups);
}

TEST_F(UnwatchedMemory, OfExecutionsThatAreAbandoned) {
    int outside = 0;
    const result r = explore({.keep_going = true}, [&] {
        fibers::mutex mutex;
        fibers::thread other{[&] {
            ++outside;
            const std::lock_guard guard{mutex};
        }};
        const std::lock_guard guard{mutex};
        other.join();
    });
    EXPECT_EQ(r.verdict, verdict::deadlock);
    EXPECT_GT(outside, 0);
}

}  // namespace
