// The notes' two classic mistakes with a condition variable: to wait without a state, and to test
// the state only once.
#pragma once

#include <mutex>

#include <heddle/heddle.hpp>

namespace heddle::notes {

// A notification and nothing that remembers it.
template <class Backend>
class stateless_signal {
public:
    stateless_signal() {
        heddle::name(mutex_, "signal.mutex");
        heddle::name(raised_, "signal.raised");
    }

    void raise() {
        std::lock_guard guard(mutex_);
        raised_.notify_one();
    }

    void wait() {
        std::unique_lock lock(mutex_);
        raised_.wait(lock);
    }

private:
    typename Backend::mutex mutex_;
    typename Backend::condition_variable raised_;
};

template <class Backend>
void notify_before_wait() {
    stateless_signal<Backend> signal;
    typename Backend::thread waiter([&] {
        heddle::name_thread("waiter");
        signal.wait();
    });
    typename Backend::thread notifier([&] {
        heddle::name_thread("notifier");
        signal.raise();
    });
    waiter.join();
    notifier.join();
}

// A store without an upper limit whose `take` tests `if` there is something, where it should test
// `while` there is not.
template <class Backend>
class if_store {
public:
    if_store() {
        heddle::name(mutex_, "store.mutex");
        heddle::name(filled_, "store.filled");
        heddle::name(items_, "items");
    }

    void put() {
        std::lock_guard guard(mutex_);
        items_ += 1;
        filled_.notify_one();
    }

    void take() {
        std::unique_lock lock(mutex_);
        if (items_.load() == 0) filled_.wait(lock);
        HEDDLE_ASSERT(items_.load() > 0, "takes from an empty store");
        items_ -= 1;
    }

private:
    typename Backend::mutex mutex_;
    typename Backend::condition_variable filled_;
    typename Backend::template var<int> items_{0};
};

template <class Backend>
void if_for_while() {
    if_store<Backend> store;
    typename Backend::thread producer([&] {
        heddle::name_thread("producer");
        store.put();
        store.put();
    });
    typename Backend::thread consumer_1([&] {
        heddle::name_thread("consumer-1");
        store.take();
    });
    typename Backend::thread consumer_2([&] {
        heddle::name_thread("consumer-2");
        store.take();
    });
    producer.join();
    consumer_1.join();
    consumer_2.join();
}

}  // namespace heddle::notes
