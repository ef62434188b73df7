// The backend as a whole: it satisfies the concept, and a primitive written over it is explored.
#include <gtest/gtest.h>

#include <atomic>
#include <heddle/fibers/fibers.hpp>
#include <heddle/primitives/backend.hpp>
#include <heddle/primitives/real_threads.hpp>
#include <mutex>
#include <type_traits>

#include "backends.hpp"

namespace heddle {
namespace {

using testing_support::expect_verdict;
using testing_support::outcomes_of;
using testing_support::runner;

static_assert(backend<fibers> && backend<real_threads>);
static_assert(std::is_same_v<fibers::cv_status, std::cv_status>);

// A lock and a turnstile, as a user's primitive: it asks for what it uses.
template <class Backend>
requires has_mutex<Backend> && has_condition_variable<Backend> && has_var<Backend>
class gate {
public:
    void open() {
        const std::lock_guard<typename Backend::mutex> guard(mutex_);
        open_ = true;
        opened_.notify_all();
    }
    void pass() {
        std::unique_lock<typename Backend::mutex> lock(mutex_);
        opened_.wait(lock, [this] { return open_.load(); });
    }

private:
    typename Backend::mutex mutex_;
    typename Backend::condition_variable opened_;
    typename Backend::template var<bool> open_{false};
};

template <class Backend>
class Fibers : public testing::Test {};
TYPED_TEST_SUITE(Fibers, testing_support::both_backends, testing_support::backend_name);

TYPED_TEST(Fibers, RunAPrimitiveWrittenOverTheBackend) {
    runner<TypeParam>::expect_clean([] {
        gate<TypeParam> g;
        typename TypeParam::template var<int> data{0};
        typename TypeParam::thread first([&] {
            g.pass();
            HEDDLE_ASSERT(data == 1);
        });
        typename TypeParam::thread second([&] { g.pass(); });
        data = 1;
        g.open();
        first.join();
        second.join();
    });
}

TYPED_TEST(Fibers, SignalFenceOrdersNothingBetweenThreads) {
    runner<TypeParam>::expect_clean([] {
        typename TypeParam::template atomic<int> x{0};
        x.store(1, std::memory_order_relaxed);
        TypeParam::atomic_signal_fence(std::memory_order_seq_cst);
        HEDDLE_ASSERT(x.load(std::memory_order_relaxed) == 1);
    });
}

TEST(FibersExploration, SignalFenceOrdersNothingBetweenThreads) {
    const auto store_buffering = [](auto fence) {
        return outcomes_of([fence] {
            fibers::atomic<int> x{0}, y{0};
            int r0 = 0, r1 = 0;
            fibers::thread other([&] {
                y.store(1, std::memory_order_relaxed);
                fence();
                r1 = x.load(std::memory_order_relaxed);
            });
            x.store(1, std::memory_order_relaxed);
            fence();
            r0 = y.load(std::memory_order_relaxed);
            other.join();
            record("{}{}", r0, r1);
        });
    };
    EXPECT_EQ(store_buffering([] { fibers::atomic_signal_fence(std::memory_order_seq_cst); }),
              "00 01 10 11");
    EXPECT_EQ(store_buffering([] { fibers::atomic_thread_fence(std::memory_order_seq_cst); }),
              "01 10 11");
    EXPECT_EQ(store_buffering([] { fibers::atomic_thread_fence(std::memory_order_relaxed); }),
              "00 01 10 11");
}

TEST(FibersExploration, ObjectsBuiltOutsideAreInertUntilUsed) {
    const fibers::mutex m;
    const fibers::recursive_mutex r;
    const fibers::condition_variable c;
    const fibers::atomic<int> a{1};
    const fibers::atomic_flag f;
    const fibers::var<int> v{1};
    EXPECT_EQ(m.heddle_object(), scheduler::no_object);
    EXPECT_EQ(r.heddle_object(), scheduler::no_object);
    EXPECT_EQ(c.heddle_object(), scheduler::no_object);
    EXPECT_EQ(a.heddle_object(), scheduler::no_object);
    EXPECT_EQ(f.heddle_object(), scheduler::no_object);
    EXPECT_EQ(v.heddle_object(), scheduler::no_object);
    EXPECT_FALSE(fibers::thread().joinable());
}

TEST(FibersExploration, ObjectsAreNamedByWhereTheyAreMade) {
    unsigned line = 0;
    const result r = explore(testing_support::exhaustive(), [&line] {
        line = __LINE__ + 1;
        fibers::atomic<int> x{0};
        x.load(std::memory_order_release);
    });
    ASSERT_TRUE(r.failure);
    const trace::execution_trace& t = r.failure->trace;
    ASSERT_GE(t.object, 0);
    EXPECT_EQ(t.objects[static_cast<std::size_t>(t.object)].created_at.line, line);
}

TEST(FibersExploration, AggregateOfModelledObjectsIsBuiltAndExplored) {
    struct shared_state {
        fibers::mutex mutex;
        fibers::atomic<int> hits = 0;
        fibers::var<int> total = 0;
    };
    expect_verdict(verdict::ok, [] {
        shared_state s{};
        const auto add = [&s] {
            s.hits.fetch_add(1);
            const std::lock_guard guard(s.mutex);
            s.total += 2;
        };
        fibers::jthread other(add);
        add();
        other.join();
        HEDDLE_ASSERT(s.hits == 2 && s.total == 4);
    });
}

}  // namespace
}  // namespace heddle
