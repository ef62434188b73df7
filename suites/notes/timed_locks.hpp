// Two locks, each taken with a timeout; who does not get the second gives the first back and gives
// up. No cycle of waits can last, but it may be that nobody gets both.
#pragma once

#include <chrono>
#include <mutex>

#include <heddle/heddle.hpp>

namespace heddle::notes {

template <class Mutex>
bool with_both(Mutex& first, Mutex& second, int& done) {
    using namespace std::chrono_literals;
    const std::unique_lock one(first, 5ms);
    if (!one) return false;
    const std::unique_lock two(second, 5ms);
    if (!two) return false;
    ++done;
    return true;
}

// Two threads that want the two locks in opposite orders.
template <class Backend>
void back_off_after_a_timeout() {
    typename Backend::timed_mutex left, right;
    heddle::name(left, "lock.left");
    heddle::name(right, "lock.right");
    int done = 0;
    bool forward_got = false, backward_got = false;
    typename Backend::thread forward([&] {
        heddle::name_thread("forward");
        forward_got = with_both(left, right, done);
    });
    typename Backend::thread backward([&] {
        heddle::name_thread("backward");
        backward_got = with_both(right, left, done);
    });
    forward.join();
    backward.join();
    HEDDLE_ASSERT(done == forward_got + backward_got);
    heddle::record("{}", done);
}

}  // namespace heddle::notes
