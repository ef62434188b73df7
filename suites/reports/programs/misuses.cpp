// Tests that call what their types do not allow.
#include <atomic>
#include <mutex>
#include <optional>

#include <heddle/gtest/heddle_test.hpp>

namespace {

using heddle::fibers;

HEDDLE_TEST(Misuses, UnlockByAnother) {
    fibers::mutex mutex;
    mutex.lock();
    fibers::thread other{[&] {
        heddle::name_thread("other");
        mutex.unlock();
    }};
    other.join();
}

HEDDLE_TEST(Misuses, UnlockedTwice) {
    fibers::mutex mutex;
    mutex.lock();
    mutex.unlock();
    mutex.unlock();
}

HEDDLE_TEST(Misuses, TryLockOfOwnMutex) {
    fibers::mutex mutex;
    mutex.lock();
    if (mutex.try_lock()) mutex.unlock();
    mutex.unlock();
}

HEDDLE_TEST(Misuses, DestroyedWhileHeld) {
    std::optional<fibers::mutex> mutex{std::in_place};
    fibers::thread holder{[&] {
        heddle::name_thread("holder");
        mutex->lock();
    }};
    holder.join();
    mutex.reset();
}

HEDDLE_TEST(Misuses, DestroyedWhileWaitedOn) {
    fibers::mutex mutex;
    fibers::atomic<bool> waits{false};
    std::optional<fibers::condition_variable> changed{std::in_place};
    fibers::thread waiter{[&] {
        heddle::name_thread("waiter");
        std::unique_lock lock{mutex};
        waits = true;
        changed->wait(lock);
    }};
    heddle::await(waits, [](bool value) { return value; });
    mutex.lock();
    mutex.unlock();
    changed.reset();
    waiter.join();
}

HEDDLE_TEST(Misuses, TwoMutexesForOneWait) {
    fibers::mutex red, blue;
    fibers::condition_variable opened;
    fibers::var<bool> open{false};
    const auto pass = [&](fibers::mutex& mutex) {
        std::unique_lock lock{mutex};
        while (!open) opened.wait(lock);
    };
    fibers::thread other{[&] {
        heddle::name_thread("other");
        pass(blue);
    }};
    fibers::thread keeper{[&] {
        heddle::name_thread("keeper");
        const std::scoped_lock both{red, blue};
        open = true;
        opened.notify_all();
    }};
    pass(red);
    other.join();
    keeper.join();
}

HEDDLE_TEST(Misuses, WaitWithoutLock) {
    fibers::mutex mutex;
    fibers::condition_variable changed;
    std::unique_lock lock{mutex, std::defer_lock};
    changed.wait(lock);
}

HEDDLE_TEST(Misuses, JoinedTwice) {
    fibers::thread worker{[] {}};
    worker.join();
    worker.join();
}

HEDDLE_TEST(Misuses, DetachedAfterJoin) {
    fibers::thread worker{[] {}};
    worker.join();
    worker.detach();
}

HEDDLE_TEST(Misuses, NeitherJoinedNorDetached) {
    fibers::thread worker{[] {}};
}

HEDDLE_TEST(Misuses, LoadThatReleases) {
    fibers::atomic<int> x{0};
    static_cast<void>(x.load(std::memory_order_release));
}

HEDDLE_TEST(Misuses, ChooseFromNothing) { heddle::choose(0); }

fibers::atomic<int> built_before_any_execution{0};

HEDDLE_TEST(Misuses, GlobalObject) { built_before_any_execution.store(1); }

}  // namespace
