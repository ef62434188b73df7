#include "lock_history.hpp"

#include <algorithm>

#include "report_writer.hpp"

namespace heddle::checkers {

std::vector<int> held_mutexes(const execution_trace& trace, int thread, unsigned step) {
    std::vector<int> held;
    for (const event& e : trace.events) {
        if (e.step >= step) break;
        if (e.thread != thread || e.blocked) continue;
        if (is_lock(e.op) && e.writes) held.push_back(e.object);
        if (e.op == operation::unlock) std::erase(held, e.object);
    }
    return held;
}

const event* acquisition(const execution_trace& trace, int thread, unsigned step, int mutex) {
    const event* taken = nullptr;
    for (const event& e : trace.events) {
        if (e.step >= step) break;
        if (e.thread != thread || e.object != mutex || e.blocked) continue;
        if (e.op == operation::unlock) taken = nullptr;
        if (is_lock(e.op) && e.writes && !taken) taken = &e;
    }
    return taken;
}

bool holds(const execution_trace& trace, int thread, unsigned step, int mutex) {
    const std::vector<int> held = held_mutexes(trace, thread, step);
    return std::find(held.begin(), held.end(), mutex) != held.end();
}

int mutex_of_wait(const execution_trace& trace, unsigned enqueue) {
    const event* const entry = trace::event_at(trace, enqueue);
    if (!entry) return none;
    for (const event& e : trace.events) {
        if (e.step <= enqueue || e.thread != entry->thread) continue;
        return e.op == operation::unlock ? e.object : none;
    }
    return none;
}

}  // namespace heddle::checkers
