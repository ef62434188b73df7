// What reports of lost notifications advise, done: change and test under the mutex; a flag; notify
// all; notify after the change. Each test is the failing program of its name, and clean.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>

#include <heddle/gtest/heddle_test.hpp>

namespace {

using heddle::explore;
using heddle::fibers;
using heddle::finds;
using heddle::is_clean;
using heddle::verdict;
using namespace std::chrono_literals;

struct gate {
    fibers::mutex mutex;
    fibers::condition_variable opened;
    fibers::var<bool> open{false};

    void pass() {
        std::unique_lock lock{mutex};
        opened.wait(lock, [&] { return open.load(); });
    }
};

void pass_together(int visitors, void (*let_in)(gate&)) {
    gate g;
    fibers::thread first{[&] { g.pass(); }};
    fibers::thread second{[&] {
        if (visitors == 2) g.pass();
    }};
    let_in(g);
    first.join();
    second.join();
}

enum class remedy { looks_again, has_a_predicate, passes_on };

// A timed waiter that gives up, after a last look or passing its notification on.
template <remedy Remedy>
void patient_and_hasty() {
    fibers::mutex mutex;
    fibers::condition_variable filled;
    fibers::var<int> items{0};
    const auto put = [&] {
        const std::lock_guard guard{mutex};
        ++items;
        filled.notify_one();
    };
    const auto comes = [&](std::unique_lock<fibers::mutex>& lock) {
        if constexpr (Remedy == remedy::has_a_predicate)
            return filled.wait_for(lock, 1ms, [&] { return items != 0; });
        while (items == 0)
            if (filled.wait_for(lock, 1ms) == std::cv_status::timeout) {
                if (Remedy == remedy::looks_again && items != 0) break;
                if (Remedy == remedy::passes_on) filled.notify_one();
                return false;
            }
        return true;
    };
    fibers::thread patient{[&] {
        std::unique_lock lock{mutex};
        while (items == 0) filled.wait(lock);
        --items;
    }};
    bool taken = false;
    fibers::thread hasty{[&] {
        std::unique_lock lock{mutex};
        taken = comes(lock);
        if (taken) --items;
    }};
    put();
    hasty.join();
    if (taken) put();
    patient.join();
}

TEST(LostNotifications, TakenByATimedOutWaiter) {
    EXPECT_THAT(explore(patient_and_hasty<remedy::looks_again>), is_clean());
    EXPECT_THAT(explore(patient_and_hasty<remedy::has_a_predicate>), is_clean());
    EXPECT_THAT(explore(patient_and_hasty<remedy::passes_on>), is_clean());
}

TEST(LostNotifications, BeforeTheWait) {
    EXPECT_THAT(explore([] {
                    fibers::mutex mutex;
                    fibers::condition_variable jobs_ready;
                    fibers::atomic<int> pending{0};
                    fibers::thread worker{[&] {
                        {
                            std::unique_lock lock{mutex};
                            jobs_ready.wait(lock, [&] { return pending.load() != 0; });
                        }
                        pending.fetch_sub(1);
                    }};
                    {
                        const std::lock_guard guard{mutex};
                        pending.fetch_add(1);
                    }
                    jobs_ready.notify_one();
                    worker.join();
                }),
                is_clean());
}

TEST(LostNotifications, WithoutState) {
    EXPECT_THAT(explore([] {
                    pass_together(1, [](gate& g) {
                        {
                            const std::lock_guard guard{g.mutex};
                            g.open = true;
                        }
                        g.opened.notify_all();
                    });
                }),
                is_clean());
}

TEST(LostNotifications, OneForTwo) {
    EXPECT_THAT(explore([] {
                    pass_together(2, [](gate& g) {
                        const std::lock_guard guard{g.mutex};
                        g.open = true;
                        g.opened.notify_all();
                    });
                }),
                is_clean());
    EXPECT_THAT(explore([] {
                    pass_together(2, [](gate& g) {
                        const std::lock_guard guard{g.mutex};
                        g.open = true;
                        g.opened.notify_one();
                        g.opened.notify_one();
                    });
                }),
                is_clean());
}

void open_and_notify_one(gate& g) {
    const std::lock_guard guard{g.mutex};
    g.open = true;
    g.opened.notify_one();
}

TEST(LostNotifications, NobodyNotified) {
    EXPECT_THAT(explore([] { pass_together(1, open_and_notify_one); }), is_clean());
}

TEST(LostNotifications, AnotherWasNotified) {
    EXPECT_THAT(explore([] { pass_together(1, open_and_notify_one); }), is_clean());
}

// `filled` and `emptied` are one condition variable, or two.
void hand_over(fibers::condition_variable& filled, fibers::condition_variable& emptied, bool all) {
    fibers::mutex mutex;
    fibers::var<bool> full{false};
    const auto notify = [&](fibers::condition_variable& changed) {
        all ? changed.notify_all() : changed.notify_one();
    };
    const auto put = [&] {
        std::unique_lock lock{mutex};
        emptied.wait(lock, [&] { return !full.load(); });
        full = true;
        notify(filled);
    };
    const auto take = [&] {
        std::unique_lock lock{mutex};
        filled.wait(lock, [&] { return full.load(); });
        full = false;
        notify(emptied);
    };
    fibers::thread taker_1{take};
    fibers::thread taker_2{take};
    put();
    put();
    taker_1.join();
    taker_2.join();
}

TEST(LostNotifications, Swallowed) {
    EXPECT_THAT(explore([] {
                    fibers::condition_variable changed;
                    hand_over(changed, changed, true);
                }),
                is_clean());
    EXPECT_THAT(explore([] {
                    fibers::condition_variable filled, emptied;
                    hand_over(filled, emptied, false);
                }),
                is_clean());
}

TEST(LostNotifications, AtomicNobodyNotified) {
    EXPECT_THAT(explore([] {
                    fibers::atomic<bool> ready{false};
                    fibers::thread worker{[&] { ready.wait(false); }};
                    ready.store(true);
                    ready.notify_one();
                    worker.join();
                }),
                is_clean());
}

// The notification was one of two mistakes: what is left is that nobody sets `done`.
TEST(LostNotifications, ThenJoinsAThreadThatWaits) {
    EXPECT_THAT(explore([] {
                    fibers::atomic<bool> ready{false}, done{false};
                    heddle::name(done, "done");
                    fibers::thread worker{[&] {
                        ready.store(true);
                        ready.notify_one();
                        done.wait(false);
                    }};
                    ready.wait(false);
                    worker.join();
                }),
                finds(verdict::deadlock, "`done`"));
}

TEST(Misuses, WaitWithoutLock) {
    EXPECT_THAT(explore([] {
                    pass_together(1, [](gate& g) {
                        std::unique_lock lock{g.mutex};
                        g.open = true;
                        g.opened.notify_one();
                        g.opened.wait(lock, [&] { return g.open.load(); });
                    });
                }),
                is_clean());
}

}  // namespace
