// The search: runs a body under the strategy of `options` until it is proved, fails, or the budget
// is spent.
//
// `suites/explore` binds this to the checkers; nothing here says why an execution failed, only that
// it did, with its whole trace.
#pragma once

#include <heddle/scheduler/options.hpp>
#include <heddle/scheduler/result.hpp>
#include <heddle/trace/execution_trace.hpp>
#include <heddle/trace/schedule.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace heddle::scheduler {

using body_function = void (*)(void* data);

// How far a search is, for whoever may have to tell its end.
struct search_progress {
    std::uint64_t number = 0;                    // of the running execution
    trace::death death = trace::death::unknown;  // that was met and not yet told
    std::uint64_t death_number = 0;              // of its execution
};

// What only the engine's own users need.
struct search_hooks {
    // After each complete or deadlocked execution, outside of it; nullptr: none.
    void (*on_execution)(void* data, bool complete) = nullptr;
    void* data = nullptr;
    // The search began again; what was counted is void.
    void (*on_restart)(void* data) = nullptr;
    bool unlimited_weak_failures = false;
    bool shrink = true;  // a failure is run again, some thousand times, to make its schedule small
    // What a replay line says before and after the schedule, "./x --heddle_replay=" and nothing:
    // for a process that dies.
    std::string replay_start, replay_end;
    // Where the search keeps its progress; nullptr: nobody looks.
    search_progress* progress = nullptr;
    // Resolves a call stack of the explained re-run to places, innermost first; nullptr: only given
    // sites are known.
    void (*resolve)(void* const* addresses, std::size_t count,
                    std::vector<trace::place>& out) = nullptr;
};

// Runs the body in executions as `o` says. On a failure `result.failure` holds verdict, replay,
// seed, execution, counts and the trace of the explained re-run; its message and diagnostic are
// left to the caller.
result search(const options& o, body_function body, void* data, const search_hooks& hooks = {});

// A body that ends the process (a signal that it raises, abort, std::terminate, exit) is reported
// first, by a fork of the process that makes a result of it like of any other failure. True in that
// fork: only the report is wanted, and then `_exit(0)`.
bool reports_a_death() noexcept;

// Called when a body has ended the process by exit or its kind, after the report: says by `say`,
// and without allocation, what the process will not do therefore, in whole lines. nullptr: nothing.
using cut_off_notice = void (*)(void (*say)(std::string_view));
void set_cut_off_notice(cut_off_notice notice) noexcept;

// The processor time that a thread may use between two steps before its execution is stopped as an
// endless loop: 5 s unless a test of this rule is in a hurry.
void set_loop_patience(std::chrono::milliseconds cpu_time) noexcept;

// From here on such a body fails its search, and this process lives on, in whatever state it is:
// for a process that has nothing else to do.
void survive_deaths() noexcept;

}  // namespace heddle::scheduler
