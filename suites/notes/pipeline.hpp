// The notes' pipeline, whose stages end when a sentinel comes by, and a master that sends one
// sentinel too few.
#pragma once

#include <atomic>

#include <heddle/heddle.hpp>

#include "bounded_queue.hpp"

namespace heddle::notes {

// Says "no more items"; no item has this value.
inline constexpr int sentinel = -1;

// source -> raw -> doubler -> doubled -> sink: each stage hands the sentinel on and ends.
template <class Backend>
void pipeline_with_sentinels() {
    bounded_queue<int, 1, wakes::all, Backend> raw("raw.mutex", "raw.changed");
    bounded_queue<int, 1, wakes::all, Backend> doubled("doubled.mutex", "doubled.changed");
    typename Backend::thread source([&] {
        heddle::name_thread("source");
        raw.put(1);
        raw.put(2);
        raw.put(sentinel);
    });
    typename Backend::thread doubler([&] {
        heddle::name_thread("doubler");
        for (int item = raw.get(); item != sentinel; item = raw.get()) doubled.put(2 * item);
        doubled.put(sentinel);
    });
    typename Backend::thread sink([&] {
        heddle::name_thread("sink");
        int expected = 0;
        for (int item = doubled.get(); item != sentinel; item = doubled.get()) {
            expected += 2;
            HEDDLE_ASSERT(item == expected, "items arrive doubled and in order");
        }
        HEDDLE_ASSERT(expected == 4, "all items arrive before the sentinel");
    });
    source.join();
    doubler.join();
    sink.join();
}

// The master hands out one item and one sentinel; each of its two workers needs a sentinel to end.
template <class Backend>
void master_with_one_sentinel() {
    bounded_queue<int, 2, wakes::all, Backend> tasks("tasks.mutex", "tasks.changed");
    typename Backend::template atomic<int> handled{0};
    const auto work = [&](const char* worker_name) {
        heddle::name_thread(worker_name);
        while (tasks.get() != sentinel) handled.fetch_add(1, std::memory_order_relaxed);
    };
    typename Backend::thread worker_1([&] { work("worker-1"); });
    typename Backend::thread worker_2([&] { work("worker-2"); });
    tasks.put(1);
    tasks.put(sentinel);
    worker_1.join();
    worker_2.join();
    HEDDLE_ASSERT(handled.load(std::memory_order_relaxed) == 1);
}

}  // namespace heddle::notes
