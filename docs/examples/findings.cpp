// The smallest program of each finding, and the same done right (docs/findings/).
//
// Built once for each finding: HEDDLE_FINDING_ is its body, HEDDLE_FIXED_ the other. Prints the
// report of the first, after it has seen that the second is clean.
#include <atomic>
#include <condition_variable>
#include <iostream>
#include <mutex>
#include <stdexcept>

#include <heddle/heddle.hpp>

namespace {

using heddle::fibers;

// [data_race]
[[maybe_unused]] void data_race() {
    fibers::var<int> letter{0};
    fibers::atomic<bool> sent{false};
    fibers::thread sender([&] {
        letter = 7;
        sent.store(true, std::memory_order_relaxed);
    });
    if (sent.load(std::memory_order_relaxed)) HEDDLE_ASSERT(letter == 7);
    sender.join();
}
// [/data_race]
// [data_race_fixed]
[[maybe_unused]] void data_race_fixed() {
    fibers::var<int> letter{0};
    fibers::atomic<bool> sent{false};
    fibers::thread sender([&] {
        letter = 7;
        sent.store(true, std::memory_order_release);
    });
    if (sent.load(std::memory_order_acquire)) HEDDLE_ASSERT(letter == 7);
    sender.join();
}
// [/data_race_fixed]

// [deadlock]
[[maybe_unused]] void deadlock() {
    fibers::mutex left, right;
    fibers::thread other([&] {
        const std::lock_guard first(right);
        const std::lock_guard second(left);
    });
    {
        const std::lock_guard first(left);
        const std::lock_guard second(right);
    }
    other.join();
}
// [/deadlock]
// [deadlock_fixed]
[[maybe_unused]] void deadlock_fixed() {
    fibers::mutex left, right;
    fibers::thread other([&] { const fibers::scoped_lock both(right, left); });
    { const fibers::scoped_lock both(left, right); }
    other.join();
}
// [/deadlock_fixed]

// [lost_notification]
[[maybe_unused]] void lost_notification() {
    fibers::mutex mutex;
    fibers::condition_variable changed;
    fibers::atomic<bool> ready{false};
    fibers::thread waiter([&] {
        std::unique_lock lock(mutex);
        while (!ready.load()) changed.wait(lock);
    });
    ready.store(true);
    changed.notify_one();
    waiter.join();
}
// [/lost_notification]
// [lost_notification_fixed]
[[maybe_unused]] void lost_notification_fixed() {
    fibers::mutex mutex;
    fibers::condition_variable changed;
    fibers::atomic<bool> ready{false};
    fibers::thread waiter([&] {
        std::unique_lock lock(mutex);
        while (!ready.load()) changed.wait(lock);
    });
    {
        const std::lock_guard guard(mutex);
        ready.store(true);
    }
    changed.notify_one();
    waiter.join();
}
// [/lost_notification_fixed]

// [livelock]
[[maybe_unused]] void livelock() {
    fibers::atomic<bool> stop{false};
    fibers::thread worker([&] {
        while (!stop.load()) fibers::this_thread::yield();
    });
    worker.join();
    stop.store(true);
}
// [/livelock]
// [livelock_fixed]
[[maybe_unused]] void livelock_fixed() {
    fibers::atomic<bool> stop{false};
    fibers::thread worker([&] {
        while (!stop.load()) fibers::this_thread::yield();
    });
    stop.store(true);
    worker.join();
}
// [/livelock_fixed]

// [starvation]
[[maybe_unused]] void starvation() {
    fibers::atomic<bool> taken{false}, done{false};
    const auto lock = [&] {
        while (taken.exchange(true)) fibers::this_thread::yield();
    };
    const auto work = [&] {
        while (!done.load()) {
            lock();
            taken.store(false);
        }
    };
    fibers::thread first(work), second(work);
    lock();
    done.store(true);
    taken.store(false);
    first.join();
    second.join();
}
// [/starvation]
// [starvation_fixed]
[[maybe_unused]] void starvation_fixed() {
    fibers::atomic<int> next{0}, serving{0}, finished{0};
    const auto lock = [&] {
        const int ticket = next.fetch_add(1);
        heddle::await(serving, [ticket](int now) { return now == ticket; });
        return ticket;
    };
    const auto work = [&] {
        for (int round = 0; round < 2; ++round) {
            const int ticket = lock();
            finished.fetch_add(1);
            serving.store(ticket + 1);
        }
    };
    fibers::thread first(work), second(work);
    const int ticket = lock();
    HEDDLE_ASSERT(finished.load() == ticket, "who came later was served before");
    serving.store(ticket + 1);
    first.join();
    second.join();
}
// [/starvation_fixed]

// [misuse]
[[maybe_unused]] void misuse() {
    fibers::mutex mutex;
    mutex.lock();
    fibers::thread other([&] { mutex.unlock(); });
    other.join();
}
// [/misuse]
// [misuse_fixed]
[[maybe_unused]] void misuse_fixed() {
    fibers::mutex mutex;
    mutex.lock();
    mutex.unlock();
    fibers::thread other([&] { const std::lock_guard guard(mutex); });
    other.join();
}
// [/misuse_fixed]

// [assertion]
[[maybe_unused]] void assertion() {
    fibers::atomic<int> count{0};
    const auto add = [&] { count.store(count.load() + 1); };
    fibers::thread other(add);
    add();
    other.join();
    HEDDLE_ASSERT(count.load() == 2, "an addition is lost");
}
// [/assertion]
// [assertion_fixed]
[[maybe_unused]] void assertion_fixed() {
    fibers::atomic<int> count{0};
    const auto add = [&] { count.fetch_add(1); };
    fibers::thread other(add);
    add();
    other.join();
    HEDDLE_ASSERT(count.load() == 2, "an addition is lost");
}
// [/assertion_fixed]

// [exception]
[[maybe_unused]] void exception() {
    fibers::atomic<int> stock{1};
    const auto take = [&] {
        if (stock.fetch_sub(1) < 1) throw std::runtime_error("sold out");
    };
    fibers::thread other(take);
    take();
    other.join();
}
// [/exception]
// [exception_fixed]
[[maybe_unused]] void exception_fixed() {
    fibers::atomic<int> stock{1};
    const auto take = [&] {
        try {
            if (stock.fetch_sub(1) < 1) throw std::runtime_error("sold out");
        } catch (const std::runtime_error&) {
        }
    };
    fibers::thread other(take);
    take();
    other.join();
}
// [/exception_fixed]

// [nondeterminism]
[[maybe_unused]] void nondeterminism() {
    static int calls = 0;
    fibers::atomic<int> x{0};
    fibers::thread other([&] { x.store(1); });
    if (++calls % 2 == 0) x.store(2);
    static_cast<void>(x.load());
    other.join();
}
// [/nondeterminism]
// [nondeterminism_fixed]
[[maybe_unused]] void nondeterminism_fixed() {
    fibers::atomic<int> x{0};
    fibers::thread other([&] { x.store(1); });
    if (heddle::choose(2) == 1) x.store(2);
    static_cast<void>(x.load());
    other.join();
}
// [/nondeterminism_fixed]

// [crash]
[[maybe_unused]] void crash() {
    fibers::atomic<int*> published{nullptr};
    static int value = 5;
    fibers::thread publisher([&] { published.store(&value); });
    *published.load() += 1;
    publisher.join();
}
// [/crash]
// [crash_fixed]
[[maybe_unused]] void crash_fixed() {
    fibers::atomic<int*> published{nullptr};
    static int value = 5;
    fibers::thread publisher([&] { published.store(&value); });
    if (int* const p = published.load()) *p += 1;
    publisher.join();
}
// [/crash_fixed]

// [leak]
[[maybe_unused]] void leak() {
    fibers::atomic<int*> first{nullptr};
    const auto add = [&] {
        int* const mine = new int(1);
        int* expected = nullptr;
        first.compare_exchange_strong(expected, mine);
    };
    fibers::thread other(add);
    add();
    other.join();
    delete first.load();
}
// [/leak]
// [leak_fixed]
[[maybe_unused]] void leak_fixed() {
    fibers::atomic<int*> first{nullptr};
    const auto add = [&] {
        int* const mine = new int(1);
        int* expected = nullptr;
        if (!first.compare_exchange_strong(expected, mine)) delete mine;
    };
    fibers::thread other(add);
    add();
    other.join();
    delete first.load();
}
// [/leak_fixed]

}  // namespace

int main(int argc, char** argv) {
    const bool is_replay = argc > 1;
    heddle::init(&argc, argv);
    heddle::options o;
    o.detect_leaks = true;
    o.isolate = HEDDLE_FINDING_ == crash;  // it would end this process
    if (!is_replay) {
        const heddle::result fixed = heddle::explore(o, HEDDLE_FIXED_);
        if (!fixed || !fixed.exhausted) {
            std::cout << "not clean: " << fixed.summary << '\n';
            return 2;
        }
    }
    const heddle::result r = heddle::explore(o, HEDDLE_FINDING_);
    if (r.failure) std::cout << r.failure->message << '\n';
    return r ? 0 : 1;
}
