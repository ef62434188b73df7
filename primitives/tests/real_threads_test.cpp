// real_threads is std: the same types, and the few functions and `var` that are its own.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <heddle/primitives/backend.hpp>
#include <heddle/primitives/real_threads.hpp>
#include <mutex>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

namespace heddle {
namespace {

using std::is_same_v;

static_assert(is_same_v<real_threads::thread, std::thread> &&
              is_same_v<real_threads::jthread, std::jthread>);
static_assert(is_same_v<real_threads::mutex, std::mutex>);
static_assert(is_same_v<real_threads::recursive_mutex, std::recursive_mutex>);
static_assert(is_same_v<real_threads::condition_variable, std::condition_variable>);
static_assert(is_same_v<real_threads::cv_status, std::cv_status>);
static_assert(is_same_v<real_threads::atomic<int>, std::atomic<int>>);
static_assert(is_same_v<real_threads::atomic_flag, std::atomic_flag>);
static_assert(is_same_v<real_threads::scoped_lock<std::mutex>, std::scoped_lock<std::mutex>>);

static_assert(sizeof(real_threads::var<int>) == sizeof(int));
static_assert(sizeof(real_threads::var<char>) == sizeof(char));
static_assert(!std::is_copy_constructible_v<real_threads::var<int>>);

TEST(RealThreads, LockTakesAllOfThem) {
    std::mutex a, b, c;
    real_threads::lock(a, b);
    EXPECT_FALSE(std::unique_lock(a, std::try_to_lock).owns_lock());
    EXPECT_FALSE(std::unique_lock(b, std::try_to_lock).owns_lock());
    a.unlock();
    b.unlock();
    real_threads::lock(a, b, c);
    a.unlock();
    b.unlock();
    c.unlock();
}

TEST(RealThreads, LockAllReturnsAGuardThatHoldsThemForItsLife) {
    std::mutex a, b;
    {
        auto guard = real_threads::lock_all(a, b);
        std::thread([&] {
            EXPECT_FALSE(a.try_lock());
            EXPECT_FALSE(b.try_lock());
        }).join();
    }
    EXPECT_TRUE(a.try_lock());
    EXPECT_TRUE(b.try_lock());
    a.unlock();
    b.unlock();
}

TEST(RealThreads, FencesOrderRelaxedAccesses) {
    real_threads::atomic<int> flag{0}, data{0};  // atomic: ThreadSanitizer knows nothing of fences
    std::thread writer([&] {
        data.store(7, std::memory_order_relaxed);
        real_threads::atomic_thread_fence(std::memory_order_release);
        flag.store(1, std::memory_order_relaxed);
    });
    while (flag.load(std::memory_order_relaxed) == 0) real_threads::this_thread::pause();
    real_threads::atomic_thread_fence(std::memory_order_acquire);
    EXPECT_EQ(data.load(std::memory_order_relaxed), 7);
    real_threads::atomic_signal_fence(std::memory_order_seq_cst);
    writer.join();
}

TEST(RealThreads, ThisThreadSpeaksOfTheCaller) {
    EXPECT_EQ(real_threads::this_thread::get_id(), std::this_thread::get_id());
    real_threads::this_thread::yield();
    const auto before = std::chrono::steady_clock::now();
    real_threads::this_thread::sleep_for(std::chrono::milliseconds(2));
    EXPECT_GE(std::chrono::steady_clock::now() - before, std::chrono::milliseconds(2));
}

TEST(RealThreadsVar, ReadsWhatWasWrittenLast) {
    real_threads::var<int> v = 1;
    EXPECT_EQ(v.load(), 1);
    v.store(2);
    EXPECT_EQ(static_cast<int>(v), 2);
    v = 3;
    EXPECT_EQ(v, 3);
    real_threads::var<int> other{9};
    EXPECT_EQ((v = other), 9);
    EXPECT_EQ(real_threads::var<int>(), 0);
}

TEST(RealThreadsVar, CompoundAssignmentsChainAndConvertAsBuiltIn) {
    real_threads::var<int> v{1};
    ((v += 5) *= 4) -= 3;
    EXPECT_EQ(v, 21);
    v /= 2;
    v %= 6;
    EXPECT_EQ(v, 4);
    ((v <<= 3) >>= 1) |= 3;
    EXPECT_EQ(v, 19);
    (v &= 18) ^= 1;
    EXPECT_EQ(v, 19);
    v = -1;
    v += 0.5;  // computed as double, then cut off
    EXPECT_EQ(v, 0);
    real_threads::var<unsigned char> narrow{250};
    narrow += 10;
    EXPECT_EQ(narrow, 4);
}

TEST(RealThreadsVar, IncrementsReturnTheNewValueOrTheOld) {
    real_threads::var<int> v{5};
    EXPECT_EQ(++v, 6);
    EXPECT_EQ(v++, 6);
    EXPECT_EQ(--v, 6);
    EXPECT_EQ(v--, 6);
    EXPECT_EQ(v, 5);
}

TEST(RealThreadsVar, HoldsClassTypes) {
    real_threads::var<std::string> text{"a"};
    text += "b";
    text = "c" + text.load();
    EXPECT_EQ(text.load(), "cab");
    real_threads::var<std::vector<int>> numbers;
    numbers.update([](std::vector<int>& n) { n.push_back(4); });
    EXPECT_EQ(numbers.load(), std::vector<int>{4});
}

TEST(RealThreadsVar, UpdateChangesInPlaceOrStoresWhatItIsGiven) {
    real_threads::var<int> v{3};
    v.update([](int& x) { x *= 2; });
    EXPECT_EQ(v, 6);
    v.update([](int x) { return x + 1; });
    EXPECT_EQ(v, 7);
}

}  // namespace
}  // namespace heddle
