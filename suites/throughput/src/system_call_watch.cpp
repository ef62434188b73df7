#include "system_call_watch.hpp"

#include <csignal>

#if defined(__linux__) && defined(__x86_64__)
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <ucontext.h>
#endif

namespace heddle::throughput {

#if defined(__linux__) && defined(__x86_64__) && defined(PR_SET_SYSCALL_USER_DISPATCH)

namespace {

// What the kernel reads before each system call of the thread: pass it, or raise SIGSYS instead.
constexpr char pass = 0, raise_signal = 1;
volatile char selector = pass;
volatile std::uint64_t caught_calls = 0;
volatile int last_call = -1;

void on_system_call(int, siginfo_t* info, void* context) {
    selector = pass;  // first of all: the return from this handler is a system call too
    // The end of a signal handler is the kernel's doing: the watch for endless loops ticks once a
    // second.
    if (info->si_syscall != SYS_rt_sigreturn) {
        caught_calls = caught_calls + 1;
        last_call = info->si_syscall;
    }
    // Back to the `syscall` instruction, of two bytes; its number is in place again.
    static_cast<ucontext_t*>(context)->uc_mcontext.gregs[REG_RIP] -= 2;
}

struct sigaction action_before;

}  // namespace

system_call_watch::system_call_watch() {
    caught_calls = 0;
    last_call = -1;
    struct sigaction action = {};
    action.sa_sigaction = on_system_call;
    action.sa_flags = SA_SIGINFO;
    sigaction(SIGSYS, &action, &action_before);
    works_ = prctl(PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_ON, 0, 0, &selector) == 0;
}

system_call_watch::~system_call_watch() {
    selector = pass;
    if (works_) prctl(PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_OFF, 0, 0, 0);
    sigaction(SIGSYS, &action_before, nullptr);
}

void system_call_watch::arm() {
    if (works_) selector = raise_signal;
}
void system_call_watch::disarm() { selector = pass; }
std::uint64_t system_call_watch::caught() const { return caught_calls; }
int system_call_watch::last() const { return last_call; }

#else

system_call_watch::system_call_watch() = default;
system_call_watch::~system_call_watch() = default;
void system_call_watch::arm() {}
void system_call_watch::disarm() {}
std::uint64_t system_call_watch::caught() const { return 0; }
int system_call_watch::last() const { return -1; }

#endif

}  // namespace heddle::throughput
