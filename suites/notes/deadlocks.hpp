// The notes' smallest deadlock: two locks, taken in opposite orders.
#pragma once

#include <atomic>
#include <mutex>

#include <heddle/heddle.hpp>

namespace heddle::notes {

template <class Backend>
class crossed_locks {
public:
    crossed_locks() {
        heddle::name(a_, "lock.a");
        heddle::name(b_, "lock.b");
    }

    void a_then_b() {
        std::lock_guard first(a_);
        std::lock_guard second(b_);
    }

    void b_then_a() {
        std::lock_guard first(b_);
        std::lock_guard second(a_);
    }

private:
    typename Backend::mutex a_, b_;
};

template <class Backend>
void ab_ba() {
    crossed_locks<Backend> locks;
    typename Backend::thread forward([&] {
        heddle::name_thread("forward");
        locks.a_then_b();
    });
    typename Backend::thread backward([&] {
        heddle::name_thread("backward");
        locks.b_then_a();
    });
    forward.join();
    backward.join();
}

// The two again, and a third thread that polls a flag which nobody sets while they block each
// other: something can always run, so that waiting until nothing can would never see the deadlock.
template <class Backend>
void ab_ba_beside_a_poller() {
    crossed_locks<Backend> locks;
    typename Backend::template atomic<bool> done{false};
    heddle::name(done, "done");
    typename Backend::thread forward([&] {
        heddle::name_thread("forward");
        locks.a_then_b();
    });
    typename Backend::thread backward([&] {
        heddle::name_thread("backward");
        locks.b_then_a();
    });
    typename Backend::thread poller([&] {
        heddle::name_thread("poller");
        while (!done.load(std::memory_order_acquire)) Backend::this_thread::yield();
    });
    forward.join();
    backward.join();
    done.store(true, std::memory_order_release);
    poller.join();
}

}  // namespace heddle::notes
