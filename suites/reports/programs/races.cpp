// Tests that race, each for another reason.
#include <atomic>
#include <mutex>

#include <heddle/gtest/heddle_test.hpp>

namespace {

using heddle::fibers;

HEDDLE_TEST(Races, RelaxedFlag) {
    fibers::var<int> letter{0};
    fibers::atomic<bool> sent{false};
    fibers::thread sender{[&] {
        heddle::name_thread("sender");
        letter = 7;
        sent.store(true, std::memory_order_relaxed);
    }};
    if (sent.load(std::memory_order_acquire)) {
        EXPECT_EQ(letter.load(), 7);
    }
    sender.join();
}

class account {
public:
    void deposit(int amount) {
        const std::lock_guard guard{mutex_};
        balance_ += amount;
    }
    int balance() const { return balance_; }

private:
    fibers::mutex mutex_;
    fibers::var<int> balance_{0};
};

HEDDLE_TEST(Races, UnlockedRead) {
    account alice;
    alice.deposit(1);
    fibers::thread teller{[&] {
        heddle::name_thread("teller");
        alice.deposit(10);
    }};
    EXPECT_GE(alice.balance(), 1);
    teller.join();
}

HEDDLE_TEST(Races, DifferentMutexes) {
    fibers::mutex mine, yours;
    fibers::var<int> shared{0};
    fibers::thread other{[&] {
        const std::lock_guard guard{yours};
        shared.store(1);
    }};
    {
        const std::lock_guard guard{mine};
        shared.store(2);
    }
    other.join();
}

HEDDLE_TEST(Races, NotJoined) {
    fibers::var<int> result{0};
    fibers::thread worker{[&] { result = 42; }};
    EXPECT_EQ(result.load(), 42);
    worker.join();
}

}  // namespace
