// The state of the calling thread's machine at the entry of a modelled read: callee-saved registers
// and live stack.
//
// Two reads that begin in the same state, with no modelled write between, are a loop that repeats
// itself: nothing but a change of what it read can end it. The entry points below (x86-64) keep the
// registers as the user's code left them, before any C++ of ours runs; elsewhere a loop without a
// hint is ended by the step limit alone.
#pragma once

#include <heddle/scheduler/hooks.hpp>

#include <cstddef>
#include <cstdint>

namespace heddle::scheduler {

// rbx, rbp, r12, r13, r14, r15, rsp of the user's code at the entry of the read.
struct machine_registers {
    std::uint64_t value[7];
};
extern "C"
    __attribute__((tls_model("initial-exec"))) thread_local machine_registers heddle_registers;
extern "C" __attribute__((tls_model("initial-exec"))) thread_local unsigned char heddle_watch_spins;

// Hashes what the entry point kept and the live stack above it, and tells the engine, with the
// operation that begins there.
void probe_machine_state(trace::operation op, object_id object, trace::site where);

// Calls `function(data)` with callee-saved registers that are zero: what the engine has left in
// them would be part of the state. `*frames_end` is then the end of the stack that is the user's.
void call_with_clear_registers(void (*function)(void*), void* data,
                               const void** frames_end) noexcept;

// Zeroes `words` words of the stack below the frame of the caller. Calls nothing: everything there
// is dead.
void clear_words_below(std::size_t words) noexcept;

#if defined(__x86_64__) && defined(__linux__)
#define HEDDLE_WATCHED_ENTRY_(real)                        \
    __asm__ volatile(                                      \
        "movq heddle_watch_spins@gottpoff(%rip), %rax\n\t" \
        "cmpb $0, %fs:(%rax)\n\t"                          \
        "je 1f\n\t"                                        \
        "movq heddle_registers@gottpoff(%rip), %rax\n\t"   \
        "movq %rbx, %fs:0(%rax)\n\t"                       \
        "movq %rbp, %fs:8(%rax)\n\t"                       \
        "movq %r12, %fs:16(%rax)\n\t"                      \
        "movq %r13, %fs:24(%rax)\n\t"                      \
        "movq %r14, %fs:32(%rax)\n\t"                      \
        "movq %r15, %fs:40(%rax)\n\t"                      \
        "movq %rsp, %fs:48(%rax)\n\t"                      \
        "1:\n\t"                                           \
        "jmp " real)
#endif

}  // namespace heddle::scheduler
