#include "crash_watch.hpp"

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <cxxabi.h>
#include <exception>
#include <iterator>
#include <mutex>
#include <optional>
#include <typeinfo>

#include "brief_report.hpp"
#include "engine.hpp"
#include "short_text.hpp"

// Of a sanitizer, in a program that has one.
extern "C" [[gnu::weak]] void __sanitizer_set_death_callback(void (*callback)());

namespace heddle::scheduler {
namespace {

constexpr time_t report_seconds = 30;                      // for the fork that reports
constexpr std::size_t handler_stack = 128 * 1024;          // unwinding runs on it
constexpr auto look_again = std::chrono::milliseconds(1);  // whether the handlers still are there
constexpr std::uintptr_t close_to_null = 64 * 1024;
// What a crash is told by. They are ours, and those of others come after.
constexpr int crash_signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
// They end a process that has nothing else in mind for them; they are ours only then. SIGXCPU, one
// of them too, is that of `loop_watch`.
constexpr int ending_signals[] = {SIGHUP,  SIGINT,  SIGQUIT, SIGTRAP,   SIGUSR1,   SIGUSR2,
                                  SIGPIPE, SIGALRM, SIGTERM, SIGSTKFLT, SIGVTALRM, SIGPROF,
                                  SIGIO,   SIGPWR,  SIGSYS,  SIGXFSZ};

constinit thread_local const watched_search* current_search = nullptr;

// Of the process.
std::mutex gate;
struct sigaction earlier[std::size(crash_signals)];
std::terminate_handler earlier_terminate = nullptr;
std::atomic<bool> announced{false};
std::atomic<pid_t> process{0};  // that searches; not the children that a body forks
// Nobody needs this process to die as it would: a crash only stops its execution.
bool survives = false;
bool reports = false;

[[noreturn]] void stop_execution(engine& e, trace::death death, const char* detail) noexcept {
    e.body_level_ = 0;
    finding f;
    f.why = trace::stop::crash;
    f.death = death;
    f.message = detail;
    e.stop_outright(std::move(f));
}

// In the fork: ends it if it hangs, whatever the body makes of signals.
void limit_time() noexcept {
    sigevent kill_it{};
    kill_it.sigev_notify = SIGEV_SIGNAL;
    kill_it.sigev_signo = SIGKILL;
    itimerspec when{};
    when.it_value.tv_sec = report_seconds;
    timer_t timer{};
    if (timer_create(CLOCK_MONOTONIC, &kill_it, &timer) == 0)
        timer_settime(timer, 0, &when, nullptr);
}

bool is_crash(int number) noexcept {
    return std::find(std::begin(crash_signals), std::end(crash_signals), number) !=
           std::end(crash_signals);
}

// ---- handlers ---------------------------------------------------------------------------------

trace::death death_of(int number, const siginfo_t& info, const engine& e,
                      const void* stack_pointer) noexcept {
    switch (number) {
        case SIGBUS: return trace::death::bus_error;
        case SIGFPE: return trace::death::arithmetic_error;
        case SIGILL: return trace::death::illegal_instruction;
        case SIGABRT: return trace::death::aborted;
        case SIGSEGV: break;
        default: return trace::death::signalled;
    }
    // An address that no page can have comes as SI_KERNEL, without the address.
    const bool has_address = info.si_code > 0 && info.si_code != SI_KERNEL;
    // A frame that is too large moves the stack pointer first, a probe of it touches the guard
    // first.
    const fiber& f = *e.current_->stack;
    if (f.is_in_guard(stack_pointer) || (has_address && f.is_in_guard(info.si_addr)))
        return trace::death::stack_overflow;
    return has_address && reinterpret_cast<std::uintptr_t>(info.si_addr) < close_to_null
               ? trace::death::null_access
               : trace::death::segmentation_fault;
}

// Sent by this process, or by the processor for what the thread did: no Ctrl-C, and no timer.
bool comes_from_within(int number, const siginfo_t& info) noexcept {
    switch (info.si_code) {
        case SI_USER:
        case SI_QUEUE:
        case SI_TKILL: return info.si_pid == getpid();
        default: break;
    }
    const bool may_be_a_fault = number == SIGTRAP || number == SIGSYS || is_crash(number);
    return may_be_a_fault && info.si_code > 0;
}

void handle(int number, siginfo_t* info, void* context) {
    const int interrupted = errno;  // belongs to whom the signal has interrupted
    announce_signal(number, *info, context);
    // Now as if nobody had watched: the instruction is executed again, or the signal sent again.
    struct sigaction next {};  // the default
    for (std::size_t k = 0; k < std::size(crash_signals); ++k)
        if (crash_signals[k] == number) next = earlier[k];
    sigaction(number, &next, nullptr);
    if (info->si_code <= 0 || !is_crash(number)) raise(number);
    errno = interrupted;
}

// What the exception in flight says of itself; empty: there is none.
std::string exception_in_flight() {
    if (!std::current_exception()) return {};
    try {
        throw;
    } catch (const std::exception& x) {
        return x.what();
    } catch (...) {
        return "an exception that is no std::exception";
    }
}

[[noreturn]] void handle_terminate() {
    announce_death(trace::death::terminated, __builtin_frame_address(0),
                   exception_in_flight().c_str());
    if (earlier_terminate) earlier_terminate();
    std::abort();
}

// A sanitizer that reports holds its locks, and would not report again.
void handle_sanitizer() {
    announce_death(trace::death::sanitized, __builtin_frame_address(0), "", false);
}

void install_handlers() {
    const std::lock_guard lock(gate);
    process = getpid();
    struct sigaction ours {};
    ours.sa_sigaction = handle;
    ours.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
    sigemptyset(&ours.sa_mask);
    for (std::size_t k = 0; k < std::size(crash_signals); ++k) {
        struct sigaction before {};
        sigaction(crash_signals[k], &ours, &before);
        if (before.sa_sigaction != handle) earlier[k] = before;
    }
    // Once: a program that comes to handle one of them is not asked again.
    static const bool others_installed = [&ours] {
        for (const int number : ending_signals) {
            struct sigaction before {};
            sigaction(number, nullptr, &before);
            if (before.sa_handler == SIG_DFL) sigaction(number, &ours, nullptr);
        }
        return true;
    }();
    static_cast<void>(others_installed);
    if (__sanitizer_set_death_callback) __sanitizer_set_death_callback(handle_sanitizer);
}

// What an OS thread that searches has in place, and when it was last seen there.
class standing_watch {
public:
    ~standing_watch() {
        stack_t now{};
        if (memory_ && sigaltstack(nullptr, &now) == 0 && now.ss_sp == memory_) {
            now.ss_flags = SS_DISABLE;
            sigaltstack(&now, nullptr);
        }
        if (memory_) munmap(memory_, handler_stack);
    }

    void see_to_it() {
        const auto now = std::chrono::steady_clock::now();
        const unsigned generation = process_generation();
        if (seen_ && now - *seen_ < look_again && generation == generation_) return;
        install_handlers();
        install_stack();
        generation_ = generation;
        seen_ = now;
    }

private:
    // For handlers: that of a modelled thread may be what is wrong.
    void install_stack() noexcept {
        stack_t before{};
        if (sigaltstack(nullptr, &before) == 0 && !(before.ss_flags & SS_DISABLE)) return;
        if (!memory_) {
            void* const memory = mmap(nullptr, handler_stack, PROT_READ | PROT_WRITE,
                                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
            if (memory == MAP_FAILED) return;
            memory_ = memory;
        }
        stack_t stack{};
        stack.ss_sp = memory_;
        stack.ss_size = handler_stack;
        sigaltstack(&stack, nullptr);
    }

    void* memory_ = nullptr;
    std::optional<std::chrono::steady_clock::time_point> seen_;
    unsigned generation_ = 0;
};

}  // namespace

bool on_running_fiber(const engine& e, const void* address) noexcept {
    return e.current_->stack->reaches(address);
}

bool announce_death(trace::death death, const void* stack_pointer, const char* detail,
                    bool explainable) noexcept {
    engine* const e = current_engine;
    if (!e || !current_search || !on_running_fiber(*e, stack_pointer) || getpid() != process)
        return false;
    // A thread that is woken to see what it would do is no part of the execution.
    if (explainable && (e->autopsy_ || e->speculates_)) stop_execution(*e, death, detail);
    if (survives) {
        if (search_progress* const p = current_search->hooks.progress) {
            if (p->death == trace::death::unknown) p->death_number = p->number;
            p->death = death;
        }
        if (!explainable) return true;
        limit_time();
        stop_execution(*e, death, detail);
    }
    if (announced.exchange(true)) return true;
    const pid_t child =
        explainable ? _Fork() : -1;  // fork() would wait for a lock that the dying thread may hold
    if (child == 0) {
        process = getpid();
        survives = reports = true;
        limit_time();
        stop_execution(*e, death, detail);
    }
    int status = -1;
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (child < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
        report_briefly(*e, *current_search, death, detail, explainable);
    return true;
}

void announce_signal(int number, const siginfo_t& info, void* context) noexcept {
    short_text name;
    const char* const abbreviation = sigabbrev_np(number);
    (name += "SIG") += abbreviation ? abbreviation : "?";
    if (!comes_from_within(number, info)) {
        if (current_search && getpid() == process && !reports)
            tell_of_signal(*current_search, name.c_str());
        return;
    }
    const auto& registers = static_cast<ucontext_t*>(context)->uc_mcontext.gregs;
    const auto* const stack_pointer = reinterpret_cast<void*>(registers[REG_RSP]);
    if (const engine* const e = current_engine) {
        const trace::death death = death_of(number, info, *e, stack_pointer);
        announce_death(death, stack_pointer, death == trace::death::signalled ? name.c_str() : "");
    }
}

int announce_exit(const char* function, int status, const void* stack_pointer,
                  bool explainable) noexcept {
    // A handler of the program's own may leave for a crash that was told.
    const bool dies = announce_death(trace::death::exited, stack_pointer, "", explainable) ||
                      (announced && !survives && getpid() == process);
    if (!dies) return status;
    // The exit code has eight bits.
    const int final_status = (status & 0xff) == 0 ? EXIT_FAILURE : status;
    static std::atomic<bool> told{false};
    if (current_search && !survives && !told.exchange(true))
        tell_of_exit(*current_search, function, status, final_status);
    return final_status;
}

unsigned process_generation() noexcept {
    static std::atomic<unsigned> forks{0};
    static const int told_of_forks = pthread_atfork(nullptr, nullptr, [] { ++forks; });
    static_cast<void>(told_of_forks);
    return forks;
}

bool is_dying() noexcept { return announced && !survives; }

bool reports_a_death() noexcept { return reports; }

void survive_deaths() noexcept {
    process = getpid();
    survives = true;
}

crash_watch::crash_watch(const watched_search& search) : search_(search) {
    static thread_local standing_watch standing;
    standing.see_to_it();
    watch_exits();
    if (std::get_terminate() != handle_terminate) {
        const std::lock_guard lock(gate);
        const std::terminate_handler before = std::set_terminate(handle_terminate);
        if (before != handle_terminate) earlier_terminate = before;
    }
    current_search = &search_;
}

crash_watch::~crash_watch() { current_search = nullptr; }

}  // namespace heddle::scheduler
