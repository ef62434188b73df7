// What one search says of a program, in a form that can be compared.
#pragma once

#include <heddle/heddle.hpp>

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "program.hpp"
#include "run_body.hpp"
#include "state_space.hpp"

namespace heddle::soundness {

// The options that decide what a program may do.
struct setting {
    heddle::memory_model model = heddle::memory_model::cpp20;
    bounds limits{};

    friend bool operator==(const setting& a, const setting& b) {
        return a.model == b.model && a.limits.spurious == b.limits.spurious &&
               a.limits.early_timeouts == b.limits.early_timeouts;
    }
};
std::string to_string(const setting& s);

struct observation {
    std::string error;  // of an exception that left the search
    heddle::verdict verdict = heddle::verdict::ok;
    bool exhausted = false;
    // An execution was left in its middle by a failure, so that what would have followed is unseen.
    bool cut = false;
    std::uint64_t executions = 0, deadlocks = 0, pruned = 0, steps = 0;
    bool out_of_time = false;                       // says nothing
    std::map<std::string, std::uint64_t> outcomes;  // what each thread recorded, sorted
    std::set<heddle::verdict> verdicts;             // of all its failures
    std::string replay;                             // of the first
    bool replay_keeps_going = false;                // as it has to

    bool same_search(const observation& other) const;  // all but the replay: it may be shrunk
    bool ended() const { return error.empty() && !out_of_time && (exhausted || cut); }
};

// Several lines.
std::string to_string(const observation& o);
std::string to_string(const state_space& s);

// How much is made of a failure: found only, which is quick, or shrunk and explained, as a user
// sees it.
enum class telling { verdict_only, report };

observation explore_program(const body& b, const setting& s, const heddle::strategy& how,
                            std::uint64_t execution_limit, telling much = telling::verdict_only);
// The verdicts of its schedule.
observation replay_program(const body& b, const setting& s, const observation& found);

}  // namespace heddle::soundness
