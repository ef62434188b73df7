// The notes' counter, four times: the same "read, add, write back", each time kept together by
// something else.
#pragma once

#include <array>
#include <mutex>

#include <heddle/heddle.hpp>

namespace heddle::notes {

// Plain data and nothing around it.
template <class Backend>
class plain_counter {
public:
    plain_counter() { heddle::name(count_, "count"); }

    void increment() {
        const int read = count_.load();
        count_.store(read + 1);
    }
    int value() const { return count_.load(); }

private:
    typename Backend::template var<int> count_{0};
};

// Each access is atomic; the three of them together are not.
template <class Backend>
class two_step_counter {
public:
    two_step_counter() { heddle::name(count_, "count"); }

    void increment() {
        const int read = count_.load();
        count_.store(read + 1);
    }
    int value() const { return count_.load(); }

private:
    typename Backend::template atomic<int> count_{0};
};

// Plain data under its own lock.
template <class Backend>
class locked_counter {
public:
    locked_counter() {
        heddle::name(mutex_, "counter.mutex");
        heddle::name(count_, "count");
    }

    void increment() {
        std::lock_guard guard(mutex_);
        const int read = count_.load();
        count_.store(read + 1);
    }
    // Requires: the threads that increment are joined.
    int value() const { return count_.load(); }

private:
    typename Backend::mutex mutex_;
    typename Backend::template var<int> count_{0};
};

// Writes back only if nobody wrote since it read, else reads again.
template <class Backend>
class cas_counter {
public:
    cas_counter() { heddle::name(count_, "count"); }

    void increment() {
        int read = count_.load();
        while (!count_.compare_exchange_strong(read, read + 1)) {
            // a failed exchange has read the newer value into `read`
        }
    }
    int value() const { return count_.load(); }

private:
    typename Backend::template atomic<int> count_{0};
};

// Each of `Threads` threads adds one, `Rounds` times; together they must have added that many.
template <template <class> class Counter, int Threads, int Rounds, class Backend>
void count_together() {
    Counter<Backend> counter;
    std::array<typename Backend::thread, Threads> threads;
    for (auto& thread : threads) {
        thread = typename Backend::thread([&counter] {
            for (int round = 0; round != Rounds; ++round) counter.increment();
        });
    }
    for (auto& thread : threads) thread.join();
    HEDDLE_ASSERT(counter.value() == Threads * Rounds);
}

}  // namespace heddle::notes
