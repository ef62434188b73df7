// Tests in which more than one thing goes wrong, explored to the end.
#include <atomic>
#include <mutex>

#include <heddle/gtest/heddle_test.hpp>

namespace {

using heddle::fibers;

// Whoever gets into the deadlock has raced before.
HEDDLE_TEST(Several, RaceThenDeadlock, {.keep_going = true}) {
    fibers::mutex stock, orders;
    fibers::var<int> sold{0};
    fibers::thread seller{[&] {
        heddle::name_thread("seller");
        const std::lock_guard first{stock};
        sold = 1;
        const std::lock_guard second{orders};
    }};
    {
        const std::lock_guard first{orders};
        sold = 2;
        const std::lock_guard second{stock};
    }
    seller.join();
}

// Two expectations, of which either fails in another execution, and a lock that is never freed.
HEDDLE_TEST(Several, ExpectationsThenDeadlock) {
    fibers::mutex mutex;
    fibers::atomic<int> x{0};
    fibers::thread writer{[&] { x.store(1); }};
    const int seen = x.load();
    EXPECT_EQ(seen, 0);
    EXPECT_EQ(seen, 1);
    writer.join();
    mutex.lock();
    mutex.lock();
}

HEDDLE_TEST(Several, SkipAfterARace, {.keep_going = true}) {
    fibers::var<int> x{0};
    fibers::thread writer{[&] { x = 1; }};
    x = 2;
    writer.join();
    GTEST_SKIP() << "too late";
}

}  // namespace
