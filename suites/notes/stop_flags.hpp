// Loops that run until a flag says stop: a plain one, which races, and right ones.
#pragma once

#include <atomic>
#include <chrono>
#include <mutex>

#include <heddle/heddle.hpp>
#include <heddle/primitives/blocking_queue.hpp>
#include <heddle/primitives/event.hpp>

namespace heddle::notes {

// A greedy worker keeps the lock for long, a polite one tries and gives way; both work until `stop`
// is set, which `Flag` holds.
template <class Flag, class Backend>
void greedy_and_polite() {
    typename Backend::mutex lock;
    heddle::name(lock, "lock");
    Flag stop{false};
    heddle::name(stop, "stop");
    typename Backend::template var<int> done{0};
    typename Backend::thread greedy([&] {
        heddle::name_thread("greedy");
        while (!stop.load()) {
            const std::lock_guard guard(lock);
            done += 3;
        }
    });
    typename Backend::thread polite([&] {
        heddle::name_thread("polite");
        while (!stop.load()) {
            if (lock.try_lock()) {
                done += 1;
                lock.unlock();
            }
            Backend::this_thread::yield();
        }
    });
    stop.store(true);
    greedy.join();
    polite.join();
}

// A producer and a consumer that loop on a plain `shutdown`.
template <class Backend>
void loops_on_a_plain_flag() {
    using namespace std::chrono_literals;
    blocking_queue<int, Backend> queue(1);
    typename Backend::template var<bool> shutdown{false};
    heddle::name(shutdown, "shutdown");
    typename Backend::thread producer([&] {
        heddle::name_thread("producer");
        for (int item = 1; !shutdown && item < 3; ++item) queue.put_for(item, 1ms);
    });
    typename Backend::thread consumer([&] {
        heddle::name_thread("consumer");
        while (!shutdown) queue.get_for(1ms);
    });
    shutdown = true;
    producer.join();
    consumer.join();
}

// The consumer goes on until the event is set and the queue is empty; main sets it when all is
// done.
template <class Backend>
void stops_when_all_is_done() {
    using namespace std::chrono_literals;
    blocking_queue<int, Backend> queue;
    heddle::event<Backend> stop;
    int sum = 0;
    typename Backend::thread consumer([&] {
        heddle::name_thread("consumer");
        while (!stop.is_set() || !queue.empty())
            if (const auto item = queue.get_for(10ms)) {
                sum += *item;
                queue.task_done();
            }
    });
    queue.put(1);
    queue.put(2);
    queue.join();
    stop.set();
    consumer.join();
    HEDDLE_ASSERT(sum == 3, "every item is consumed");
}

}  // namespace heddle::notes
