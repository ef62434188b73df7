// Exploration allocates nothing, calls the system for nothing and grows by nothing once it is warm.
// The long version, with ten million executions, is heddle_steady_state.
#include "../src/steady_state.hpp"

#include <unistd.h>

#include <cstdlib>

#include <gtest/gtest.h>

#include "../src/programs.hpp"
#include "../src/system_call_watch.hpp"
#include "sanitizers.hpp"

namespace {

using namespace heddle::throughput;

constexpr std::uint64_t executions = 100'000;
constexpr std::size_t mebibyte = 1024 * 1024;

// ThreadSanitizer calls the system for its own ends, and keeps signals back meanwhile.
class SteadyState : public testing::Test {
protected:
    void SetUp() override {
        if (heddle::testing_support::under_thread_sanitizer)
            GTEST_SKIP() << "ThreadSanitizer calls the system at any moment";
    }
};

void expect_steady(void (*body)()) {
    const steady_state_figures f = measure_steady_state(body, executions);
    ASSERT_EQ(f.failure, "");
    EXPECT_EQ(f.executions_with_system_calls.value_or(0), 0U)
        << "the last was system call " << f.last_system_call;
    if (!f.allocations)
        GTEST_SKIP() << "a sanitizer's allocator is not replaced, and its memory is not heddle's";
    EXPECT_EQ(*f.allocations, 0U);
    EXPECT_LT(f.resident_after, 32 * mebibyte);
    // A page or two may be touched late, by the deepest frame so far.
    EXPECT_LE(f.resident_after, f.resident_before + mebibyte / 4);
}

TEST_F(SteadyState, StoreBufferingLeavesTheMachineAlone) {
    expect_steady(store_buffering<std::memory_order_seq_cst>);
}

TEST_F(SteadyState, MutexSectionsLeaveTheMachineAlone) { expect_steady(mutex_sections<3, 2>); }

TEST_F(SteadyState, BoundedBufferLeavesTheMachineAlone) { expect_steady(bounded_buffer<2, 2, 1>); }

// The instruments must be able to fail.
TEST_F(SteadyState, CountsAnAllocationInEachExecution) {
    const steady_state_figures f = measure_steady_state(
        [] {
            void* volatile memory = std::malloc(16);
            std::free(memory);
        },
        10'000);
    ASSERT_EQ(f.failure, "");
    if (!f.allocations) GTEST_SKIP() << "a sanitizer's allocator is not replaced";
    EXPECT_EQ(*f.allocations, f.executions);
}

TEST_F(SteadyState, CountsExecutionsThatCallTheSystem) {
    const steady_state_figures f = measure_steady_state(
        [] {
            // Results that must come out right: a caught call is made all the same.
            HEDDLE_ASSERT(getppid() > 0);
            HEDDLE_ASSERT(getppid() > 0);
        },
        10'000);
    ASSERT_EQ(f.failure, "");
    if (!f.executions_with_system_calls)
        GTEST_SKIP() << "this kernel cannot dispatch system calls to the process";
    EXPECT_EQ(*f.executions_with_system_calls, f.executions);
}

}  // namespace
