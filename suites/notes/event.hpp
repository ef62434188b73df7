// The notes' event: a flag that is set once and then lets everybody through.
#pragma once

#include <mutex>

#include <heddle/heddle.hpp>

namespace heddle::notes {

template <class Backend>
class event {
public:
    event() {
        heddle::name(mutex_, "event.mutex");
        heddle::name(changed_, "event.changed");
        heddle::name(flag_, "flag");
    }

    void set() {
        std::lock_guard guard(mutex_);
        flag_.store(true);
        changed_.notify_all();
    }

    // The mistake: who waits already is never told.
    void set_without_notifying() {
        std::lock_guard guard(mutex_);
        flag_.store(true);
    }

    void wait() {
        std::unique_lock lock(mutex_);
        while (!flag_.load()) changed_.wait(lock);
    }

private:
    typename Backend::mutex mutex_;
    typename Backend::condition_variable changed_;
    typename Backend::template var<bool> flag_{false};
};

// Main publishes a value by `set`; two waiters read it.
template <class Backend>
void publish_to_two_waiters(void (event<Backend>::*set)()) {
    event<Backend> ready;
    typename Backend::template var<int> published{0};
    typename Backend::thread waiter_1([&] {
        heddle::name_thread("waiter-1");
        ready.wait();
        HEDDLE_ASSERT(published.load() == 7);
    });
    typename Backend::thread waiter_2([&] {
        heddle::name_thread("waiter-2");
        ready.wait();
        HEDDLE_ASSERT(published.load() == 7);
    });
    published.store(7);
    (ready.*set)();
    waiter_1.join();
    waiter_2.join();
}

template <class Backend>
void event_set_once() {
    publish_to_two_waiters<Backend>(&event<Backend>::set);
}

template <class Backend>
void event_set_without_notifying() {
    publish_to_two_waiters<Backend>(&event<Backend>::set_without_notifying);
}

}  // namespace heddle::notes
