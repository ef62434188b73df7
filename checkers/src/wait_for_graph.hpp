// Who waits for whom when an execution stops. Edges read waiter -> the thread that could end the
// wait.
//
// A lock has an owner and a join a thread, so those waits have an edge. Waits on condition
// variables and on values have none: any thread that still runs could end them, and nobody is
// named.
#pragma once

#include <vector>

#include <heddle/trace/execution_trace.hpp>
#include <heddle/trace/wait_for.hpp>

namespace heddle::checkers {

struct wait_edge {
    int waiter = trace::none;
    int owner = trace::none;   // `none`: nobody in particular
    int object = trace::none;  // the lock, condition variable or atomic; `none` for a join
    const trace::thread_end* wait = nullptr;
    const trace::holding* held = nullptr;  // a lock: its acquisition by the owner
    bool owner_exited = false;
};

class wait_for_graph {
public:
    explicit wait_for_graph(const trace::execution_trace& trace);

    // The waits of all threads that wait, by thread.
    const std::vector<wait_edge>& edges() const { return edges_; }

    // The wait of a thread; nullptr if it does not wait.
    const wait_edge* edge_of(int thread) const;

    // The threads of a cycle, each waiting for the next, the last for the first; empty: there is
    // none. The cycle the trace names comes first; else the shortest.
    std::vector<int> cycle() const;

    // The threads whose waits no wait of another thread explains: at the end of every chain. They
    // wait on a condition variable, for a value, or for a lock whose owner has exited.
    std::vector<int> roots() const;

    // The graph as a report keeps it.
    std::vector<trace::wait_for> as_data() const;

private:
    const trace::execution_trace& trace_;
    std::vector<wait_edge> edges_;

    int spun_on(int thread) const;
    std::vector<int> cycle_from(int thread) const;
};

}  // namespace heddle::checkers
