// Tests that fail, each in its own way.
#include <atomic>
#include <mutex>
#include <stdexcept>

#include <heddle/gtest/heddle_test.hpp>

namespace {

using heddle::fibers;

HEDDLE_TEST(Findings, Race) {
    fibers::var<int> count{0};
    heddle::name(count, "count");
    fibers::thread other{[&] { count.store(count.load() + 1); }};
    count.store(count.load() + 1);
    other.join();
}

HEDDLE_TEST(Findings, Deadlock) {
    fibers::mutex alice;
    fibers::mutex bob;
    heddle::name(alice, "alice");
    heddle::name(bob, "bob");
    fibers::thread mover{[&] {
        heddle::name_thread("mover");
        const std::lock_guard first{alice};
        const std::lock_guard second{bob};
    }};
    {
        const std::lock_guard first{bob};
        const std::lock_guard second{alice};
    }
    mover.join();
}

HEDDLE_TEST(Findings, ExpectOnAnotherThread) {
    fibers::atomic<int> x{0};
    fibers::thread writer{[&] { x.store(1); }};
    fibers::thread reader{[&] {
        heddle::name_thread("reader");
        EXPECT_EQ(x.load(), 0) << "x was written before it was read";
    }};
    writer.join();
    reader.join();
}

HEDDLE_TEST(Findings, AssertEndsItsFunction) {
    fibers::thread checker{[] {
        ASSERT_EQ(1 + 1, 3) << "arithmetic";
        ADD_FAILURE() << "went on after ASSERT";
    }};
    checker.join();
}

HEDDLE_TEST(Findings, Exception) { throw std::runtime_error{"thrown by the body"}; }

HEDDLE_TEST(Findings, DISABLED_Assertion) { HEDDLE_ASSERT(1 + 1 == 3, "arithmetic"); }

HEDDLE_TEST(Findings, AfterDroppedExecutions) {
    fibers::atomic<int> x{0};
    fibers::thread writer{[&] { x.store(1); }};
    if (x.load() == 0) {
        SCOPED_TRACE("left by a dropped execution");
        heddle::assume(false);
    }
    SCOPED_TRACE("of the failing execution");
    EXPECT_EQ(x.load(), 0);
    writer.join();
}

class Account : public testing::Test {
protected:
    void SetUp() override { balance_.store(10); }

    fibers::atomic<int> balance_{0};
};

HEDDLE_TEST_F(Account, LosesAnUpdate) {
    const auto withdraw = [&] { balance_.store(balance_.load() - 1); };
    fibers::thread one{withdraw};
    fibers::thread two{withdraw};
    one.join();
    two.join();
    EXPECT_EQ(balance_.load(), 8);
}

HEDDLE_BACKEND_TEST(Both, WrongOnEither) {
    typename Backend::template atomic<int> x{0};
    x.store(1);
    EXPECT_EQ(x.load(), 2);
}

// The second call fails; its replay names the call.
TEST(Plain, SecondOfTwo) {
    const auto body = [](bool wrong) {
        fibers::atomic<int> x{0};
        fibers::thread writer{[&] { x.store(1); }};
        const int seen = x.load();
        HEDDLE_ASSERT(!wrong || seen == 0, "seen");
        writer.join();
    };
    EXPECT_THAT(heddle::explore([&] { body(false); }), heddle::is_clean());
    EXPECT_THAT(heddle::explore([&] { body(true); }), heddle::is_clean());
}

}  // namespace
