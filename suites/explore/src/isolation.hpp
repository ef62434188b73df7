// A search in a forked child: what its body does to the process, it does to the child.
#pragma once

#include <heddle/scheduler/explore.hpp>
#include <heddle/scheduler/result.hpp>

#include <functional>

namespace heddle::detail {

// Calls `run` in a forked child, with hooks of its own, and returns what it returned there; an
// exception of std that leaves it is thrown here. If the body kills the child, the result is a
// crash: with its steps as far as the child still could, else with the number of the execution.
// Threads other than the caller's do not exist in the child, and what the body changes outside of
// its executions is lost with it.
// Fails: std::runtime_error if no process can be made.
result run_isolated(const options& o, scheduler::search_hooks hooks,
                    const std::function<result(const scheduler::search_hooks&)>& run);

}  // namespace heddle::detail
