// The finding `deadlock`: threads that wait and that nobody can wake any more.
//
//   trace::diagnostic d = checkers::explain_deadlock(trace);   // trace.why == stop::deadlock
//
// Four shapes, by their root: a cycle of locks and joins; a lock that a thread locks twice; a lock
// whose owner has ended; and, where no cycle is, threads that wait on a condition variable or for a
// value that no other thread will provide. Other threads that are stuck because of these are notes.
#pragma once

#include <heddle/trace/diagnostic.hpp>

namespace heddle::checkers {

// Requires: `trace.ends` and `trace.holdings` are those at the stop.
trace::diagnostic explain_deadlock(const trace::execution_trace& trace);

}  // namespace heddle::checkers
