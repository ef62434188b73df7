// Each concept accepts std and refuses a backend that lacks one thing, and then only that concept
// does.
#include <gtest/gtest.h>

#include <atomic>
#include <heddle/primitives/backend.hpp>
#include <heddle/primitives/real_threads.hpp>
#include <mutex>
#include <thread>

namespace heddle {
namespace {

struct no_try_lock {
    void lock();
    void unlock();
};

// A guard of two such mutexes cannot be had from std, so the surfaces that build on the mutex fall
// with it.
struct with_poor_mutex : real_threads {
    using mutex = no_try_lock;
};
static_assert(!has_mutex<with_poor_mutex>);
static_assert(!has_lock<with_poor_mutex>);
static_assert(!has_condition_variable<with_poor_mutex>);
static_assert(!backend<with_poor_mutex>);
static_assert(has_recursive_mutex<with_poor_mutex> && has_atomic<with_poor_mutex> &&
              has_thread<with_poor_mutex>);

struct copyable_mutex {
    void lock();
    bool try_lock();
    void unlock();
};
struct with_copyable_mutex : real_threads {
    using mutex = copyable_mutex;
};
static_assert(!has_mutex<with_copyable_mutex>);

struct with_poor_recursive_mutex : real_threads {
    using recursive_mutex = no_try_lock;
};
static_assert(!has_recursive_mutex<with_poor_recursive_mutex> &&
              has_mutex<with_poor_recursive_mutex>);
static_assert(!backend<with_poor_recursive_mutex>);

struct no_notify_one {
    no_notify_one() = default;
    no_notify_one(const no_notify_one&) = delete;
    void wait(std::unique_lock<std::mutex>&);
    template <class Predicate>
    void wait(std::unique_lock<std::mutex>&, Predicate);
    void notify_all();
};
struct with_poor_condition_variable : real_threads {
    using condition_variable = no_notify_one;
};
static_assert(!has_condition_variable<with_poor_condition_variable>);
static_assert(has_mutex<with_poor_condition_variable> && !backend<with_poor_condition_variable>);

struct with_own_lock : real_threads {
    template <class A>
    static void lock(A&, A&) {}  // no more than two
};
static_assert(!has_lock<with_own_lock> && has_mutex<with_own_lock> && !backend<with_own_lock>);

template <class T>
struct no_order {
    no_order() = default;
    no_order(T);
    no_order(const no_order&) = delete;
    using value_type = T;
    T load() const;
    void store(T);
};
struct with_poor_atomic : real_threads {
    template <class T>
    using atomic = no_order<T>;
};
static_assert(!has_atomic<with_poor_atomic> && has_atomic_flag<with_poor_atomic> &&
              !backend<with_poor_atomic>);

struct no_wait {
    no_wait() = default;
    no_wait(const no_wait&) = delete;
    bool test_and_set(std::memory_order = std::memory_order_seq_cst);
    bool test(std::memory_order = std::memory_order_seq_cst) const;
    void clear(std::memory_order = std::memory_order_seq_cst);
};
struct with_poor_flag : real_threads {
    using atomic_flag = no_wait;
};
static_assert(!has_atomic_flag<with_poor_flag> && has_atomic<with_poor_flag> &&
              !backend<with_poor_flag>);

struct with_poor_thread : real_threads {
    struct thread {};
};
static_assert(!has_thread<with_poor_thread> && !has_jthread<with_poor_thread>);
static_assert(!has_this_thread<with_poor_thread> && !backend<with_poor_thread>);

struct with_poor_jthread : real_threads {
    struct jthread {};
};
static_assert(!has_jthread<with_poor_jthread> && has_thread<with_poor_jthread> &&
              !backend<with_poor_jthread>);

struct with_poor_this_thread : real_threads {
    struct this_thread {
        static std::thread::id get_id();
        static void yield();
    };
};
static_assert(!has_this_thread<with_poor_this_thread> && has_thread<with_poor_this_thread>);
static_assert(!backend<with_poor_this_thread>);

struct without_fence : real_threads {
    static void atomic_thread_fence() {}
};
static_assert(!has_fence<without_fence> && has_atomic<without_fence> && !backend<without_fence>);

// An atomic is no plain variable: it has no update, and its assignment returns a value.
struct with_atomic_var : real_threads {
    template <class T>
    using var = std::atomic<T>;
};
static_assert(!has_var<with_atomic_var> && has_atomic<with_atomic_var> &&
              !backend<with_atomic_var>);

struct nothing {};
static_assert(!has_mutex<nothing> && !has_recursive_mutex<nothing> && !has_lock<nothing>);
static_assert(!has_condition_variable<nothing> && !has_thread<nothing> && !has_jthread<nothing>);
static_assert(!has_this_thread<nothing> && !has_atomic<nothing> && !has_atomic_flag<nothing>);
static_assert(!has_fence<nothing> && !has_var<nothing> && !backend<nothing>);

// What a primitive looks like: it names what it uses, and no more.
template <class Backend>
requires has_mutex<Backend> && has_var<Backend>
class counter {
public:
    int add() {
        std::lock_guard guard(mutex_);
        return ++value_;
    }

private:
    typename Backend::mutex mutex_;
    typename Backend::template var<int> value_{0};
};

TEST(Backend, RealThreadsHaveTheWholeSurface) { EXPECT_TRUE(backend<real_threads>); }

TEST(Backend, PrimitiveOverTwoConceptsRunsOnABackendThatLacksOthers) {
    counter<without_fence> c;
    EXPECT_EQ(c.add(), 1);
    EXPECT_EQ(c.add(), 2);
}

}  // namespace
}  // namespace heddle
