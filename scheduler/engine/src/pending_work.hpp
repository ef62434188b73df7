// What the exhaustive search has still to visit: a stack of graphs, each with the choices left in
// it.
#pragma once

#include <cstdint>
#include <vector>

#include "event_graph.hpp"

namespace heddle::scheduler {

inline constexpr unsigned max_objects = 65'000;

struct work_item {
    enum kind_t : std::uint8_t {
        forward,
        place,
        back,
        probe,
        marker,
        waiter,
        waiter_conflict,
        spurious,
        choice
    } kind;
    std::uint8_t level = 0;  // its share of the search is 2 to the power of minus this
    std::uint16_t argument;  // waiter, choice: which
    event_index event, write;
};
struct probe_prototype {
    event proto;
    event_index write;
};
struct frame {
    event_graph graph;
    std::vector<work_item> work;
    std::vector<probe_prototype> probes;
    frame(unsigned capacity, unsigned words) : graph(capacity, max_objects, words) {}
};

}  // namespace heddle::scheduler
