#include "wait_for_graph.hpp"

#include <algorithm>

#include "report_writer.hpp"
#include "stuck_threads.hpp"

namespace heddle::checkers {

wait_for_graph::wait_for_graph(const execution_trace& trace) : trace_(trace) {
    for (int t = 0; t < static_cast<int>(trace.ends.size()); ++t) {
        const trace::thread_end& end = trace.ends[t];
        // A timed wait ends by itself.
        if (end.state != trace::thread_state::blocked || end.timed) continue;
        wait_edge edge;
        edge.waiter = t;
        edge.wait = &end;
        if (end.waiting_in == operation::join) {
            edge.owner = end.other_thread;
        } else {
            edge.object = end.object;
            if (end.spinning) edge.object = spun_on(t);
        }
        if (is_lock(end.waiting_in)) {
            for (const trace::holding& h : trace.holdings)
                if (h.object == end.object) edge.held = &h;
            if (edge.held) edge.owner = edge.held->thread;
        }
        const bool known = edge.owner >= 0 && edge.owner < static_cast<int>(trace.ends.size());
        if (!known) edge.owner = none;
        edge.owner_exited =
            known && edge.held && trace.ends[edge.owner].state == trace::thread_state::exited;
        edges_.push_back(edge);
    }
}

// The last step of a spin may be a yield: what it goes by is the last read.
int wait_for_graph::spun_on(int thread) const {
    for (auto e = trace_.events.rbegin(); e != trace_.events.rend(); ++e)
        if (e->thread == thread && e->reads && !e->blocked) return e->object;
    return none;
}

const wait_edge* wait_for_graph::edge_of(int thread) const {
    const auto found = std::find_if(edges_.begin(), edges_.end(),
                                    [&](const wait_edge& e) { return e.waiter == thread; });
    return found == edges_.end() ? nullptr : &*found;
}

std::vector<int> wait_for_graph::cycle_from(int thread) const {
    std::vector<int> threads;
    for (int t = thread; threads.size() <= edges_.size();) {
        const wait_edge* const edge = edge_of(t);
        if (!edge || edge->owner == none) break;
        threads.push_back(t);
        if (edge->owner == thread) return threads;
        t = edge->owner;
    }
    return {};
}

std::vector<int> wait_for_graph::cycle() const {
    if (!trace_.cycle.empty()) {
        const std::vector<int> found = cycle_from(trace_.cycle.front());
        if (!found.empty()) return found;
    }
    std::vector<int> shortest;
    for (const wait_edge& edge : edges_) {
        const std::vector<int> found = cycle_from(edge.waiter);
        if (!found.empty() && (shortest.empty() || found.size() < shortest.size()))
            shortest = found;
    }
    return shortest;
}

std::vector<int> wait_for_graph::roots() const {
    std::vector<int> roots;
    for (const wait_edge& edge : edges_)
        if (edge.owner == none || edge.owner_exited || !edge_of(edge.owner))
            roots.push_back(edge.waiter);
    return roots;
}

std::vector<trace::wait_for> wait_for_graph::as_data() const {
    const std::vector<int> threads = cycle();
    std::vector<trace::wait_for> waits;
    for (const wait_edge& edge : edges_)
        waits.push_back(
            {.waiter = edge.waiter,
             .object = edge.object,
             .owner = edge.owner,
             .owner_exited = edge.owner_exited,
             .in_cycle = std::find(threads.begin(), threads.end(), edge.waiter) != threads.end(),
             .spinning = edge.wait->spinning,
             .since = first_step_of_wait(trace_, edge.waiter),
             .where = edge.wait->where});
    return waits;
}

}  // namespace heddle::checkers
