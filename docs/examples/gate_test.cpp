// The tutorial, second part: the gate, repaired, as it is proved and run on real threads.
#include <mutex>

#include <heddle/gtest/heddle_test.hpp>

// [gate]
template <class Backend>
class gate {
public:
    void open() {
        std::lock_guard lock(mutex_);
        open_ = true;
        opened_.notify_all();
    }
    // Blocks until the gate is open.
    void pass() {
        std::unique_lock lock(mutex_);
        while (!open_) {
            opened_.wait(lock);
        }
    }

private:
    typename Backend::mutex mutex_;
    typename Backend::condition_variable opened_;
    typename Backend::template var<bool> open_{false};
};
// [/gate]

HEDDLE_TEST(Gate, LetsTheGuestPass) {
    gate<heddle::fibers> g;
    heddle::fibers::thread guest([&] { g.pass(); });
    g.open();
    guest.join();
}

// [gate_backend]
HEDDLE_BACKEND_TEST(Gate, LetsTwoGuestsPass) {
    gate<Backend> g;
    typename Backend::thread first([&] { g.pass(); });
    typename Backend::thread second([&] { g.pass(); });
    g.open();
    first.join();
    second.join();
}
// [/gate_backend]

// [gate_options]
HEDDLE_TEST(Gate, Sampled, {.strategy = heddle::strategies::random{}, .execution_limit = 2'000}) {
    gate<heddle::fibers> g;
    heddle::fibers::thread guest([&] { g.pass(); });
    g.open();
    guest.join();
}
// [/gate_options]

// [gate_matcher]
TEST(Gate, IsProved) {
    const auto body = [] {
        gate<heddle::fibers> g;
        heddle::fibers::thread guest([&] { g.pass(); });
        g.open();
        guest.join();
    };
    EXPECT_THAT(heddle::explore(body), heddle::is_clean());
}
// [/gate_matcher]
