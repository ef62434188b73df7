#include <heddle/gtest/heddle_test.hpp>

HEDDLE_TEST(Consumer, SeesBothThreads) {
    heddle::fibers::atomic<int> x{0};
    heddle::fibers::thread t([&] { x.fetch_add(1); });
    x.fetch_add(1);
    t.join();
    EXPECT_EQ(x.load(), 2);
}

TEST(Consumer, FindsADeadlock) {
    const heddle::result r = heddle::explore([] {
        heddle::fibers::mutex a, b;
        heddle::fibers::thread t([&] {
            std::lock_guard first(a);
            std::lock_guard second(b);
        });
        {
            std::lock_guard first(b);
            std::lock_guard second(a);
        }
        t.join();
    });
    EXPECT_THAT(r, heddle::finds(heddle::verdict::deadlock));
}
