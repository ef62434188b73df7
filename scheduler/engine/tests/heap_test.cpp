// The heap of an execution as `operator new` calls it.
#include <gmock/gmock.h>

#include <cstdint>
#include <cstdlib>
#include <set>
#include <vector>

#include <heddle/scheduler/explore.hpp>
#include <heddle/scheduler/heap.hpp>
#include <heddle/scheduler/hooks.hpp>

namespace heddle::scheduler {
namespace {

constexpr site here{"heap_test.cpp", 1};
constexpr std::size_t usual = 16;

template <class Body>
result explore(Body body, std::uint64_t executions) {
    options o;
    o.strategy = strategies::random{};
    o.execution_limit = executions;
    return search(
        o, [](void* data) { (*static_cast<Body*>(data))(); }, &body);
}

TEST(Heap, ServesTheBodyAlone) {
    EXPECT_FALSE(heap::in_body());
    bool in_body = false, after_an_operation = false;
    explore(
        [&] {
            in_body = heap::in_body();
            const object_id x =
                hooks::make_object(object_kind::atomic, 0, 4, value_format::unsigned_integer, here);
            hooks::store(x, 1, order::relaxed, here);
            after_an_operation = heap::in_body();
        },
        1);
    EXPECT_TRUE(in_body);
    EXPECT_TRUE(after_an_operation);
    EXPECT_FALSE(heap::in_body());
}

TEST(Heap, DoesNotKnowBlocksOfTheProcess) {
    void* const p = std::malloc(100);
    EXPECT_FALSE(heap::release(p));
    std::free(p);
}

TEST(Heap, GivesTheSameAddressesInEachExecution) {
    std::set<std::vector<void*>> seen;
    explore(
        [&] {
            std::vector<void*> got;
            for (const std::size_t bytes : {1, 16, 17, 511, 512, 513, 100'000})
                got.push_back(heap::allocate(bytes, usual));
            for (void* const p : got) EXPECT_TRUE(heap::release(p));
            const heap::outside_scope outside;
            seen.insert(got);
        },
        10);
    EXPECT_EQ(seen.size(), 1U);
}

TEST(Heap, AlignsAsAsked) {
    explore(
        [] {
            for (std::size_t alignment = 1; alignment <= 4'096; alignment *= 2)
                for (const std::size_t bytes : {1, 24, 4'000}) {
                    void* const p = heap::allocate(bytes, alignment);
                    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(p) % alignment, 0U) << alignment;
                    heap::release(p);
                }
        },
        2);
}

TEST(Heap, LeavesToTheProcessWhatItCannotServe) {
    explore(
        [] {
            EXPECT_EQ(heap::allocate(std::size_t{1} << 40, usual), nullptr);
            EXPECT_EQ(heap::allocate(16, 8'192), nullptr);
            const heap::outside_scope outside;
            EXPECT_EQ(heap::allocate(16, usual), nullptr);
        },
        1);
}

TEST(Heap, KeepsWhatOutlivesItsExecution) {
    const heap::outlived before = heap::kept_blocks();
    void* kept = nullptr;
    explore([&] { kept = heap::allocate(40, usual); }, 1);
    EXPECT_EQ(heap::kept_blocks().blocks, before.blocks + 1);
    EXPECT_GE(heap::kept_blocks().bytes, before.bytes + 40);
    std::set<void*> later;
    explore(
        [&] {
            void* const p = heap::allocate(40, usual);
            heap::release(p);
            const heap::outside_scope outside;
            later.insert(p);
        },
        5);
    EXPECT_EQ(later.size(), 1U);
    EXPECT_EQ(later.count(kept), 0U);
    EXPECT_TRUE(heap::release(kept));
    EXPECT_EQ(heap::kept_blocks().blocks, before.blocks);
}

}  // namespace
}  // namespace heddle::scheduler
