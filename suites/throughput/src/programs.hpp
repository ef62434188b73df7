// The programs whose executions per second are measured, each templated over nothing: plain bodies
// on `fibers`.
#pragma once

#include <heddle/heddle.hpp>

#include <array>
#include <mutex>

namespace heddle::throughput {

// Store buffering: two threads, a store and a load each.
template <std::memory_order Order>
void store_buffering() {
    fibers::atomic<int> x{0}, y{0};
    int r0 = 0, r1 = 0;
    fibers::thread a([&] {
        x.store(1, Order);
        r0 = y.load(Order);
    });
    fibers::thread b([&] {
        y.store(1, Order);
        r1 = x.load(Order);
    });
    a.join();
    b.join();
    if constexpr (Order == std::memory_order_seq_cst) HEDDLE_ASSERT(r0 + r1 > 0);
}

// Peterson's lock, one section each; awaits in place of spins.
inline void peterson() {
    fibers::atomic<int> interested0{0}, interested1{0}, turn{0};
    fibers::var<int> shared{0};
    const auto enter = [&](fibers::atomic<int>& mine, fibers::atomic<int>& other, int self) {
        mine.store(1);
        turn.store(1 - self);
        for (int tries = 0; tries < 2; ++tries)
            if (other.load() == 0 || turn.load() == self) {
                shared = shared + 1;
                break;
            }
        mine.store(0);
    };
    fibers::thread a([&] { enter(interested0, interested1, 0); });
    fibers::thread b([&] { enter(interested1, interested0, 1); });
    a.join();
    b.join();
}

// `Threads` threads take one mutex `Sections` times each around a checked variable.
template <int Threads, int Sections>
void mutex_sections() {
    fibers::mutex m;
    fibers::var<int> count{0};
    std::array<fibers::thread, Threads> threads;
    for (auto& t : threads)
        t = fibers::thread([&] {
            for (int k = 0; k < Sections; ++k) {
                m.lock();
                count = count + 1;
                m.unlock();
            }
        });
    for (auto& t : threads) t.join();
    HEDDLE_ASSERT(count == Threads * Sections);
}

// One fetch_add in each of `Threads` threads.
template <int Threads>
void fetch_adds() {
    fibers::atomic<int> x{0};
    std::array<fibers::thread, Threads> threads;
    for (auto& t : threads) t = fibers::thread([&] { x.fetch_add(1, std::memory_order_relaxed); });
    for (auto& t : threads) t.join();
}

// A ring of two slots between one producer and one consumer, four items; a full or empty ring is
// awaited.
inline void spsc_ring() {
    constexpr unsigned items = 4, slots = 2;
    fibers::var<int> ring[slots];
    fibers::atomic<unsigned> head{0}, tail{0};
    fibers::thread producer([&] {
        for (unsigned k = 0; k < items; ++k) {
            await(
                tail, [k](unsigned t) { return k - t < slots; }, std::memory_order_acquire);
            ring[k % slots] = static_cast<int>(k);
            head.store(k + 1, std::memory_order_release);
        }
    });
    for (unsigned k = 0; k < items; ++k) {
        await(
            head, [k](unsigned h) { return h > k; }, std::memory_order_acquire);
        HEDDLE_ASSERT(ring[k % slots] == static_cast<int>(k));
        tail.store(k + 1, std::memory_order_release);
    }
    producer.join();
}

// Treiber's stack without reuse: each of three threads pushes its own node and pops one.
inline void treiber_stack() {
    struct node {
        fibers::var<int> value;
        node* next = nullptr;
    };
    node nodes[3];
    fibers::atomic<node*> top{nullptr};
    const auto work = [&](int self) {
        node* const mine = &nodes[self];
        mine->value = self;
        node* seen = top.load(std::memory_order_relaxed);
        do mine->next = seen;
        while (!top.compare_exchange_strong(seen, mine, std::memory_order_acq_rel,
                                            std::memory_order_relaxed));
        seen = top.load(std::memory_order_acquire);
        while (seen && !top.compare_exchange_strong(seen, seen->next, std::memory_order_acq_rel,
                                                    std::memory_order_acquire)) {
        }
        HEDDLE_ASSERT(seen != nullptr);
    };
    fibers::thread a([&] { work(0); }), b([&] { work(1); }), c([&] { work(2); });
    a.join();
    b.join();
    c.join();
}

// Bounded buffer of capacity 1: one mutex, two condition variables.
template <int Producers, int Consumers, int Items>
void bounded_buffer() {
    fibers::mutex m;
    fibers::condition_variable not_full, not_empty;
    fibers::var<int> count{0};
    std::array<fibers::thread, Producers + Consumers> threads;
    for (int t = 0; t < Producers + Consumers; ++t)
        threads[static_cast<std::size_t>(t)] = fibers::thread([&, producer = t < Producers] {
            for (int k = 0; k < Items; ++k) {
                std::unique_lock lock(m);
                while (count == (producer ? 1 : 0)) (producer ? not_full : not_empty).wait(lock);
                count = producer ? 1 : 0;
                (producer ? not_empty : not_full).notify_one();
            }
        });
    for (auto& t : threads) t.join();
}

}  // namespace heddle::throughput
