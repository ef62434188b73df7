// The test of the README: a message behind a flag, published with the wrong order. It fails.
// [mailbox]
#include <heddle/gtest/heddle_test.hpp>

HEDDLE_TEST(Mailbox, DeliversTheLetter) {
    heddle::fibers::var<int> letter{0};
    heddle::fibers::atomic<bool> sent{false};
    heddle::fibers::thread sender([&] {
        letter = 7;
        sent.store(true, std::memory_order_relaxed);
    });
    if (sent.load(std::memory_order_acquire)) HEDDLE_ASSERT(letter == 7);
    sender.join();
}
// [/mailbox]
