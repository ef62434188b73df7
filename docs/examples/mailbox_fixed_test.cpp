// The test of the README with the order that it needs. It is proved.
#include <heddle/gtest/heddle_test.hpp>

HEDDLE_TEST(Mailbox, DeliversTheLetter) {
    heddle::fibers::var<int> letter{0};
    heddle::fibers::atomic<bool> sent{false};
    heddle::fibers::jthread sender([&] {
        letter = 7;
        // [mailbox_fix]
        sent.store(true, std::memory_order_release);
        // [/mailbox_fix]
    });
    const bool arrived = sent.load(std::memory_order_acquire);
    if (arrived) HEDDLE_ASSERT(letter == 7);
}
