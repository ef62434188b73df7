// Code written against std compiles over the shim as it stands, and is explored.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <heddle/fibers/shim.hpp>
#include <mutex>
#include <thread>
#include <type_traits>

#include "backends.hpp"

namespace heddle {
namespace {

static_assert(std::is_same_v<shim::mutex, fibers::mutex> &&
              std::is_same_v<shim::thread, fibers::thread>);
static_assert(std::is_same_v<shim::atomic<int>, fibers::atomic<int>> &&
              std::is_same_v<shim::atomic_int, fibers::atomic<int>>);
static_assert(std::is_same_v<shim::lock_guard<shim::mutex>, std::lock_guard<fibers::mutex>>);
static_assert(std::is_same_v<shim::memory_order, std::memory_order>);

// One source, over `sync`: the same text for std and for the shim.
#define HEDDLE_SHIM_PROGRAM_(program)                                                        \
    void program() {                                                                         \
        sync::mutex a, b;                                                                    \
        sync::recursive_mutex r;                                                             \
        sync::condition_variable changed;                                                    \
        sync::atomic<int> count = 0;                                                         \
        sync::atomic_flag flag;                                                              \
        int queued = 0;                                                                      \
        sync::thread producer([&] {                                                          \
            sync::lock_guard guard(a);                                                       \
            ++queued;                                                                        \
            count.fetch_add(1, sync::memory_order_relaxed);                                  \
            changed.notify_one();                                                            \
        });                                                                                  \
        {                                                                                    \
            sync::unique_lock lock(a);                                                       \
            changed.wait(lock, [&] { return queued > 0; });                                  \
        }                                                                                    \
        producer.join();                                                                     \
        {                                                                                    \
            sync::scoped_lock both(a, b);                                                    \
            r.lock();                                                                        \
            sync::scoped_lock adopted(sync::adopt_lock, r);                                  \
        }                                                                                    \
        {                                                                                    \
            sync::unique_lock first(a, sync::defer_lock), second(b, sync::defer_lock);       \
            sync::lock(first, second);                                                       \
            HEDDLE_ASSERT(first.owns_lock() && second.owns_lock());                          \
        }                                                                                    \
        sync::atomic_thread_fence(sync::memory_order_seq_cst);                               \
        sync::atomic_signal_fence(sync::memory_order_acquire);                               \
        HEDDLE_ASSERT(!flag.test_and_set());                                                 \
        sync::jthread last([&count, me = sync::this_thread::get_id()] {                      \
            sync::this_thread::yield();                                                      \
            sync::this_thread::sleep_for(std::chrono::nanoseconds(1));                       \
            if (me != sync::this_thread::get_id()) ++count;                                  \
        });                                                                                  \
        last.join();                                                                         \
        HEDDLE_ASSERT(count == 2 && sync::atomic_bool(true) && sync::atomic_size_t(3) == 3); \
    }

namespace over_std {
namespace sync = std;
HEDDLE_SHIM_PROGRAM_(program)
}  // namespace over_std

namespace over_shim {
namespace sync = shim;
HEDDLE_SHIM_PROGRAM_(program)
}  // namespace over_shim

#undef HEDDLE_SHIM_PROGRAM_

TEST(Shim, OneSourceRunsOverStdAndIsExploredOverTheShim) {
    over_std::program();
    const result r = explore(testing_support::exhaustive(), over_shim::program);
    EXPECT_EQ(to_string(r.verdict), "ok") << testing_support::message_of(r);
    EXPECT_TRUE(r.exhausted);
    EXPECT_GT(r.executions, 1U);
}

TEST(Shim, DeducesTemplateArgumentsAsStdDoes) {
    testing_support::expect_verdict(verdict::ok, [] {
        shim::atomic x{3};
        static_assert(std::is_same_v<decltype(x), shim::atomic<int>>);
        shim::mutex m;
        shim::scoped_lock guard(m);
        static_assert(std::is_same_v<decltype(guard), shim::scoped_lock<shim::mutex>>);
        shim::var v{2.5};
        static_assert(std::is_same_v<decltype(v), shim::var<double>>);
    });
}

}  // namespace
}  // namespace heddle
