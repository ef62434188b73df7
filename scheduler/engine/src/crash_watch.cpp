#include "crash_watch.hpp"

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
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

#include "engine.hpp"

// Of a sanitizer, in a program that has one.
extern "C" [[gnu::weak]] void __sanitizer_set_death_callback(void (*callback)());

namespace heddle::scheduler {
namespace {

constexpr unsigned report_seconds = 30;                    // for the fork that reports
constexpr std::size_t handler_stack = 128 * 1024;          // unwinding runs on it
constexpr auto look_again = std::chrono::milliseconds(1);  // whether the handlers still are there
constexpr std::uintptr_t close_to_null = 64 * 1024;
constexpr int watched_signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

constinit thread_local const watched_search* current_search = nullptr;

// Of the process.
std::mutex gate;
struct sigaction earlier[std::size(watched_signals)];
std::terminate_handler earlier_terminate = nullptr;
std::atomic<bool> announced{false};
std::atomic<pid_t> process{0};  // that searches; not the children that a body forks
// Nobody needs this process to die as it would: a crash only stops its execution.
bool survives = false;
bool reports = false;

// ---- the report of last resort ----------------------------------------------------------------

// Text built without allocation.
class short_text {
public:
    void add(std::string_view part) noexcept {
        const std::size_t n = std::min(part.size(), sizeof text_ - size_);
        std::memcpy(text_ + size_, part.data(), n);
        size_ += n;
    }
    void add(std::uint64_t number) noexcept {
        char digits[20];
        std::size_t at = sizeof digits;
        do digits[--at] = static_cast<char>('0' + number % 10);
        while (number /= 10);
        add(std::string_view(digits + at, sizeof digits - at));
    }
    void write_to(int file) const noexcept {
        for (std::size_t at = 0; at < size_;) {
            const ssize_t n = write(file, text_ + at, size_ - at);
            if (n <= 0) return;
            at += static_cast<std::size_t>(n);
        }
    }

private:
    char text_[4096];
    std::size_t size_ = 0;
};

void report_briefly(const engine& e, trace::death death) noexcept {
    const watched_search& s = *current_search;
    short_text text;
    text.add("error[crash]: `");
    if (e.current_->created_as) {
        text.add("thread-");
        text.add(e.current_->created_as);
    } else {
        text.add("main");
    }
    text.add("` ");
    text.add(trace::phrase_of(death));
    if (death != trace::death::sanitized)
        text.add(
            "\n  = note: the process was too damaged to run the execution again and explain it");
    text.add("\n  = found: execution ");
    text.add(s.number);
    text.add(", after ");
    text.add(e.steps_);
    text.add(" steps\n  = replay: ");
    text.add(s.hooks.replay_start);
    if (s.asked.replay.empty()) {
        text.add(s.asked.seed);
        text.add(":");
        text.add(s.number);
    } else {
        text.add(s.asked.replay);
    }
    text.add(s.hooks.replay_end);
    text.add("\n");
    text.write_to(STDERR_FILENO);
}

[[noreturn]] void stop_execution(engine& e, trace::death death, const char* detail) noexcept {
    e.body_level_ = 0;
    finding f;
    f.why = trace::stop::crash;
    f.death = death;
    f.message = detail;
    e.stop_outright(std::move(f));
}

// In the fork: SIGALRM ends it if it hangs, whatever the body had made of that signal.
void limit_time() noexcept {
    signal(SIGALRM, SIG_DFL);
    sigset_t alarm_only;
    sigemptyset(&alarm_only);
    sigaddset(&alarm_only, SIGALRM);
    pthread_sigmask(SIG_UNBLOCK, &alarm_only, nullptr);
    alarm(report_seconds);
}

// ---- handlers ---------------------------------------------------------------------------------

trace::death death_of(int number, const siginfo_t& info, const engine& e,
                      const void* stack_pointer) noexcept {
    switch (number) {
        case SIGBUS: return trace::death::bus_error;
        case SIGFPE: return trace::death::arithmetic_error;
        case SIGILL: return trace::death::illegal_instruction;
        case SIGABRT: return trace::death::aborted;
        default: break;
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

void handle(int number, siginfo_t* info, void* context) {
    const auto& registers = static_cast<ucontext_t*>(context)->uc_mcontext.gregs;
    const auto* const stack_pointer = reinterpret_cast<void*>(registers[REG_RSP]);
    if (const engine* const e = current_engine)
        announce_death(death_of(number, *info, *e, stack_pointer), stack_pointer);
    // Now as if nobody had watched: the instruction is executed again, or the signal sent again.
    for (std::size_t k = 0; k < std::size(watched_signals); ++k)
        if (watched_signals[k] == number) sigaction(number, &earlier[k], nullptr);
    if (info->si_code <= 0) raise(number);
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

void handle_sanitizer() { announce_death(trace::death::sanitized, __builtin_frame_address(0)); }

void install_handlers() {
    const std::lock_guard lock(gate);
    process = getpid();
    struct sigaction ours {};
    ours.sa_sigaction = handle;
    ours.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
    sigemptyset(&ours.sa_mask);
    for (std::size_t k = 0; k < std::size(watched_signals); ++k) {
        struct sigaction before {};
        sigaction(watched_signals[k], &ours, &before);
        if (before.sa_sigaction != handle) earlier[k] = before;
    }
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

void announce_death(trace::death death, const void* stack_pointer, const char* detail) noexcept {
    engine* const e = current_engine;
    if (!e || !current_search || !on_running_fiber(*e, stack_pointer) || getpid() != process)
        return;
    // A sanitizer that reports holds its locks, and would not report again.
    const bool explainable = death != trace::death::sanitized;
    // A thread that is woken to see what it would do is no part of the execution.
    if (explainable && (e->autopsy_ || e->speculates_)) stop_execution(*e, death, detail);
    if (survives) {
        if (search_progress* const p = current_search->hooks.progress) {
            if (p->death == trace::death::unknown) p->death_number = p->number;
            p->death = death;
        }
        if (!explainable) return;
        limit_time();
        stop_execution(*e, death, detail);
    }
    if (announced.exchange(true)) return;
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
    if (child < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0) report_briefly(*e, death);
}

unsigned process_generation() noexcept {
    static std::atomic<unsigned> forks{0};
    static const int told_of_forks = pthread_atfork(nullptr, nullptr, [] { ++forks; });
    static_cast<void>(told_of_forks);
    return forks;
}

bool reports_a_death() noexcept { return reports; }

void survive_deaths() noexcept {
    process = getpid();
    survives = true;
}

crash_watch::crash_watch(const watched_search& search) : search_(search) {
    static thread_local standing_watch standing;
    standing.see_to_it();
    find_exits();
    if (std::get_terminate() != handle_terminate) {
        const std::lock_guard lock(gate);
        const std::terminate_handler before = std::set_terminate(handle_terminate);
        if (before != handle_terminate) earlier_terminate = before;
    }
    current_search = &search_;
}

crash_watch::~crash_watch() { current_search = nullptr; }

}  // namespace heddle::scheduler
