// Tests that skip themselves, from each place that a body has.
#include <cstdio>

#include <heddle/gtest/heddle_test.hpp>

namespace {

using heddle::fibers;

HEDDLE_TEST(Skipping, InTheBody) { GTEST_SKIP() << "not on this machine"; }

HEDDLE_TEST(Skipping, OnAnotherModelledThread) {
    fibers::thread other{[] { GTEST_SKIP() << "not on this thread"; }};
    other.join();
}

class NotReady : public testing::Test {
protected:
    void SetUp() override { GTEST_SKIP() << "not ready"; }
    void TearDown() override { std::puts("torn down"); }
};

HEDDLE_TEST_F(NotReady, InSetUp) { ADD_FAILURE() << "the body ran"; }

HEDDLE_BACKEND_TEST(Skipping, OnBothBackends) {
    std::puts("body ran");
    GTEST_SKIP() << "not on any backend";
}

}  // namespace
