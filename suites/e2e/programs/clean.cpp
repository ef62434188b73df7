// Tests that pass.
#include <atomic>
#include <mutex>

#include <heddle/gtest/heddle_test.hpp>

namespace {

using heddle::fibers;

HEDDLE_TEST(Clean, MessagePassing) {
    fibers::var<int> data{0};
    fibers::atomic<bool> ready{false};
    fibers::thread writer{[&] {
        data.store(42);
        ready.store(true, std::memory_order_release);
    }};
    if (ready.load(std::memory_order_acquire)) {
        EXPECT_EQ(data.load(), 42);
    }
    writer.join();
}

HEDDLE_TEST(Clean, TwoUnderALock) {
    fibers::mutex mutex;
    fibers::var<int> count{0};
    const auto add = [&] {
        const std::lock_guard guard{mutex};
        count.store(count.load() + 1);
    };
    fibers::thread one{add};
    fibers::thread two{add};
    one.join();
    two.join();
    EXPECT_EQ(count.load(), 2);
}

HEDDLE_BACKEND_TEST(Both, Counter) {
    typename Backend::template atomic<int> count{0};
    typename Backend::thread one{[&] { count.fetch_add(1); }};
    typename Backend::thread two{[&] { count.fetch_add(1); }};
    one.join();
    two.join();
    EXPECT_EQ(count.load(), 2);
}

TEST(Ordinary, Test) { EXPECT_TRUE(true); }

}  // namespace
