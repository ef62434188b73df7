// Two of the notes' read-write locks, as they stand there: one that keeps a monitor lock while it
// writes, and one that lets writers go first. Both are right.
#pragma once

#include <mutex>

#include <heddle/heddle.hpp>

namespace heddle::notes {

// A writer owns the monitor from `acquire_write` to `release_write`; readers take it only to be
// counted.
template <class Backend>
class monitor_rw_lock {
public:
    monitor_rw_lock() {
        heddle::name(monitor_, "rw_lock.monitor");
        heddle::name(no_readers_, "rw_lock.no_readers");
    }

    void acquire_read() {
        std::lock_guard guard(monitor_);
        readers_ += 1;
    }

    void release_read() {
        std::lock_guard guard(monitor_);
        readers_ -= 1;
        if (readers_.load() == 0) no_readers_.notify_all();
    }

    void acquire_write() {
        std::unique_lock lock(monitor_);
        while (readers_.load() > 0) no_readers_.wait(lock);
        lock.release();  // kept until `release_write`
    }

    void release_write() { monitor_.unlock(); }

private:
    typename Backend::mutex monitor_;
    typename Backend::condition_variable no_readers_;
    typename Backend::template var<int> readers_{0};
};

// Readers stay out while a writer writes or waits.
template <class Backend>
class writer_first_rw_lock {
public:
    writer_first_rw_lock() {
        heddle::name(mutex_, "rw_lock.mutex");
        heddle::name(readers_may_, "rw_lock.readers_may");
        heddle::name(writer_may_, "rw_lock.writer_may");
    }

    void acquire_read() {
        std::unique_lock lock(mutex_);
        while (writing_.load() || writers_waiting_.load() > 0) readers_may_.wait(lock);
        readers_ += 1;
    }

    void release_read() {
        std::lock_guard guard(mutex_);
        readers_ -= 1;
        if (readers_.load() == 0) writer_may_.notify_one();
    }

    void acquire_write() {
        std::unique_lock lock(mutex_);
        writers_waiting_ += 1;
        while (writing_.load() || readers_.load() > 0) writer_may_.wait(lock);
        writers_waiting_ -= 1;
        writing_.store(true);
    }

    void release_write() {
        std::lock_guard guard(mutex_);
        writing_.store(false);
        if (writers_waiting_.load() > 0) {
            writer_may_.notify_one();
        } else {
            readers_may_.notify_all();
        }
    }

private:
    typename Backend::mutex mutex_;
    typename Backend::condition_variable readers_may_, writer_may_;
    typename Backend::template var<int> readers_{0}, writers_waiting_{0};
    typename Backend::template var<bool> writing_{false};
};

// Two plain numbers that only a writer may change, and only together.
template <template <class> class Lock, class Backend>
class guarded_pair {
public:
    void read() {
        lock_.acquire_read();
        HEDDLE_ASSERT(left_.load() == right_.load(), "no reader sees half a write");
        lock_.release_read();
    }

    void write() {
        lock_.acquire_write();
        left_ += 1;
        right_ += 1;
        lock_.release_write();
    }

    // Requires: all threads that read or write are joined.
    int writes() const { return left_.load(); }

private:
    Lock<Backend> lock_;
    typename Backend::template var<int> left_{0}, right_{0};
};

template <template <class> class Lock, class Backend>
void two_readers_one_writer() {
    guarded_pair<Lock, Backend> pair;
    typename Backend::thread reader_1([&] {
        heddle::name_thread("reader-1");
        pair.read();
    });
    typename Backend::thread reader_2([&] {
        heddle::name_thread("reader-2");
        pair.read();
    });
    typename Backend::thread writer([&] {
        heddle::name_thread("writer");
        pair.write();
    });
    reader_1.join();
    reader_2.join();
    writer.join();
    HEDDLE_ASSERT(pair.writes() == 1);
}

template <template <class> class Lock, class Backend>
void two_readers_two_writers() {
    guarded_pair<Lock, Backend> pair;
    typename Backend::thread reader_1([&] {
        heddle::name_thread("reader-1");
        pair.read();
    });
    typename Backend::thread reader_2([&] {
        heddle::name_thread("reader-2");
        pair.read();
    });
    typename Backend::thread writer_1([&] {
        heddle::name_thread("writer-1");
        pair.write();
    });
    typename Backend::thread writer_2([&] {
        heddle::name_thread("writer-2");
        pair.write();
    });
    reader_1.join();
    reader_2.join();
    writer_1.join();
    writer_2.join();
    HEDDLE_ASSERT(pair.writes() == 2);
}

}  // namespace heddle::notes
