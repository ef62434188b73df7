// heddle without GoogleTest: a program that explores a body and prints what it found.
// [explore]
#include <iostream>

#include <heddle/heddle.hpp>

int main(int argc, char** argv) {
    heddle::init(&argc, argv);
    const heddle::result r = heddle::explore({.memory_model = heddle::memory_model::sc}, [] {
        heddle::fibers::atomic<int> count{0};
        heddle::fibers::thread t([&] { count.store(count.load() + 1); });
        count.store(count.load() + 1);
        t.join();
        heddle::record("count={}", count.load());
    });
    std::cout << r.summary << '\n';
    for (const auto& [outcome, executions] : r.outcomes)
        std::cout << outcome << ": " << executions << '\n';
    return r ? 0 : 1;
}
// [/explore]
