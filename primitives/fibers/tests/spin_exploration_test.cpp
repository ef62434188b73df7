// Loops that wait by reading, without a hint: ended where they are shown to repeat themselves.
#include <gmock/gmock.h>

#include <heddle/heddle.hpp>
#include <string>

#include "sanitizers.hpp"

namespace heddle {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Key;
using ::testing::SizeIs;
using testing_support::under_thread_sanitizer;

options with(strategy s) {
    options o;
    o.strategy = s;
    o.step_limit = 2'000;
    o.execution_limit = 20'000;
    return o;
}

const strategy proving[] = {strategies::exhaustive{}, strategies::depth_first{}};
const strategy all[] = {strategies::exhaustive{}, strategies::depth_first{}, strategies::random{},
                        strategies::pct{}, strategies::automatic{}};

// Each round of these locks' loops but the last leaves everything as it was.
struct test_and_set_lock {
    fibers::atomic_flag taken;
    void lock() {
        while (taken.test_and_set(std::memory_order_acquire)) {
        }
    }
    void unlock() { taken.clear(std::memory_order_release); }
};
struct exchange_lock {
    fibers::atomic<int> word{0};
    void lock() {
        while (word.exchange(1, std::memory_order_acquire) != 0) {
        }
    }
    void unlock() { word.store(0, std::memory_order_release); }
};
struct fetch_or_lock {
    fibers::atomic<unsigned> word{0};
    void lock() {
        while (word.fetch_or(4, std::memory_order_acquire) & 4) fibers::this_thread::yield();
    }
    void unlock() { word.fetch_and(~4U, std::memory_order_release); }
};
struct compare_exchange_lock {
    fibers::atomic<int> word{0};
    void lock() {
        for (int free = 0; !word.compare_exchange_strong(free, 1, std::memory_order_acquire,
                                                         std::memory_order_relaxed);
             free = 0) {
        }
    }
    void unlock() { word.store(0, std::memory_order_release); }
};
struct try_lock_spin {
    fibers::mutex m;
    void lock() {
        while (!m.try_lock()) {
        }
    }
    void unlock() { m.unlock(); }
};
struct ticket_lock {
    fibers::atomic<int> next{0}, serving{0};
    void lock() {
        const int mine = next.fetch_add(1, std::memory_order_relaxed);
        while (serving.load(std::memory_order_acquire) != mine) {
        }
    }
    void unlock() {
        serving.store(serving.load(std::memory_order_relaxed) + 1, std::memory_order_release);
    }
};

template <class Lock>
void sections(unsigned others) {
    Lock lock;
    fibers::var<unsigned> count{0};
    const auto add = [&] {
        lock.lock();
        count = count + 1;
        lock.unlock();
    };
    fibers::thread threads[2];
    for (unsigned k = 0; k < others; ++k) threads[k] = fibers::thread(add);
    add();
    for (unsigned k = 0; k < others; ++k) threads[k].join();
    HEDDLE_ASSERT(count == others + 1);
}

template <class Lock>
class SpinLock : public testing::Test {};
using locks = testing::Types<test_and_set_lock, exchange_lock, fetch_or_lock, compare_exchange_lock,
                             try_lock_spin, ticket_lock>;
TYPED_TEST_SUITE(SpinLock, locks);

TYPED_TEST(SpinLock, OfTwoThreadsIsProvedRight) {
    for (const strategy& s : proving) {
        options o = with(s);
        o.execution_limit = 0;
        const result r = explore(o, [] { sections<TypeParam>(1); });
        EXPECT_EQ(r.verdict, verdict::ok) << to_string(s) << r.failure->message;
        EXPECT_TRUE(r.exhausted) << to_string(s) << r.summary
                                 << (r.failure ? r.failure->message : "");
    }
}

TYPED_TEST(SpinLock, OfThreeThreadsIsProvedRight) {
    const result r = explore(with(strategies::exhaustive{}), [] { sections<TypeParam>(2); });
    EXPECT_EQ(r.verdict, verdict::ok) << r.failure->message;
    EXPECT_TRUE(r.exhausted) << r.summary;
}

// Every order of the sections, by both ways to prove.
TYPED_TEST(SpinLock, IsTakenInEveryOrder) {
    for (const strategy& s : proving) {
        options o = with(s);
        o.execution_limit = under_thread_sanitizer ? 2'000 : 0;
        const result r = explore(o, [] {
            TypeParam lock;
            std::string order;
            const auto twice = [&](char name) {
                for (int k = 0; k < 2; ++k) {
                    lock.lock();
                    order += name;
                    lock.unlock();
                }
            };
            fibers::thread t([&] { twice('t'); });
            twice('m');
            t.join();
            record(order);
        });
        ASSERT_FALSE(r.failure) << to_string(s) << r.failure->message;
        EXPECT_TRUE(r.exhausted || under_thread_sanitizer) << to_string(s) << r.summary;
        if (r.exhausted) {
            EXPECT_THAT(r.outcomes, SizeIs(6)) << to_string(s);  // 4 over 2
        }
    }
}

TYPED_TEST(SpinLock, IsNoFindingForTheSamplers) {
    for (const strategy& s : {strategy{strategies::random{}}, strategy{strategies::pct{}}}) {
        options o = with(s);
        o.execution_limit = 2'000;
        const result r = explore(o, [] { sections<TypeParam>(2); });
        EXPECT_EQ(r.verdict, verdict::ok) << to_string(s) << r.failure->message;
    }
}

TYPED_TEST(SpinLock, NeverFreedIsALivelock) {
    for (const strategy& s : all) {
        const result r = explore(with(s), [] {
            TypeParam lock;
            lock.lock();
            fibers::thread a([&] { lock.lock(); }), b([&] { lock.lock(); });
            a.join();
            b.join();
        });
        EXPECT_EQ(r.verdict, verdict::livelock) << to_string(s);
    }
}

// The lock orders what it protects: with relaxed operations it does not.
TEST(SpinExploration, LockWithoutAcquireIsADataRace) {
    for (const strategy& s : proving) {
        const result r = explore(with(s), [] {
            fibers::atomic_flag taken;
            fibers::var<int> count{0};
            const auto add = [&] {
                while (taken.test_and_set(std::memory_order_relaxed)) {
                }
                count = count + 1;
                taken.clear(std::memory_order_release);
            };
            fibers::thread t(add);
            add();
            t.join();
        });
        EXPECT_EQ(r.verdict, verdict::data_race) << to_string(s);
    }
}

TEST(SpinExploration, LoopThatGivesUpHasThatOutcome) {
    for (const strategy& s : proving) {
        const result r = explore(with(s), [] {
            fibers::atomic_flag taken;
            taken.test_and_set();
            fibers::thread t([&] { taken.clear(); });
            int tries = 0;
            while (taken.test_and_set() && ++tries < 3) fibers::this_thread::yield();
            record("{}", tries);
            t.join();
        });
        EXPECT_TRUE(r.exhausted) << to_string(s);
        EXPECT_THAT(r.outcomes, SizeIs(4)) << to_string(s);
        EXPECT_THAT(r.outcomes, Contains(Key("3"))) << to_string(s);
    }
}

// An update that writes the value it read wakes nobody, and is progress for nobody.
TEST(SpinExploration, TwoThreadsThatWaitForEachOtherByUpdatesLivelock) {
    for (const strategy& s : all) {
        const result r = explore(with(s), [] {
            fibers::atomic<int> a{1}, b{1};
            fibers::thread t([&] {
                while (a.exchange(1) == 1) {
                }
                b.store(0);
            });
            while (b.exchange(1) == 1) {
            }
            a.store(0);
            t.join();
        });
        ASSERT_EQ(r.verdict, verdict::livelock) << to_string(s);
        EXPECT_THAT(r.failure->message, HasSubstr("spin")) << to_string(s);
    }
}

}  // namespace
}  // namespace heddle
