// Loops that wait by looking again and again, and change something in each round: correct ones are
// proved (docs/adr/0016-polling-loops.md).
#include <gmock/gmock.h>

#include <heddle/heddle.hpp>
#include <mutex>

#include "polling.hpp"

namespace heddle {
namespace {

using std::memory_order_acquire;
using std::memory_order_relaxed;
using std::memory_order_release;
using namespace polling_tests;

TEST(Polling, UnderALock) {
    expect_proved([] {
        fibers::mutex m;
        fibers::var<bool> done{false};
        fibers::jthread setter([&] {
            std::lock_guard lock(m);
            done = true;
        });
        for (;;) {
            std::unique_lock lock(m);
            if (done) break;
            lock.unlock();
            fibers::this_thread::yield();
        }
    });
}

TEST(Polling, UnderALockOnBareData) {
    expect_proved([] {
        fibers::mutex m;
        bool done = false;
        fibers::jthread setter([&] {
            std::lock_guard lock(m);
            done = true;
        });
        for (bool seen = false; !seen;) {
            std::lock_guard lock(m);
            seen = done;
        }
    });
}

TEST(Polling, CountsInALocal) {
    expect_proved([] {
        fibers::atomic<int> flag{0};
        unsigned n = 0;
        fibers::jthread setter([&] { flag.store(1); });
        while (!flag.load()) ++n;
    });
}

TEST(Polling, CountsInTheOwnFrameOfAThread) {
    expect_proved([] {
        fibers::atomic<int> flag{0};
        fibers::jthread poller([&] {
            unsigned n = 0;
            while (!flag.load(memory_order_relaxed)) ++n;
            HEDDLE_ASSERT(n < 1'000);
        });
        flag.store(1, memory_order_relaxed);
    });
}

TEST(Polling, CountsInAVar) {
    expect_proved([] {
        fibers::atomic<int> flag{0};
        fibers::var<int> rounds{0};
        fibers::jthread setter([&] { flag.store(1, memory_order_release); });
        while (!flag.load(memory_order_acquire)) rounds += 1;
    });
}

TEST(Polling, CountsInAnAtomic) {
    expect_proved([] {
        fibers::atomic<bool> taken{false};
        fibers::atomic<int> rounds{0};
        fibers::var<int> n{0};
        const auto add = [&] {
            while (taken.exchange(true, memory_order_acquire))
                rounds.fetch_add(1, memory_order_relaxed);
            n += 1;
            taken.store(false, memory_order_release);
        };
        fibers::jthread a(add), b(add);
    });
}

TEST(Polling, TwoCountInOneAtomic) {
    for (const strategy& s :
         {strategy{strategies::exhaustive{}}, strategy{strategies::automatic{}}}) {
        const result r = explored(s, [] {
            fibers::atomic<int> flag{0}, rounds{0};
            const auto poll = [&] {
                while (!flag.load()) rounds.fetch_add(1);
            };
            fibers::jthread a(poll), b(poll);
            flag.store(1);
        });
        EXPECT_EQ(r.verdict, verdict::ok) << to_string(s);
        EXPECT_TRUE(r.exhausted) << to_string(s) << ": " << r.summary;
    }
}

TEST(Polling, Seqlock) {
    expect_proved([] {
        fibers::atomic<unsigned> sequence{0};
        fibers::atomic<int> x{0}, y{0};
        fibers::jthread writer([&] {
            sequence.store(1, memory_order_relaxed);
            fibers::atomic_thread_fence(memory_order_release);
            x.store(1, memory_order_relaxed);
            y.store(1, memory_order_relaxed);
            sequence.store(2, memory_order_release);
        });
        unsigned tries = 0;
        for (;; ++tries) {
            const unsigned before = sequence.load(memory_order_acquire);
            const int a = x.load(memory_order_relaxed), b = y.load(memory_order_relaxed);
            fibers::atomic_thread_fence(memory_order_acquire);
            const unsigned after = sequence.load(memory_order_relaxed);
            if (before != after || before % 2) continue;
            HEDDLE_ASSERT(a == b);
            break;
        }
    });
}

TEST(Polling, TryLockWithARetryCounter) {
    expect_proved([] {
        fibers::mutex m;
        fibers::var<int> n{0};
        fibers::atomic<int> retries{0};
        const auto add = [&] {
            while (!m.try_lock()) retries.fetch_add(1, memory_order_relaxed);
            n += 1;
            m.unlock();
        };
        fibers::jthread a(add), b(add);
    });
}

TEST(Polling, Heartbeat) {
    expect_proved([] {
        fibers::atomic<bool> stop{false};
        fibers::atomic<int> beats{0};
        fibers::jthread worker([&] {
            while (!stop.load()) beats.fetch_add(1);
        });
        while (beats.load() < 2) fibers::this_thread::yield();
        stop.store(true);
    });
}

// More beats than rounds that are explored freely: where nothing else can run, both go on in turn.
TEST(Polling, HeartbeatWaitedForLong) {
    for (const strategy& s :
         {strategy{strategies::exhaustive{}}, strategy{strategies::automatic{}}}) {
        options o;
        o.strategy = s;
        o.execution_limit = 20'000;
        const result r = explore(o, [] {
            fibers::atomic<bool> stop{false};
            fibers::atomic<int> beats{0};
            fibers::jthread worker([&] {
                for (int k = 1; !stop.load(); ++k) beats.store(k);
            });
            while (beats.load() < 12) fibers::this_thread::yield();
            stop.store(true);
        });
        EXPECT_EQ(r.verdict, verdict::ok) << to_string(s) << (r.failure ? r.failure->message : "");
    }
}

TEST(Polling, BoundedBackOff) {
    expect_proved([] {
        fibers::atomic<bool> taken{false};
        fibers::var<int> n{0};
        const auto add = [&] {
            for (int pauses = 1; taken.exchange(true, memory_order_acquire);
                 pauses = pauses < 4 ? 2 * pauses : 4)
                for (int k = 0; k < pauses; ++k) fibers::this_thread::pause();
            n += 1;
            taken.store(false, memory_order_release);
        };
        fibers::jthread a(add), b(add);
    });
}

TEST(Polling, UnboundedBackOff) {
    expect_proved([] {
        fibers::atomic<bool> taken{false};
        fibers::var<int> n{0};
        const auto add = [&] {
            for (int pauses = 1; taken.exchange(true, memory_order_acquire); ++pauses)
                for (int k = 0; k < pauses % 8; ++k) fibers::this_thread::yield();
            n += 1;
            taken.store(false, memory_order_release);
        };
        fibers::jthread a(add), b(add);
    });
}

TEST(Polling, TwoPollers) {
    expect_proved([] {
        fibers::atomic<int> flag{0};
        fibers::var<int> data{0};
        const auto poll = [&] {
            int rounds = 0;
            while (!flag.load(memory_order_acquire)) ++rounds;
            HEDDLE_ASSERT(data == 1);
        };
        fibers::jthread a(poll), b(poll);
        data = 1;
        flag.store(1, memory_order_release);
    });
}

TEST(Polling, ProducerAndConsumerThatSpin) {
    expect_proved([] {
        fibers::atomic<int> slot{0};
        int produced = 0;
        fibers::jthread consumer([&] {
            for (int k = 1; k <= 2; ++k) {
                int got = 0;
                unsigned rounds = 0;
                while ((got = slot.load()) == 0) ++rounds;
                HEDDLE_ASSERT(got == k);
                slot.store(0);
            }
        });
        for (int k = 1; k <= 2; ++k) {
            while (slot.load() != 0) ++produced;
            slot.store(k);
        }
    });
}

TEST(Polling, StackWithASpinningConsumer) {
    expect_proved([] {
        struct node {
            int value;
            node* next;
        };
        node item{7, nullptr};
        fibers::atomic<node*> top{nullptr};
        fibers::jthread producer([&] {
            item.next = top.load(memory_order_relaxed);
            while (!top.compare_exchange_weak(item.next, &item, memory_order_release,
                                              memory_order_relaxed)) {
            }
        });
        unsigned empty = 0;
        for (;;) {
            node* n = top.load(memory_order_acquire);
            if (!n) {
                ++empty;
                continue;
            }
            if (top.compare_exchange_strong(n, n->next, memory_order_acquire)) {
                HEDDLE_ASSERT(n->value == 7);
                break;
            }
        }
    });
}

TEST(Polling, McsLock) {
    expect_proved([] {
        struct node {
            fibers::atomic<node*> next{nullptr};
            fibers::atomic<bool> waits{false};
        };
        fibers::atomic<node*> tail{nullptr};
        fibers::var<int> n{0};
        const auto add = [&] {
            node mine;
            unsigned rounds = 0;
            if (node* before = tail.exchange(&mine, std::memory_order_acq_rel)) {
                mine.waits.store(true, memory_order_relaxed);
                before->next.store(&mine, memory_order_release);
                while (mine.waits.load(memory_order_acquire)) ++rounds;
            }
            n += 1;
            node* expected = &mine;
            if (!mine.next.load(memory_order_acquire)) {
                if (tail.compare_exchange_strong(expected, nullptr, memory_order_release)) return;
                while (!mine.next.load(memory_order_acquire)) ++rounds;
            }
            mine.next.load(memory_order_relaxed)->waits.store(false, memory_order_release);
        };
        fibers::thread a(add);
        add();
        a.join();
    });
}

TEST(Polling, ClhLock) {
    expect_proved([] {
        struct node {
            fibers::atomic<bool> held{false};
        };
        node nodes[3];
        fibers::atomic<node*> tail{&nodes[2]};
        fibers::var<int> n{0};
        const auto add = [&](node& mine) {
            mine.held.store(true, memory_order_relaxed);
            node* const before = tail.exchange(&mine, std::memory_order_acq_rel);
            unsigned rounds = 0;
            while (before->held.load(memory_order_acquire)) ++rounds;
            n += 1;
            mine.held.store(false, memory_order_release);
        };
        fibers::jthread a([&] { add(nodes[0]); });
        add(nodes[1]);
    });
}

TEST(Polling, StdLockInOppositeOrders) {
    for (const strategy& s :
         {strategy{strategies::exhaustive{}}, strategy{strategies::automatic{}}}) {
        const result r = explored(s, [] {
            fibers::mutex a, b;
            fibers::var<int> n{0};
            fibers::jthread t([&] {
                std::scoped_lock both(a, b);
                n += 1;
            });
            std::scoped_lock both(b, a);
            n += 1;
        });
        EXPECT_EQ(r.verdict, verdict::ok) << to_string(s) << (r.failure ? r.failure->message : "");
        EXPECT_TRUE(r.exhausted) << to_string(s) << ": " << r.summary;
    }
}

// A thread that has left its loop, and waits before it takes several locks, takes one step for the
// first of them where its schedule is run again.
TEST(Polling, UnderALockThatIsThenTakenWithAnother) {
    expect_proved([] {
        fibers::mutex m, other;
        fibers::var<bool> done{false};
        fibers::jthread poller([&] {
            for (;;) {
                std::lock_guard lock(m);
                if (done) break;
            }
            const auto both = fibers::lock_all(m, other);
        });
        { const auto both = fibers::lock_all(other, m); }
        std::lock_guard lock(m);
        done = true;
    });
}

}  // namespace
}  // namespace heddle
