// A first-in-first-out queue between threads, bounded or not, that can be closed, and that knows
// when all that was put has been worked off.
//
//   heddle::blocking_queue<job, heddle::real_threads> jobs(16);
//   jobs.put(j);                                   // waits while 16 are in
//   while (auto j = jobs.get()) { run(*j); jobs.task_done(); }   // empty: closed, and nothing left
//   jobs.join();                                   // all that was put is done
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <utility>

#include <heddle/primitives/backend.hpp>

namespace heddle {

// Thrown by `put` of a queue that is closed.
struct queue_closed : std::logic_error {
    queue_closed() : std::logic_error("the queue is closed") {}
};

template <class T, class Backend>
requires has_condition_variable<Backend> && has_var<Backend> && has_misuse<Backend>
class blocking_queue {
public:
    // Without a capacity: unbounded.
    blocking_queue() = default;
    explicit blocking_queue(std::size_t capacity) : capacity_(capacity) {
        if (capacity == 0) throw std::invalid_argument("a queue of capacity 0 takes nothing");
    }

    // Waits for room.
    void put(T item) {
        std::unique_lock lock(mutex_);
        while (!closed_ && full()) room_.wait(lock);
        add(std::move(item));
    }
    // False: it is full.
    bool try_put(T item) {
        const std::lock_guard guard(mutex_);
        if (!closed_ && full()) return false;
        add(std::move(item));
        return true;
    }
    // False: there was no room in time.
    template <class Rep, class Period>
    requires has_timed_wait<Backend>
    bool put_for(T item, std::chrono::duration<Rep, Period> time) {
        std::unique_lock lock(mutex_);
        if (!room_.wait_for(lock, time, [this] { return closed_ || !full(); })) return false;
        add(std::move(item));
        return true;
    }

    // Waits for an item; empty: the queue is closed and has none left.
    std::optional<T> get() {
        std::unique_lock lock(mutex_);
        while (!closed_ && size_ == 0) filled_.wait(lock);
        return take();
    }
    // Empty: there is none.
    std::optional<T> try_get() {
        const std::lock_guard guard(mutex_);
        return take();
    }
    // Empty: none came in time, or the queue is closed and has none left.
    template <class Rep, class Period>
    requires has_timed_wait<Backend> std::optional<T> get_for(
        std::chrono::duration<Rep, Period> time) {
        std::unique_lock lock(mutex_);
        filled_.wait_for(lock, time, [this] { return closed_ || size_ != 0; });
        return take();
    }

    // Nothing can be put any more; what is in can still be got.
    void close() {
        const std::lock_guard guard(mutex_);
        closed_ = true;
        filled_.notify_all();
        room_.notify_all();
    }
    bool is_closed() const {
        const std::lock_guard guard(mutex_);
        return closed_;
    }
    std::size_t size() const {
        const std::lock_guard guard(mutex_);
        return size_;
    }
    bool empty() const { return size() == 0; }

    // One of the items that were got is done.
    void task_done() {
        const std::lock_guard guard(mutex_);
        if (undone_ == 0) Backend::misuse("task_done is called more often than items were put");
        undone_ -= 1;
        if (undone_ == 0) all_done_.notify_all();
    }
    // Waits until as many are done as were put.
    void join() {
        std::unique_lock lock(mutex_);
        while (undone_ != 0) all_done_.wait(lock);
    }

private:
    bool full() const { return capacity_ != 0 && size_ >= capacity_; }
    void add(T item) {
        if (closed_) throw queue_closed();
        items_.push_back(std::move(item));
        size_ += 1;
        undone_ += 1;
        filled_.notify_one();
    }
    std::optional<T> take() {
        if (size_ == 0) return std::nullopt;
        std::optional<T> item(std::move(items_.front()));
        items_.pop_front();
        size_ -= 1;
        room_.notify_one();
        return item;
    }

    template <class V>
    using var = typename Backend::template var<V>;

    const std::size_t capacity_ = 0;  // 0: unbounded
    mutable typename Backend::mutex mutex_;
    typename Backend::condition_variable filled_, room_, all_done_;
    std::deque<T> items_;
    // How many are in, checked for races in place of the container itself.
    var<std::size_t> size_{0};
    var<std::size_t> undone_{0};  // put, and not reported as done
    var<bool> closed_{false};
};

}  // namespace heddle
