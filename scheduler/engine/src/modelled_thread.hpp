// What the engine knows of a modelled thread and of a modelled object in the running execution.
#pragma once

#include <heddle/scheduler/hooks.hpp>

#include <cstdint>
#include <utility>
#include <vector>

#include "event_graph.hpp"
#include "fiber_pool.hpp"

namespace heddle::scheduler {

enum class run_state : std::uint8_t {
    off,  // reserved, not started
    runnable,
    blocked,  // on `pending`
    joining,
    dropped,   // by a failed assumption
    spinning,  // shown to repeat itself: waits for a change of what it read
    exited,
};

struct modelled_thread {
    fiber* stack = nullptr;
    void (*entry)(void*) = nullptr;
    run_state state = run_state::off;
    bool joinable = false;
    bool woken_for_autopsy = false;
    bool start_counted = false;  // exhaustive: its start is among the steps
    std::uint16_t slot = 0;
    std::uint16_t position = 0;    // events it has done in this run
    std::uint16_t last_write = 0;  // position after its last write
    std::uint16_t objects = 0, children = 0;
    std::uint16_t created_as = 0;    // order of creation in this run
    std::uint16_t child_number = 0;  // order among the children of its parent
    std::uint16_t spin_from = 0;     // spinning: first event of the repeated reads
    std::int16_t parent = -1;
    std::int16_t joining = -1;
    std::uint16_t outside_depth = 0;  // allocates from the process's heap while not 0
    event_index last = nil;           // sampling: its last event, or its creation
    std::uint64_t joiners = 0;        // slots that wait for its end
    std::int64_t deadline = 0;        // of the timed wait that it is in
    bool expires = false;             // blocked, and times out if nothing else can run
    std::uint16_t early_timeouts = 0, early_sleeps = 0, clock_reads = 0;  // in this run
    std::uint64_t last_read_value = 0;
    std::uint32_t last_read_object = no_object;
    unsigned last_read_line = 0;
    std::uint32_t repeated_reads = 0;
    std::uint32_t priority = 0;  // pct
    event
        pending;  // what it is blocked in; not on its stack, which may be dropped before it is read
    unsigned blocked_order = 0;  // the n-th to block in this run
    unsigned blocked_since = 0;  // explained re-run: step of the attempt
    site blocked_at;
    std::vector<object_id> object_ids;       // of the n-th construction, for the whole exploration
    std::vector<std::uint16_t> child_slots;  // of the k-th child
    std::vector<std::pair<std::uint64_t, std::uint16_t>>
        visits;  // state hashes since the last write, with positions

    // As it is before its first step of a run.
    void begin_run() noexcept {
        state = run_state::off;
        position = last_write = objects = children = 0;
        early_timeouts = early_sleeps = clock_reads = outside_depth = 0;
        expires = start_counted = false;
        last = nil;
        joiners = 0;
        repeated_reads = 0;
        last_read_object = no_object;
        visits.clear();
    }
};
// Threads are found by their slots all the time: a power of two is quick to multiply by.
static_assert(sizeof(modelled_thread) == 256);

struct modelled_object {
    std::uint64_t value = 0;  // initial
    std::uint64_t mask = ~std::uint64_t{0};
    std::uint64_t identity = 0;  // once it was asked for
    object_kind kind = object_kind::atomic;
    bool alive = true;
    bool waits_beside_atomic = false;  // the set of waiters of the atomic before it
    int holder = -1;                   // lock words: slot of the owner in this run
    unsigned waiting = 0;  // sets of waiters: threads that entered and have not left, in this run
};

// A static of a function whose initialiser runs in this execution, and where its thread stood then.
struct open_static {
    int* guard;
    std::uint16_t slot, position, objects, children;
};

}  // namespace heddle::scheduler
