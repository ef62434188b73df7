#include "loop_watch.hpp"

#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <string>
#include <utility>

#include "crash_watch.hpp"
#include "engine.hpp"
#include "runtime_code.hpp"

namespace heddle::scheduler {
namespace {

using std::chrono::milliseconds;

constexpr unsigned ticks = 5;  // in the time of patience
constexpr int tick_signal = SIGXCPU;

constinit thread_local loop_watch* current_watch = nullptr;
struct sigaction earlier;  // of the signal
std::atomic<milliseconds> patience{milliseconds{5'000}};

itimerspec every(milliseconds interval) {
    itimerspec when{};
    when.it_interval.tv_sec = interval.count() / 1000;
    when.it_interval.tv_nsec = interval.count() % 1000 * 1'000'000;
    when.it_value = when.it_interval;
    return when;
}

// The timer of an OS thread, for all of its searches. When it ticks and no search runs, it stops
// until the next one.
class tick_timer {
public:
    ~tick_timer() {
        if (is_ours()) timer_delete(id_);
    }
    // False: there is none to be had.
    bool tick_each(milliseconds interval) {
        if (!is_ours() && !make()) return false;
        if (interval != interval_) set(interval);
        return true;
    }
    void stop() { set(milliseconds{0}); }

private:
    bool is_ours() const { return made_ && generation_ == process_generation(); }
    bool make() {
        sigevent event{};
        event.sigev_notify = SIGEV_THREAD_ID;
        event.sigev_signo = tick_signal;
        event._sigev_un._tid = static_cast<pid_t>(syscall(SYS_gettid));
        made_ = timer_create(CLOCK_THREAD_CPUTIME_ID, &event, &id_) == 0;
        generation_ = process_generation();
        interval_ = milliseconds{0};
        return made_;
    }
    void set(milliseconds interval) {
        interval_ = interval;
        const itimerspec when = every(interval);
        timer_settime(id_, 0, &when, nullptr);
    }

    timer_t id_{};
    bool made_ = false;
    unsigned generation_ = 0;
    milliseconds interval_{0};
};

thread_local tick_timer timer;

// Changes with every run, step and access of plain data.
std::uint64_t progress_of(const engine& e) {
    return e.runs_ << 32 ^ std::uint64_t{e.steps_} << 20 ^ e.plain_steps_;
}

}  // namespace

void set_loop_patience(milliseconds cpu_time) noexcept { patience = cpu_time; }

void loop_watch::on_tick(int number, siginfo_t* info, void* context) {
    const int interrupted = errno;  // belongs to whom the signal has interrupted
    meet_tick(number, *info, context);
    errno = interrupted;
}

void loop_watch::meet_tick(int number, const siginfo_t& info, void* context) {
    if (info.si_code != SI_TIMER) {  // the limit of the process, or raised: not ours
        announce_signal(number, info, context);
        sigaction(number, &earlier, nullptr);
        raise(number);
        return;
    }
    // A death takes its time: that of a sanitizer reads the debug information of the program.
    if (is_dying()) return;
    loop_watch* const watch = current_watch;
    if (!watch) return timer.stop();
    const auto& registers = static_cast<ucontext_t*>(context)->uc_mcontext.gregs;
    watch->tick(reinterpret_cast<void*>(registers[REG_RSP]),
                static_cast<std::uintptr_t>(registers[REG_RIP]));
}

void loop_watch::tick(void* stack_pointer, std::uintptr_t instruction) {
    engine* const e = current_engine;
    if (!e || engine_ != e || progress_of(*e) != progress_) {
        engine_ = e;
        progress_ = e ? progress_of(*e) : 0;
        idle_ticks_ = 0;
        return;
    }
    if (++idle_ticks_ < ticks || !on_running_fiber(*e, stack_pointer)) return;
    // In the runtimes it may hold a lock of theirs, or leave the heap half changed: soon again.
    if (in_runtime_code(instruction)) {
        timer.tick_each(milliseconds{3});
        return;
    }
    timer.tick_each(patience.load() / ticks);
    idle_ticks_ = 0;
    finding f;
    f.why = trace::stop::endless_loop;
    f.message = "it took no step for " + std::to_string(patience.load().count()) +
                " ms of processor time, so nothing that other threads do can end its loop";
    e->stop_outright(std::move(f));
}

loop_watch::loop_watch() {
    static const int installed = [] {
        static_cast<void>(in_runtime_code(0));
        struct sigaction action {};
        action.sa_sigaction = on_tick;
        action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER | SA_RESTART;
        sigemptyset(&action.sa_mask);
        return sigaction(tick_signal, &action, &earlier);
    }();
    // First: a tick of the timer in between, left over from an earlier search, would stop it.
    current_watch = this;
    if (installed != 0 || !timer.tick_each(patience.load() / ticks)) current_watch = nullptr;
}

loop_watch::~loop_watch() { current_watch = nullptr; }

}  // namespace heddle::scheduler
