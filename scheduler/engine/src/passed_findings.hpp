// With `keep_going`, a data race, a failed EXPECT and a cycle of waiting do not end an execution:
// what is found on its way is noted here, and the run comes to an end of its own.
//
// The explained re-run of one of these findings goes past the others and arrives at that one.
#pragma once

#include <set>
#include <utility>
#include <vector>

#include "failure_signature.hpp"

namespace heddle::scheduler {

struct passed_findings {
    // Of the search: those that it knows are not noted again. nullptr: none.
    const std::set<failure_signature>* known = nullptr;
    // The one to arrive at. nullptr: all are noted.
    const failure_signature* wanted = nullptr;
    // In the order in which they were met, that which ended the run among them.
    std::vector<std::pair<finding, failure_signature>> noted;
    bool arrived = false;    // at the wanted one, which lets the run go on
    bool went_past = false;  // something that ends, or hides, the run of a search that stops
    bool raced = false;      // in this run
    bool has_raced = false;  // in some run of this search: plain data may differ in a second one
    // The run was left in its middle: at a finding, or as, after a race, it did something else than
    // was recorded.
    bool unfinished = false;

    void begin_run() noexcept {
        noted.clear();
        arrived = went_past = raced = unfinished = false;
    }
};

}  // namespace heddle::scheduler
