// Executions that are abandoned in their middle leave nothing: not their stacks, not what they
// allocated, not the exceptions they were handling.
//
// HEDDLE_ABANDONED_EXECUTIONS is how many; a million takes half a minute, with sanitizers minutes.
#include <gtest/gtest.h>
#include <heddle/heddle.hpp>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

// AddressSanitizer keeps freed memory, that of exceptions here, until it has 256 MiB of it.
extern "C" const char* __asan_default_options();
extern "C" const char* __asan_default_options() {
    return "quarantine_size_mb=1:thread_local_quarantine_size_kb=64";
}

namespace {

using heddle::explore;
using heddle::fibers;
using heddle::result;

std::size_t resident_bytes() {
    std::size_t total = 0, resident = 0;
    std::ifstream("/proc/self/statm") >> total >> resident;
    return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

// Both threads end blocked in the handler of an exception, with blocks of the heap in their hands.
void deadlock_in_a_handler() {
    fibers::mutex mutex;
    const auto held = std::make_unique<std::vector<int>>(100);
    fibers::thread other{[&mutex] {
        const std::string text(200, 'x');
        try {
            throw std::runtime_error(text);
        } catch (const std::runtime_error&) {
            const std::lock_guard guard{mutex};
        }
    }};
    try {
        throw std::runtime_error(std::string(300, 'y'));
    } catch (const std::runtime_error&) {
        const std::lock_guard guard{mutex};
        other.join();
    }
}

result abandon(std::uint64_t executions) {
    return explore({.strategy = heddle::strategies::random{},
                    .execution_limit = executions,
                    .keep_going = true,
                    .progress = false},
                   deadlock_in_a_handler);
}

TEST(AbandonedExecutions, LeaveTheProcessAsItWas) {
    const char* const asked = std::getenv("HEDDLE_ABANDONED_EXECUTIONS");
    const std::uint64_t executions = asked ? std::strtoull(asked, nullptr, 10) : 20'000;
    ASSERT_GT(executions, 0U);
    abandon(2'000);  // shadow memory, caches and pools come to their size
    const std::size_t before = resident_bytes();
    const result r = abandon(executions);
    const std::size_t after = resident_bytes();
    EXPECT_EQ(r.verdict, heddle::verdict::deadlock);
    EXPECT_EQ(r.deadlocks + r.executions, executions);
    EXPECT_GE(r.deadlocks, executions / 4);
    constexpr std::size_t mebibyte = 1024 * 1024;
    EXPECT_LE(after, before + 8 * mebibyte) << "from " << before << " to " << after << " bytes";
}

}  // namespace
