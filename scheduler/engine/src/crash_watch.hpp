// What a body does that ends the process: a fatal signal, std::terminate, exit. It is reported with
// its replay line, and then happens as it would have; but an exit in the middle of an execution is
// no success, whatever its status says.
//
// The report is made by a fork of the dying process: there the execution is stopped like a failing
// one, run again with a recorder and explained. The process itself waits, and dies with its stack,
// its core file and its earlier handlers (a sanitizer's among them) as they are. What is damaged
// too badly for that gets a report of three lines, written by the handler alone.
#pragma once

#include <heddle/scheduler/explore.hpp>
#include <heddle/trace/execution_trace.hpp>

#include <signal.h>

#include <cstdint>

namespace heddle::scheduler {

class engine;

// What a report needs to know of the search that runs on this OS thread.
struct watched_search {
    const options& asked;
    const search_hooks& hooks;
    const std::uint64_t& number;  // of the running execution
};

// Watches the executions of one search. Searches nest in no way, so there is one watch an OS
// thread. The signal handlers, the terminate handler and the stack for them stay in place when it
// ends: that costs a dozen system calls, more time than a small search takes. Outside of an
// execution they hand on to those that were there before. What others install between two searches
// is replaced at the beginning of the next that comes a millisecond or more after the last look.
class crash_watch {
public:
    explicit crash_watch(const watched_search& search);
    ~crash_watch();
    crash_watch(const crash_watch&) = delete;
    crash_watch& operator=(const crash_watch&) = delete;

private:
    watched_search search_;
};

// To be called when the process is about to die on the calling OS thread. Returns when it may: at
// once if no execution runs here, else after the report. `detail` is kept with the report, which is
// a brief one where the execution cannot be run again. True: an execution dies.
bool announce_death(trace::death death, const void* stack_pointer, const char* detail = "",
                    bool explainable = true) noexcept;

// The same for a signal that ends the process, from the handler of it. One that comes from outside
// is no death of the execution: it gets a line.
void announce_signal(int number, const siginfo_t& info, void* context) noexcept;

// The same for a call of `function(status)`. Returns the status to leave with.
int announce_exit(const char* function, int status, const void* stack_pointer,
                  bool explainable = true) noexcept;

// Whether this process has begun to tell of its death, and is about to end.
bool is_dying() noexcept;

// Another number in each fork: what belongs to a process is to be made anew there.
unsigned process_generation() noexcept;

// Looks up the exit functions of the C library, which must not be done when they are called.
void watch_exits() noexcept;

// True if `address` lies on the stack of the running modelled thread, or just below it.
bool on_running_fiber(const engine& e, const void* address) noexcept;

}  // namespace heddle::scheduler
