// Tests whose threads wait for ever, each on another object.
#include <atomic>
#include <memory>
#include <mutex>

#include <heddle/gtest/heddle_test.hpp>

namespace {

using heddle::fibers;

struct account {
    fibers::mutex mutex;
    fibers::var<int> balance{100};
};

void transfer(account& from, account& to, int amount) {
    const std::lock_guard first{from.mutex};
    const std::lock_guard second{to.mutex};
    from.balance -= amount;
    to.balance += amount;
}

HEDDLE_TEST(Deadlocks, Mutexes) {
    account alice, bob;
    heddle::name(alice.mutex, "alice.mutex");
    heddle::name(bob.mutex, "bob.mutex");
    fibers::thread one{[&] {
        heddle::name_thread("mover-1");
        transfer(alice, bob, 10);
    }};
    fibers::thread two{[&] {
        heddle::name_thread("mover-2");
        transfer(bob, alice, 20);
    }};
    one.join();
    two.join();
}

HEDDLE_TEST(Deadlocks, LockedTwice) {
    fibers::mutex mutex;
    const auto audit = [&] { const std::lock_guard guard{mutex}; };
    const std::lock_guard guard{mutex};
    audit();
}

HEDDLE_TEST(Deadlocks, RecursiveMutexes) {
    fibers::recursive_mutex menu, window;
    fibers::thread painter{[&] {
        heddle::name_thread("painter");
        const std::lock_guard outer{window};
        const std::lock_guard again{window};
        const std::lock_guard inner{menu};
    }};
    {
        const std::lock_guard outer{menu};
        const std::lock_guard inner{window};
    }
    painter.join();
}

HEDDLE_TEST(Deadlocks, JoinUnderLock) {
    fibers::mutex mutex;
    fibers::thread worker{[&] { const std::lock_guard guard{mutex}; }};
    const std::lock_guard guard{mutex};
    worker.join();
}

HEDDLE_TEST(Deadlocks, LockNeverReleased) {
    fibers::mutex mutex;
    fibers::thread worker{[&] {
        heddle::name_thread("worker");
        mutex.lock();
    }};
    worker.join();
    mutex.lock();
    mutex.unlock();
}

HEDDLE_TEST(Deadlocks, AllLocksAtOnce) {
    fibers::mutex left, right;
    fibers::thread both{[&] {
        heddle::name_thread("both");
        const fibers::scoped_lock guard{left, right};
    }};
    const std::lock_guard guard{right};
    both.join();
}

// The event is cleared before the waiter has seen it.
class event {
public:
    void wait() {
        std::unique_lock lock{mutex_};
        while (!set_) changed_.wait(lock);
    }
    void pulse() {
        const std::lock_guard guard{mutex_};
        set_ = true;
        changed_.notify_all();
        set_ = false;
    }

private:
    fibers::mutex mutex_;
    fibers::condition_variable changed_;
    fibers::var<bool> set_{false};
};

HEDDLE_TEST(Deadlocks, EventClearedTooEarly) {
    event started;
    fibers::thread runner{[&] {
        heddle::name_thread("runner");
        started.wait();
    }};
    started.pulse();
    runner.join();
}

class queue {
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

private:
    fibers::mutex mutex_;
    fibers::condition_variable filled_;
    fibers::var<int> items_{0};
};

HEDDLE_TEST(Deadlocks, ItemTakenByAnother) {
    queue jobs;
    fibers::thread first{[&] {
        heddle::name_thread("first");
        jobs.take();
    }};
    fibers::thread second{[&] {
        heddle::name_thread("second");
        jobs.take();
    }};
    jobs.put();
    first.join();
    second.join();
}

HEDDLE_TEST(Deadlocks, ConditionNobodyEstablishes) {
    queue jobs;
    jobs.take();
}

HEDDLE_TEST(Deadlocks, AtomicWait) {
    fibers::atomic<int> phase{0};
    fibers::thread worker{[&] {
        heddle::name_thread("worker");
        phase.wait(0);
        phase.wait(1);
    }};
    phase.store(1);
    phase.notify_all();
    worker.join();
}

HEDDLE_TEST(Deadlocks, Await) {
    fibers::atomic<int> turn{0};
    fibers::thread worker{[&] {
        heddle::name_thread("worker");
        turn.store(1);
    }};
    heddle::await(turn, [](int value) { return value == 2; });
    worker.join();
}

HEDDLE_TEST(Deadlocks, DetachedThreadWaits) {
    const auto gate = std::make_shared<fibers::atomic<int>>(0);
    fibers::thread worker{[gate] { gate->wait(0); }};
    worker.detach();
}

}  // namespace
