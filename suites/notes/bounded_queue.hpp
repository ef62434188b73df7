// The notes' bounded queue: one lock, one condition for both "not full" and "not empty".
//
// With one condition for two reasons to wait, `notify_one` may wake a thread that waits for the
// other reason; it goes back to sleep and the notification is spent. The notes' cure is to wake
// everybody.
#pragma once

#include <array>
#include <cstddef>
#include <mutex>

#include <heddle/heddle.hpp>

namespace heddle::notes {

enum class wakes { one, all };

template <class T, std::size_t Capacity, wakes Wakes, class Backend>
class bounded_queue {
public:
    bounded_queue(const char* lock_name, const char* condition_name) {
        heddle::name(mutex_, lock_name);
        heddle::name(changed_, condition_name);
    }

    // Blocks while the queue is full.
    void put(T item) {
        std::unique_lock lock(mutex_);
        while (count_.load() == Capacity) changed_.wait(lock);
        slots_[(head_.load() + count_.load()) % Capacity].store(item);
        count_ += 1;
        notify();
    }

    // Blocks while the queue is empty.
    T get() {
        std::unique_lock lock(mutex_);
        while (count_.load() == 0) changed_.wait(lock);
        const T item = slots_[head_.load()].load();
        head_.store((head_.load() + 1) % Capacity);
        count_ -= 1;
        notify();
        return item;
    }

private:
    void notify() {
        if constexpr (Wakes == wakes::one) {
            changed_.notify_one();
        } else {
            changed_.notify_all();
        }
    }

    typename Backend::mutex mutex_;
    typename Backend::condition_variable changed_;
    typename Backend::template var<std::size_t> head_{0}, count_{0};
    std::array<typename Backend::template var<T>, Capacity> slots_{};
};

// Two producers and two consumers, an item each, through a queue that holds one.
template <wakes Wakes, class Backend>
void queue_two_and_two() {
    bounded_queue<int, 1, Wakes, Backend> queue("queue.mutex", "queue.changed");
    // Each written by one consumer, and read after it is joined.
    typename Backend::template var<int> first_got{0}, second_got{0};
    typename Backend::thread producer_1([&] {
        heddle::name_thread("producer-1");
        queue.put(1);
    });
    typename Backend::thread producer_2([&] {
        heddle::name_thread("producer-2");
        queue.put(2);
    });
    typename Backend::thread consumer_1([&] {
        heddle::name_thread("consumer-1");
        first_got.store(queue.get());
    });
    typename Backend::thread consumer_2([&] {
        heddle::name_thread("consumer-2");
        second_got.store(queue.get());
    });
    producer_1.join();
    producer_2.join();
    consumer_1.join();
    consumer_2.join();
    HEDDLE_ASSERT(first_got.load() * second_got.load() == 2, "each item arrives once");
}

}  // namespace heddle::notes
