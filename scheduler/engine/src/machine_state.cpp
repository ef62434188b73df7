#include "machine_state.hpp"

#include <algorithm>
#include <iterator>

#include "engine.hpp"
#include "program_code.hpp"

#if __has_include(<valgrind/memcheck.h>)
#include <valgrind/memcheck.h>
#else
#define VALGRIND_MAKE_MEM_DEFINED(begin, size) 0
#endif

namespace heddle::scheduler {

extern "C" {
thread_local machine_registers heddle_registers;
thread_local unsigned char heddle_watch_spins;
}

__attribute__((no_sanitize("address"))) void probe_machine_state(
    [[maybe_unused]] trace::operation op, [[maybe_unused]] object_id object,
    [[maybe_unused]] trace::site where) {
#if defined(__x86_64__) && defined(__linux__)
    engine& e = *current_engine;
    std::uint64_t h = 0x9e37'79b9'7f4a'7c15ULL;
    const auto mix = [&h](std::uint64_t x) {
        h ^= x;
        h *= 0xff51'afd7'ed55'8ccdULL;
        h ^= h >> 29;
    };
    for (unsigned k = 0; k < 6; ++k) mix(heddle_registers.value[k]);
    const auto* word = reinterpret_cast<const std::uint64_t*>(heddle_registers.value[6]);
    const auto* const base = static_cast<const std::uint64_t*>(e.self().stack->frames_end);
    mix(static_cast<std::uint64_t>(base - word));
    // Of the stack, where the calls that lead here return to: where in the program this is.
    std::uint64_t chain = 1;
    std::uint64_t words[32];
    for (std::size_t left = static_cast<std::size_t>(base - word), n; left; left -= n, word += n) {
        n = std::min(left, std::size(words));
        // By no function that AddressSanitizer watches: red zones are read too.
        for (std::size_t k = 0; k < n; ++k)
            words[k] = static_cast<const volatile std::uint64_t*>(word)[k];
        // Unused bytes of a frame are as good as any: they are the same whenever the state is.
        static_cast<void>(VALGRIND_MAKE_MEM_DEFINED(words, sizeof words));
        for (std::size_t k = 0; k < n; ++k) {
            mix(words[k]);
            if (const std::uint64_t place = e.code_.place_of(words[k]))
                chain = (chain ^ place) * 0xff51'afd7'ed55'8ccdULL;
        }
    }
    static_cast<void>(VALGRIND_MAKE_MEM_DEFINED(&h, sizeof h));
    e.probe_state({h, chain}, op, object, where);
#endif
}

#if defined(HEDDLE_WATCHED_ENTRY_)
#define HEDDLE_PUSH_(reg)          \
    "pushq %" reg                  \
    "\n\t"                         \
    ".cfi_adjust_cfa_offset 8\n\t" \
    ".cfi_rel_offset %" reg        \
    ", 0\n\t"                      \
    "xorq %" reg ", %" reg "\n\t"
#define HEDDLE_POP_(reg)            \
    "popq %" reg                    \
    "\n\t"                          \
    ".cfi_adjust_cfa_offset -8\n\t" \
    ".cfi_restore %" reg "\n\t"
__attribute__((naked, noinline)) void call_with_clear_registers(void (*)(void*), void*,
                                                                const void**) noexcept {
    __asm__ volatile(
        HEDDLE_PUSH_("rbx") HEDDLE_PUSH_("rbp") HEDDLE_PUSH_("r12") HEDDLE_PUSH_("r13")
            HEDDLE_PUSH_("r14") HEDDLE_PUSH_("r15")
        "subq $8, %rsp\n\t"  // as the calling convention aligns it
        ".cfi_adjust_cfa_offset 8\n\t"
        "movq %rsp, (%rdx)\n\t"
        "movq %rdi, %rax\n\t"
        "movq %rsi, %rdi\n\t"
        "call *%rax\n\t"
        "addq $8, %rsp\n\t"
        ".cfi_adjust_cfa_offset -8\n\t"
        HEDDLE_POP_("r15") HEDDLE_POP_("r14") HEDDLE_POP_("r13") HEDDLE_POP_("r12")
            HEDDLE_POP_("rbp") HEDDLE_POP_("rbx")
        "ret");
}
#undef HEDDLE_PUSH_
#undef HEDDLE_POP_

__attribute__((naked, noinline)) void clear_words_below(std::size_t) noexcept {
    __asm__ volatile(
        "movq %rdi, %rcx\n\t"
        "negq %rdi\n\t"
        "leaq (%rsp, %rdi, 8), %rdi\n\t"
        "movq %rsp, %rdx\n\t"
        "movq %rdi, %rsp\n\t"  // what lies below the stack pointer is not ours
        "xorl %eax, %eax\n\t"
        "rep stosq\n\t"
        "movq %rdx, %rsp\n\t"
        "ret");
}
#else
void call_with_clear_registers(void (*function)(void*), void* data, const void**) noexcept {
    function(data);
}
void clear_words_below(std::size_t) noexcept {}
#endif

void engine::clear_stack_below() noexcept {
    constexpr std::ptrdiff_t most = 16 * 1024;
    const auto* const here = static_cast<const std::byte*>(__builtin_frame_address(0));
    // Some room is left to the guard, and to this frame.
    const std::ptrdiff_t room = here - current_->stack->stack - 1024;
    if (room > 0) clear_words_below(static_cast<std::size_t>(std::min(most, room)) / 8);
}

}  // namespace heddle::scheduler
