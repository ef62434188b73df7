#include "repetition.hpp"

#include <atomic>
#include <barrier>
#include <chrono>
#include <cstdint>
#include <random>
#include <thread>

#include <gtest/gtest.h>

namespace heddle::detail {
namespace {

class disturber {
public:
    disturber() : thread_{[this] { disturb(); }} {}
    disturber(const disturber&) = delete;
    disturber& operator=(const disturber&) = delete;
    // Also when the body threw. It may have seen `stopping_` already, at the barrier before, and be
    // gone: so the last arrival waits for nobody.
    ~disturber() {
        stopping_.store(true);
        start_.arrive_and_drop();
        thread_.join();
    }

    void start() { start_.arrive_and_wait(); }

private:
    void disturb() {
        std::minstd_rand random;
        std::uniform_int_distribution<int> microseconds{0, 63};
        for (start_.arrive_and_wait(); !stopping_.load(); start_.arrive_and_wait()) {
            const auto end =
                std::chrono::steady_clock::now() + std::chrono::microseconds{microseconds(random)};
            while (std::chrono::steady_clock::now() < end) {
            }
        }
    }

    std::barrier<> start_{2};
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

}  // namespace

repetition_result repeat_on_real_threads(void (*body)()) {
    repetition_result r;
    disturber other;
    while (r.repetitions < repetition_count && !r.failed && !testing::Test::IsSkipped()) {
        ++r.repetitions;
        other.start();
        body();
        r.failed = testing::Test::HasFailure();
    }
    return r;
}

}  // namespace heddle::detail
