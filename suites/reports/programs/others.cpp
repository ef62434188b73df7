// Tests that end in each of the other verdicts.
#include <atomic>
#include <mutex>
#include <stdexcept>

#include <heddle/gtest/heddle_test.hpp>

namespace {

using heddle::fibers;

HEDDLE_TEST(Others, Assertion) {
    fibers::atomic<int> count{0};
    const auto add = [&] { count.store(count.load() + 1); };
    fibers::thread other{add};
    add();
    other.join();
    HEDDLE_ASSERT(count.load() == 2, "an addition was lost");
}

HEDDLE_TEST(Others, StaleRead) {
    fibers::atomic<int> x{0}, y{0};
    fibers::thread writer{[&] {
        x.store(1, std::memory_order_relaxed);
        y.store(1, std::memory_order_relaxed);
    }};
    if (y.load(std::memory_order_relaxed) == 1)
        HEDDLE_ASSERT(x.load(std::memory_order_relaxed) == 1);
    writer.join();
}

HEDDLE_TEST(Others, Exception) {
    fibers::atomic<bool> closed{false};
    fibers::thread closer{[&] { closed = true; }};
    fibers::thread user{[&] {
        heddle::name_thread("user");
        if (closed) throw std::runtime_error{"used after it was closed"};
    }};
    closer.join();
    user.join();
}

HEDDLE_TEST(Others, Livelock) {
    fibers::atomic<bool> ready{false};
    fibers::thread waiter{[&] {
        heddle::name_thread("waiter");
        while (!ready.load()) fibers::this_thread::yield();
    }};
    waiter.join();
}

// Who sweeps waits until nobody is in, and visitors come and go.
HEDDLE_TEST(Others, Starvation) {
    fibers::atomic<int> visitors{0};
    fibers::atomic<bool> swept{false};
    const auto visit = [&] {
        while (!swept.load()) {
            visitors.fetch_add(1);
            visitors.fetch_sub(1);
        }
    };
    fibers::thread first{visit}, second{visit};
    while (visitors.load() != 0) fibers::this_thread::yield();
    swept.store(true);
    first.join();
    second.join();
}

HEDDLE_TEST(Others, StepLimit, {.step_limit = 50}) {
    fibers::atomic<int> count{0};
    while (count.load() < 1000) count.fetch_add(1);
}

HEDDLE_TEST(Others, Nondeterminism) {
    static int runs = 0;
    fibers::atomic<int> x{0}, y{0};
    fibers::thread other{[&] { x.store(1); }};
    static_cast<void>(++runs % 2 == 1 ? x.load() : y.load());
    other.join();
}

}  // namespace
