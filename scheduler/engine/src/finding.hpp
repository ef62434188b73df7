// How a run ended, and why, as far as the search needs to know.
#pragma once

#include <heddle/scheduler/hooks.hpp>

#include <cstdint>
#include <string>
#include <vector>

#include <heddle/trace/execution_trace.hpp>

namespace heddle::scheduler {

// Why a run stopped before its end, as far as the search needs to know. The rest is found on the
// explained re-run.
struct finding {
    trace::stop why = trace::stop::completed;
    trace::misuse_kind misuse = trace::misuse_kind::not_misuse;
    trace::death death = trace::death::unknown;
    int slot = -1;
    object_id object = no_object;
    int other_slot = -1;
    bool owner_exited = false;
    std::vector<int> cycle;
    int passing_waiter = -1;
    std::string message;
    site where;
    // data race: which access, by its thread and the operation before it, after which the thread
    // has done nothing else: all that is known of an earlier access. And the other one.
    std::uint64_t side = 0, other_side = 0;
    // nondeterminism of a search: the event of `slot` that was to be replayed, and what the body
    // did instead, on `object`
    int departed_at = -1;
    operation recorded = operation::load, did = operation::load;
    object_id recorded_object = no_object;
};

enum class ending : std::uint8_t {
    complete,
    failed,     // `finding` says why
    stuck,      // nothing can run; classified in `finding`
    redundant,  // left over by an await, a spin or a multi-lock: found again elsewhere
    dropped,    // by an assumption
    cut,        // at the step limit, by a schedule that was not fair
    restart,    // needs wider clocks, or spins watched: the search begins again
    again,      // was a trial: the search goes on where that began
};

}  // namespace heddle::scheduler
