#include "undone_state.hpp"

#include <algorithm>

#include "lock_history.hpp"

namespace heddle::checkers {

std::optional<undone_state> undone_state_of(const execution_trace& trace, int object) {
    if (object == none) return {};
    std::vector<const event*> writes;
    for (const event& e : trace.events)
        if (e.object == object && e.writes && !e.blocked) writes.push_back(&e);
    if (writes.size() < 2) return {};
    const std::uint64_t now = writes.back()->after;
    const auto other_value = [&](const event* e) { return e->after != now; };
    const auto made = std::find_if(writes.rbegin(), writes.rend(), other_value);
    if (made == writes.rend()) return {};
    const event* const first = writes.front();
    const bool held_before =
        first->reads ? first->before == now
                     : *made == first || std::any_of(made + 1, writes.rend(), [&](const event* e) {
                           return e->after == now;
                       });
    if (!held_before) return {};
    return undone_state{*made, *(made - 1),
                        std::count_if(writes.begin(), writes.end(), other_value) == 1};
}

int lock_around(const execution_trace& trace, const undone_state& s) {
    if (!s.by_one_thread()) return none;
    for (const int m : held_mutexes(trace, s.made->thread, s.made->step)) {
        const event* const taken = acquisition(trace, s.made->thread, s.made->step, m);
        if (taken && taken == acquisition(trace, s.made->thread, s.undone->step, m)) return m;
    }
    return none;
}

}  // namespace heddle::checkers
