// The tutorial, first part: a gate that can lose its notification. The test fails.
#include <mutex>

#include <heddle/gtest/heddle_test.hpp>

// [gate_broken]
template <class Backend>
class gate {
public:
    void open() {
        open_.store(true);
        opened_.notify_all();
    }
    // Blocks until the gate is open.
    void pass() {
        std::unique_lock lock(mutex_);
        while (!open_.load()) {
            opened_.wait(lock);
        }
    }

private:
    typename Backend::mutex mutex_;
    typename Backend::condition_variable opened_;
    typename Backend::template atomic<bool> open_{false};
};
// [/gate_broken]

// [gate_test]
HEDDLE_TEST(Gate, LetsTheGuestPass) {
    gate<heddle::fibers> g;
    heddle::fibers::thread guest([&] {
        heddle::name_thread("guest");
        g.pass();
    });
    g.open();
    guest.join();
}
// [/gate_test]
