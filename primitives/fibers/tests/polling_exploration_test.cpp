// Loops that wait by looking again and again, and change something in each round: correct ones are
// proved, those that give up show it, endless ones are found (docs/adr/0016-polling-loops.md).
#include <gmock/gmock.h>

#include <heddle/heddle.hpp>
#include <mutex>
#include <string>

#include "sanitizers.hpp"

namespace heddle {
namespace {

using std::memory_order_acquire;
using std::memory_order_relaxed;
using std::memory_order_release;
using ::testing::Contains;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Key;
using ::testing::Not;
using ::testing::SizeIs;
using testing_support::under_thread_sanitizer;

const strategy proving[] = {strategies::exhaustive{}, strategies::depth_first{}};
const strategy all[] = {strategies::exhaustive{}, strategies::depth_first{}, strategies::random{},
                        strategies::pct{}, strategies::automatic{}};

result explored(const strategy& s, void (*body)()) {
    options o;
    o.strategy = s;
    o.progress = false;
    if (std::holds_alternative<strategies::random>(s) || std::holds_alternative<strategies::pct>(s))
        o.execution_limit = 500;
    return explore(o, body);
}

void expect_proved(void (*body)()) {
    for (const strategy& s : proving) {
        options o;
        o.strategy = s;
        o.progress = false;
        // There each execution costs a hundred times as much, for what the memory accesses show.
        if (under_thread_sanitizer) o.execution_limit = 2'000;
        const result r = explore(o, body);
        EXPECT_EQ(r.verdict, verdict::ok) << to_string(s) << (r.failure ? r.failure->message : "");
        EXPECT_TRUE(r.exhausted || under_thread_sanitizer) << to_string(s) << ": " << r.summary;
    }
    for (const strategy& s : {strategy{strategies::random{}}, strategy{strategies::pct{}}}) {
        const result r = explored(s, body);
        EXPECT_EQ(r.verdict, verdict::ok) << to_string(s) << (r.failure ? r.failure->message : "");
    }
    if (under_thread_sanitizer) return;
    const result r = explored(strategies::automatic{}, body);
    EXPECT_TRUE(r.exhausted) << r.summary << (r.failure ? r.failure->message : "");
}

// ---- correct loops -----------------------------------------------------------------------------

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

// ---- loops that give up ------------------------------------------------------------------------

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

// ---- endless ones
// --------------------------------------------------------------------------------

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

}  // namespace
}  // namespace heddle
