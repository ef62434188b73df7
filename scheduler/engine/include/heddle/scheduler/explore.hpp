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

#include <cstddef>
#include <vector>

namespace heddle::scheduler {

using body_function = void (*)(void* data);

// What only the engine's own users need.
struct search_hooks {
    // After each complete or deadlocked execution, outside of it; nullptr: none.
    void (*on_execution)(void* data, bool complete) = nullptr;
    void* data = nullptr;
    // The search began again; what was counted is void.
    void (*on_restart)(void* data) = nullptr;
    bool unlimited_weak_failures = false;
    bool shrink = true;  // a failure is run again, some thousand times, to make its schedule small
    // Resolves a call stack of the explained re-run to places, innermost first; nullptr: only given
    // sites are known.
    void (*resolve)(void* const* addresses, std::size_t count,
                    std::vector<trace::place>& out) = nullptr;
};

// Runs the body in executions as `o` says. On a failure `result.failure` holds verdict, replay,
// seed, execution, counts and the trace of the explained re-run; its message and diagnostic are
// left to the caller.
result search(const options& o, body_function body, void* data, const search_hooks& hooks = {});

}  // namespace heddle::scheduler
