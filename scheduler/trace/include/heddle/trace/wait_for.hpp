// The wait-for graph of an execution that stopped: who waits, for what, and who could end the wait.
//
//   std::string text = wait_for_text(trace, d.waits);   // mover-1 --bob.mutex_--> mover-2
//   std::string dot = wait_for_dot(trace, d.waits);     // dot -Tsvg wait_for.dot
//
// Edges read waiter -> owner. A lock has an owner and a join a thread; a wait on a condition
// variable or for a value has no owner, since any thread that runs could end it.
#pragma once

#include <string>
#include <vector>

#include <heddle/trace/execution_trace.hpp>

namespace heddle::trace {

struct wait_for {
    int waiter = none;
    int object = none;  // the lock, condition variable or atomic; `none`: a join
    int owner = none;   // the thread that could end the wait; `none`: nobody in particular
    bool owner_exited = false;
    bool in_cycle = false;
    bool spinning = false;  // waits by reading the same again and again
    unsigned since = 0;     // the step in which the wait begins
    place where{};
};

// One line an edge, arrows and owners aligned.
std::string wait_for_text(const execution_trace& trace, const std::vector<wait_for>& waits);

// For Graphviz: threads are boxes, objects without an owner ellipses; edges of the cycle are red.
std::string wait_for_dot(const execution_trace& trace, const std::vector<wait_for>& waits);

}  // namespace heddle::trace
