// The test of the README: a message behind a flag, published with the wrong order. It fails.
// [mailbox]
#include <heddle/gtest/heddle_test.hpp>

HEDDLE_TEST(Mailbox, DeliversTheLetter) {
    heddle::fibers::var<int> letter{0};
    heddle::fibers::atomic<bool> sent{false};
    heddle::fibers::jthread sender([&] {
        letter = 7;
        sent.store(true, std::memory_order_relaxed);
    });
    const bool arrived = sent.load(std::memory_order_acquire);
    if (arrived) HEDDLE_ASSERT(letter == 7);
}
// [/mailbox]
