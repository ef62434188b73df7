#pragma once

#include <heddle/trace/diagnostic.hpp>
#include <heddle/trace/execution_trace.hpp>

namespace heddle::checkers {

// Requires: `trace.unwatched`.
trace::diagnostic explain_unwatched_race(const trace::execution_trace& trace);

}  // namespace heddle::checkers
