// What a body allocates belongs to its execution.
#include <gmock/gmock.h>

#include <heddle/gtest/matchers.hpp>
#include <heddle/heddle.hpp>
#include <cstdlib>
#include <cstring>
#include <algorithm>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "sanitizers.hpp"

// AddressSanitizer keeps freed memory, that of exceptions here, until it has 256 MiB of it.
extern "C" const char* __asan_default_options();
extern "C" const char* __asan_default_options() {
    return "quarantine_size_mb=1:thread_local_quarantine_size_kb=64";
}

namespace heddle {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;

// Sanitizers are to see each use of a freed block: they stay freed.
constexpr bool blocks_come_back =
    !testing_support::under_address_sanitizer && !testing_support::under_thread_sanitizer;

std::size_t resident_bytes() {
    std::ifstream statm("/proc/self/statm");
    std::size_t size = 0, resident = 0;
    statm >> size >> resident;
    return resident * 4096;
}

// A stack whose nodes are freed when they are popped: an address comes back.
struct recycling_stack {
    struct node {
        int value;
        node* next;
    };
    fibers::atomic<node*> top{nullptr};

    void push(int value) {
        node* const n = new node{value, top.load()};
        while (!top.compare_exchange_strong(n->next, n)) {
        }
    }
    // The node stays allocated: freeing it is what a reader must not do.
    node* pop() {
        node* n = top.load();
        while (n && !top.compare_exchange_strong(n, n->next)) {
        }
        return n;
    }
};

TEST(ExecutionHeap, PointersReadInAnExecutionAreThoseOfThisExecution) {
    std::set<int> sums;
    const result r = explore({.strategy = strategies::exhaustive{}}, [&] {
        recycling_stack s;
        int popped = 0;
        fibers::thread one([&] { s.push(1); });
        fibers::thread two([&] {
            s.push(2);
            if (auto* n = s.pop()) popped = n->value;
        });
        one.join();
        two.join();
        HEDDLE_ASSERT(popped == 1 || popped == 2);
        int left = 0;
        while (auto* n = s.pop()) left += n->value, delete n;
        HEDDLE_ASSERT(left + popped == 3);
        sums.insert(popped);
    });
    EXPECT_THAT(r, is_clean());
    EXPECT_THAT(sums, ElementsAre(1, 2));
}

// `one` replaces the first node by the second. Before that, `two` takes both, frees them, and
// pushes a third, at the address of the first.
TEST(ExecutionHeap, AFreedBlockComesBackWhileAnotherThreadStillKnowsIt) {
    const auto body = [] {
        recycling_stack s;
        s.push(2);
        auto* const second = s.top.load();
        s.push(1);
        auto* const first = s.top.load();
        bool freed = false;
        fibers::thread one([&] {
            auto* expected = first;
            s.top.compare_exchange_strong(expected, second);
        });
        fibers::thread two([&] {
            if (s.top.exchange(nullptr) != first) return;
            delete second;
            delete first;
            freed = true;
            s.push(3);
        });
        one.join();
        two.join();
        HEDDLE_ASSERT(!freed || s.top.load() != second, "a freed node is in the stack");
    };
    for (const strategy& s :
         {strategy{strategies::exhaustive{}}, strategy{strategies::depth_first{}}}) {
        const result r = explore({.strategy = s, .memory_model = memory_model::sc}, body);
        if (blocks_come_back)
            EXPECT_THAT(r, finds(verdict::assertion));
        else
            EXPECT_EQ(r.verdict, verdict::ok);
    }
}

TEST(ExecutionHeap, SameAddressesInEachExecution) {
    std::set<std::vector<void*>> seen;
    const result r = explore({.strategy = strategies::exhaustive{}}, [&] {
        std::vector<void*> at(3);
        at[0] = new int[3];
        const auto allocate = [](void*& p, std::size_t n) {
            return [&p, n] {
                auto* const first = new char[n];
                p = ::operator new (64, std::align_val_t{64});
                delete[] first;
            };
        };
        fibers::atomic<int> x{0};
        fibers::thread one([&, f = allocate(at[1], 10)] { x.store(1), f(), x.store(2); });
        fibers::thread two([&, f = allocate(at[2], 100)] { x.store(3), f(), x.store(4); });
        one.join();
        two.join();
        EXPECT_EQ(reinterpret_cast<std::uintptr_t>(at[1]) % 64, 0U);
        outside([&] { seen.insert(std::vector<void*>(at.begin(), at.end())); });
        delete[] static_cast<int*>(at[0]);
        ::operator delete (at[1], std::align_val_t{64});
        ::operator delete (at[2], std::align_val_t{64});
    });
    EXPECT_THAT(r, is_clean());
    EXPECT_GT(r.executions, 1U);
    EXPECT_EQ(seen.size(), 1U);
}

TEST(ExecutionHeap, BlocksOfEverySize) {
    const result r = explore([] {
        std::vector<std::pair<unsigned char*, std::size_t>> blocks;
        for (std::size_t n = 0; n < 70'000; n = n * 5 / 4 + 1) {
            auto* const p = new unsigned char[n];
            std::memset(p, static_cast<int>(n % 251), n);
            blocks.emplace_back(p, n);
        }
        for (std::size_t round = 0; round < 2; ++round)
            for (std::size_t k = round; k < blocks.size(); k += 2) {
                const auto [p, n] = blocks[k];
                HEDDLE_ASSERT(std::all_of(p, p + n, [n = n](int c) { return c == int(n % 251); }));
                delete[] p;
            }
        // More than an execution has: the process's heap serves it.
        const std::unique_ptr<char[]> huge(new char[std::size_t{300} << 20]);
        huge[0] = 1;
    });
    EXPECT_THAT(r, is_clean());
}

TEST(ExecutionHeap, CollectingInAContainerOfTheCaller) {
    std::vector<int> values;
    std::map<std::string, int> counts;
    const result r = explore({.strategy = strategies::exhaustive{}}, [&] {
        fibers::atomic<int> x{0};
        fibers::thread t([&] { x.fetch_add(1); });
        fibers::thread u([&] { x.fetch_add(2); });
        const int seen = x.load();
        values.push_back(seen);  // in the middle: its buffers take addresses of the execution
        auto* const own = new int(seen);
        ++counts["a name that is too long for the buffer in the string " + std::to_string(seen)];
        t.join();
        u.join();
        HEDDLE_ASSERT(*own == seen && x.load() == 3);
        delete own;
    });
    EXPECT_THAT(r, is_clean());
    EXPECT_EQ(values.size(), r.executions);
    EXPECT_EQ(r.executions, 6U);  // two orders of the additions, three values to read in each
    int sum = 0;
    for (const auto& [name, count] : counts) sum += count;
    EXPECT_EQ(sum, 6);
    EXPECT_EQ(counts.size(), 4U);
}

// Blocks kept in the middle of a search move what later executions allocate: a pointer that was
// read before is the pointer of the execution that runs.
TEST(ExecutionHeap, KeptBlocksDoNotDisturbPointersThatAreRead) {
    std::vector<std::unique_ptr<int>> kept;
    const result r = explore({.strategy = strategies::exhaustive{}}, [&] {
        kept.push_back(std::make_unique<int>(7));
        fibers::atomic<std::string*> published{nullptr};
        fibers::thread t([&] { published.store(new std::string(100, 'x')); });
        fibers::thread u([&] { published.store(new std::string(50, 'y')); });
        for (int k = 0; k < 2; ++k)
            if (auto* const s = published.load())
                HEDDLE_ASSERT(s->size() == 100 || (*s)[49] == 'y');
        t.join();
        u.join();
    });
    EXPECT_THAT(r, is_clean());
    EXPECT_EQ(kept.size(), r.executions);
    for (const auto& p : kept) EXPECT_EQ(*p, 7);
}

// Both threads end blocked in the handler of an exception, with blocks of the heap in their hands.
void blocked_in_a_catch_block() {
    fibers::mutex m;
    fibers::condition_variable never;
    const auto block = [&] {
        const auto text = std::make_unique<std::string>(2'000, 'x');
        try {
            throw std::runtime_error(*text);
        } catch (const std::runtime_error&) {
            std::unique_lock lock(m);
            never.wait(lock);
        }
    };
    fibers::thread other(block);
    block();
}

// HEDDLE_ABANDONED_EXECUTIONS is how many, for a longer look than that of every test run. Under
// ThreadSanitizer each costs some milliseconds.
TEST(ExecutionHeap, OfDroppedExecutionsIsTakenBack) {
    const char* const asked = std::getenv("HEDDLE_ABANDONED_EXECUTIONS");
    const std::uint64_t executions = asked ? std::strtoull(asked, nullptr, 10)
                                     : testing_support::under_thread_sanitizer ? 3'000
                                                                               : 50'000;
    ASSERT_GT(executions, 0U);
    options o{.strategy = strategies::random{}, .keep_going = true};
    o.execution_limit = testing_support::under_thread_sanitizer ? 500 : 2'000;
    explore(o, blocked_in_a_catch_block);
    const std::size_t before = resident_bytes();
    o.execution_limit = executions;
    const result r = explore(o, blocked_in_a_catch_block);
    EXPECT_EQ(r.deadlocks, executions);
    // Each holds more than 4 KiB: 12 MiB in all and more. AddressSanitizer keeps freed exceptions
    // for a while.
    constexpr std::size_t limit = std::size_t{testing_support::under_address_sanitizer ? 32 : 8}
                                  << 20;
    EXPECT_LT(resident_bytes(), before + limit);
}

// A node whose compare-exchange lost the race is forgotten.
template <bool frees>
void add_once() {
    struct node {
        int value;
    };
    fibers::atomic<node*> only{nullptr};
    const auto add = [&only] {
        node* const n = new node{1};
        node* expected = nullptr;
        if (!only.compare_exchange_strong(expected, n) && frees) delete n;
    };
    fibers::thread other(add);
    add();
    other.join();
    delete only.load();
}

TEST(ExecutionHeap, LeaksAreFoundWhereAskedFor) {
    const result r = explore({.detect_leaks = true}, add_once<false>);
    ASSERT_THAT(r, finds(verdict::leak));
    const trace::execution_trace& t = r.failure->trace;
    ASSERT_EQ(t.leaked.size(), 1U);
    EXPECT_EQ(t.leaked[0].bytes, sizeof(int));
    EXPECT_THAT(t.leaked[0].where.file, EndsWith("operator_new_test.cpp"));
    EXPECT_EQ(r.failure->diagnostic.reason, "not-freed");
    EXPECT_THAT(r.failure->message, HasSubstr("node* const n = new node{1};"));
    EXPECT_THAT(explore({.replay = r.failure->replay, .detect_leaks = true}, add_once<false>),
                finds(verdict::leak));

    const result fixed = explore({.detect_leaks = true}, add_once<true>);
    EXPECT_EQ(fixed.verdict, verdict::ok);
    EXPECT_TRUE(fixed.exhausted);
    EXPECT_EQ(explore(options{}, add_once<false>).verdict, verdict::ok);
}

TEST(ExecutionHeap, WhatOutlivesExecutionsIsInTheSummary) {
    EXPECT_THAT(explore(options{}, add_once<false>).summary,
                HasSubstr(", 2 blocks outlive their executions"));
    EXPECT_THAT(explore(options{}, add_once<true>).summary, Not(HasSubstr("outlive")));
}

TEST(ExecutionHeap, OutsideIsTheHeapOfTheProcess) {
    static std::vector<std::string>* log = nullptr;
    log = new std::vector<std::string>;
    explore({.strategy = strategies::random{}, .execution_limit = 100, .keep_going = true}, [] {
        outside([] { log->push_back(std::string(100, 'a')); });
        blocked_in_a_catch_block();
    });
    EXPECT_GE(log->size(), 100U);  // once more where the failure is explained
    for (const std::string& s : *log) EXPECT_EQ(s, std::string(100, 'a'));
    delete log;
}

TEST(ExecutionHeapDeathTest, ADoubleDeleteIsNamed) {
    EXPECT_DEATH(explore([] {
                     int* volatile p = new int(1);
                     delete p;
                     delete p;
                 }),
                 "deleted that has been deleted before");
}

}  // namespace
}  // namespace heddle
