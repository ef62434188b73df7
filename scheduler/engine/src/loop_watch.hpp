// A thread that runs for ever between two steps: no schedule can end it, so a clock does.
//
// A timer counts the processor time of the OS thread that searches. When a modelled thread used
// `loop_patience` of it without a step, its execution is stopped where it stands.
#pragma once

#include <signal.h>
#include <time.h>

#include <cstdint>

namespace heddle::scheduler {

// Watches the executions of one search, on the OS thread that made it. Cost: a signal a second of
// processor time, and a few system calls for the first search of an OS thread.
class loop_watch {
public:
    loop_watch();
    ~loop_watch();
    loop_watch(const loop_watch&) = delete;
    loop_watch& operator=(const loop_watch&) = delete;

private:
    static void on_tick(int number, siginfo_t* info, void* context);
    static void meet_tick(int number, const siginfo_t& info, void* context);
    void tick(void* stack_pointer, std::uintptr_t instruction);

    const void* engine_ = nullptr;  // at the last tick, with its progress
    std::uint64_t progress_ = 0;
    unsigned idle_ticks_ = 0;
};

}  // namespace heddle::scheduler
