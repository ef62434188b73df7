// Tests that lose a notification, each in another way.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>

#include <heddle/gtest/heddle_test.hpp>

namespace {

using heddle::fibers;
using namespace std::chrono_literals;

class pool {
public:
    void submit() {
        pending_.fetch_add(1);
        jobs_ready_.notify_one();
    }
    void drain() {
        if (pending_.load() == 0) {
            std::unique_lock lock{mutex_};
            jobs_ready_.wait(lock);
        }
        pending_.fetch_sub(1);
    }

private:
    fibers::mutex mutex_;
    fibers::condition_variable jobs_ready_;
    fibers::atomic<int> pending_{0};
};

HEDDLE_TEST(LostNotifications, BeforeTheWait) {
    pool jobs;
    fibers::thread worker{[&] {
        heddle::name_thread("worker");
        jobs.drain();
    }};
    jobs.submit();
    worker.join();
}

HEDDLE_TEST(LostNotifications, WithoutState) {
    fibers::mutex mutex;
    fibers::condition_variable bell;
    fibers::thread sleeper{[&] {
        heddle::name_thread("sleeper");
        std::unique_lock lock{mutex};
        bell.wait(lock);
    }};
    bell.notify_all();
    sleeper.join();
}

// One condition variable for two kinds of waiters.
class slot {
public:
    void put() {
        std::unique_lock lock{mutex_};
        while (full_) changed_.wait(lock);
        full_ = true;
        changed_.notify_one();
    }
    void take() {
        std::unique_lock lock{mutex_};
        while (!full_) changed_.wait(lock);
        full_ = false;
        changed_.notify_one();
    }

private:
    fibers::mutex mutex_;
    fibers::condition_variable changed_;
    fibers::var<bool> full_{false};
};

HEDDLE_TEST(LostNotifications, Swallowed) {
    slot s;
    fibers::thread taker_1{[&] {
        heddle::name_thread("taker-1");
        s.take();
    }};
    fibers::thread taker_2{[&] {
        heddle::name_thread("taker-2");
        s.take();
    }};
    s.put();
    s.put();
    taker_1.join();
    taker_2.join();
}

class mailbox {
public:
    void put() {
        const std::lock_guard guard{mutex_};
        items_ += 1;
        filled_.notify_one();
    }
    void take() {
        std::unique_lock lock{mutex_};
        while (items_ == 0) filled_.wait(lock);
        items_ -= 1;
    }
    bool take_soon() {
        std::unique_lock lock{mutex_};
        while (items_ == 0)
            if (filled_.wait_for(lock, 1ms) == std::cv_status::timeout) return false;
        items_ -= 1;
        return true;
    }

private:
    fibers::mutex mutex_;
    fibers::condition_variable filled_;
    fibers::var<int> items_{0};
};

HEDDLE_TEST(LostNotifications, TakenByATimedOutWaiter) {
    mailbox m;
    fibers::thread patient{[&] {
        heddle::name_thread("patient");
        m.take();
    }};
    bool taken = false;
    fibers::thread hasty{[&] {
        heddle::name_thread("hasty");
        taken = m.take_soon();
    }};
    m.put();
    hasty.join();
    if (taken) m.put();
    patient.join();
}

class gate {
public:
    void pass() {
        std::unique_lock lock{mutex_};
        while (!open_) opened_.wait(lock);
    }
    void open() {
        const std::lock_guard guard{mutex_};
        open_ = true;
        opened_.notify_one();
    }
    void open_quietly() {
        const std::lock_guard guard{mutex_};
        open_ = true;
    }
    void open_and_tell_others() {
        const std::lock_guard guard{mutex_};
        open_ = true;
        closed_.notify_all();
    }

private:
    fibers::mutex mutex_;
    fibers::condition_variable opened_, closed_;
    fibers::var<bool> open_{false};
};

HEDDLE_TEST(LostNotifications, OneForTwo) {
    gate g;
    fibers::thread first{[&] {
        heddle::name_thread("first");
        g.pass();
    }};
    fibers::thread second{[&] {
        heddle::name_thread("second");
        g.pass();
    }};
    g.open();
    first.join();
    second.join();
}

HEDDLE_TEST(LostNotifications, NobodyNotified) {
    gate g;
    fibers::thread visitor{[&] {
        heddle::name_thread("visitor");
        g.pass();
    }};
    g.open_quietly();
    visitor.join();
}

HEDDLE_TEST(LostNotifications, AnotherWasNotified) {
    gate g;
    fibers::thread visitor{[&] {
        heddle::name_thread("visitor");
        g.pass();
    }};
    g.open_and_tell_others();
    visitor.join();
}

HEDDLE_TEST(LostNotifications, AtomicNobodyNotified) {
    fibers::atomic<bool> ready{false};
    fibers::thread worker{[&] {
        heddle::name_thread("worker");
        ready.wait(false);
    }};
    ready.store(true);
    worker.join();
}

// Woken, main would leave its wait, though only to wait for a thread that never ends.
HEDDLE_TEST(LostNotifications, ThenJoinsAThreadThatWaits) {
    fibers::atomic<bool> ready{false}, done{false};
    fibers::thread worker{[&] {
        heddle::name_thread("worker");
        ready.store(true);
        done.wait(false);
    }};
    ready.wait(false);
    worker.join();
}

}  // namespace
