// Thread pools: one whose shutdown forgets what is queued, and one with results, done right.
#pragma once

#include <chrono>
#include <condition_variable>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <heddle/heddle.hpp>
#include <heddle/primitives/blocking_queue.hpp>

namespace heddle::notes {

// Workers loop `while (!shutdown)` with a timed get; shutdown sets the flag, which `Flag` holds,
// and joins at once: a task that nobody has taken by then is never run.
template <class Flag, class Backend>
class forgetful_pool {
public:
    forgetful_pool() {
        heddle::name(shutdown_, "shutdown");
        worker_ = typename Backend::thread([this] {
            heddle::name_thread("worker");
            using namespace std::chrono_literals;
            while (!shutdown_.load())
                if (const auto task = tasks_.get_for(1ms)) (*task)();
        });
    }
    void submit(std::function<void()> task) { tasks_.put(std::move(task)); }
    void shutdown() {
        shutdown_.store(true);
        worker_.join();
    }

private:
    blocking_queue<std::function<void()>, Backend> tasks_;
    Flag shutdown_{false};
    typename Backend::thread worker_;
};

template <class Flag, class Backend>
void submit_and_shut_down() {
    forgetful_pool<Flag, Backend> pool;
    bool ran = false;
    pool.submit([&] { ran = true; });
    pool.shutdown();
    HEDDLE_ASSERT(ran, "a queued task never ran");
}

// What a task will have returned or thrown.
template <class T, class Backend>
class future_value {
public:
    void set(T value) {
        finish([&] { value_ = std::move(value); });
    }
    void fail(std::exception_ptr error) {
        finish([&] { error_ = std::move(error); });
    }
    // Waits for the task; throws what it threw.
    T get() {
        std::unique_lock lock(mutex_);
        while (!done_) finished_.wait(lock);
        if (error_) std::rethrow_exception(error_);
        return *value_;
    }

private:
    template <class Change>
    void finish(Change change) {
        const std::lock_guard guard(mutex_);
        change();
        done_ = true;
        finished_.notify_all();
    }

    typename Backend::mutex mutex_;
    typename Backend::condition_variable finished_;
    typename Backend::template var<bool> done_{false};
    std::optional<T> value_;
    std::exception_ptr error_;
};

// Closes its queue to shut down: workers take what is left, then end.
template <class Backend>
class pool {
public:
    explicit pool(int workers) {
        for (int k = 0; k < workers; ++k)
            workers_.emplace_back([this] {
                while (const auto task = tasks_.get()) (*task)();
            });
    }
    ~pool() {
        tasks_.close();
        for (auto& worker : workers_) worker.join();
    }

    std::shared_ptr<future_value<int, Backend>> submit(std::function<int()> task) {
        auto result = std::make_shared<future_value<int, Backend>>();
        tasks_.put([result, task = std::move(task)] {
            try {
                result->set(task());
            } catch (...) {
                result->fail(std::current_exception());
            }
        });
        return result;
    }

private:
    blocking_queue<std::function<void()>, Backend> tasks_;
    std::vector<typename Backend::thread> workers_;
};

// One task returns, one throws, and one is still queued when the pool is shut down.
template <class Backend>
void results_and_exceptions() {
    bool ran = false;
    std::string error;
    {
        pool<Backend> workers(2);
        const auto sum = workers.submit([] { return 1 + 2; });
        const auto failing =
            workers.submit([]() -> int { throw std::runtime_error("no such row"); });
        HEDDLE_ASSERT(sum->get() == 3);
        try {
            failing->get();
        } catch (const std::runtime_error& e) {
            error = e.what();
        }
        workers.submit([&] {
            ran = true;
            return 0;
        });
    }
    HEDDLE_ASSERT(error == "no such row", "an exception comes back from where it was thrown");
    HEDDLE_ASSERT(ran, "what is queued at shutdown is run");
}

}  // namespace heddle::notes
