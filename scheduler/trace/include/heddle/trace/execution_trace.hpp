// One execution, recorded: every step with its values, who ran it where, and how it ended.
//
// The engine writes it on the explained re-run of a failing execution only; checkers and reports
// work from it alone, so it can also be written by hand in a test. Threads are numbered in the
// order of their creation (`main` is 0), objects in the order of their construction, steps from 1.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <heddle/trace/operation.hpp>
#include <heddle/trace/site.hpp>

namespace heddle::trace {

inline constexpr int none = -1;

// A place in the user's source, resolved to text.
struct place {
    std::string file;  // as the compiler was given it; empty: unknown
    unsigned line = 0;
    std::string function;
    bool known() const { return !file.empty(); }
    friend bool operator==(const place&, const place&) = default;
};

struct thread_record {
    std::string name;  // as named by the user, else "main" or "thread-2"
    int parent = none;
    place created_at;
};

struct object_record {
    object_kind kind = object_kind::atomic;
    std::string name;  // as named by the user, else kind and ordinal: "mutex-1"
    bool named = false;
    place created_at;
    value_format format = value_format::unsigned_integer;
    unsigned bytes = 8;
};

enum class switch_reason : std::uint8_t {
    same_thread,  // the thread of the step before goes on
    preemption,   // the thread before could have gone on
    blocked,      // the thread before blocked
    exited,       // the thread before ended
    yielded,      // the thread before gave way: yield, pause, or a spin seen by the engine
};

std::string_view name_of(switch_reason value) noexcept;

struct event {
    unsigned step = 0;  // position in the trace, from 1
    int thread = 0;
    operation op = operation::load;
    int object = none;  // spawn and join: the index of the *thread* in `other_thread` instead
    int other_thread = none;
    order memory_order = order::seq_cst;
    bool reads = false;      // `before` is meaningful
    bool writes = false;     // `after` is meaningful
    bool blocked = false;    // an attempt that found it must wait; no effect
    bool spurious = false;   // a weak compare-exchange that failed although the value matched
    bool timed = false;      // part of a timed wait, which `nanoseconds` is to last at most
    bool timed_out = false;  // this step ends it: the time is over
    std::int64_t nanoseconds = -1;
    std::uint64_t before = 0, after = 0;
    int reads_from = none;   // step of the write that was read; none: the initial value
    bool stale = false;      // a read that did not return the newest value
    std::vector<int> woken;  // notify: threads taken out of the set of waiters
    switch_reason reason =
        switch_reason::same_thread;  // why this thread runs after the step before
    place where;
    std::vector<place> callers;  // innermost first, without `where`; may be empty
    std::string text;            // log: the message; misuse: detail
};

enum class thread_state : std::uint8_t { runnable, blocked, exited };

std::string_view name_of(thread_state value) noexcept;

// What a thread is doing when the execution stops.
struct thread_end {
    thread_state state = thread_state::runnable;
    operation waiting_in = operation::lock;  // blocked: what it waits in
    int object = none;                       // blocked: on which object
    int other_thread = none;                 // blocked in join: the thread joined
    unsigned since = 0;                      // blocked: step of the attempt
    bool spinning = false;                   // repeats the same reads for ever
    place where;
    std::vector<place> callers;
    bool timed = false;  // blocked, but for `nanoseconds` at most
    std::int64_t nanoseconds = -1;
};

// Who holds a lock word when the execution stops.
struct holding {
    int object = none;
    int thread = none;
    unsigned step = 0;  // of the acquisition; its event has the place
};

// What stopped the execution, before anybody explains it. The verdicts themselves are those of
// `heddle::verdict`; here they are kept apart so that `trace` stays below everything.
enum class stop : std::uint8_t {
    completed,
    assertion,
    exception,
    data_race,
    deadlock,  // a cycle of owned things, an exited owner, or nothing can run
    lost_notification,
    livelock,
    misuse,
    step_limit,
    nondeterminism,
    crash,         // the process was about to die; `death` says of what
    endless_loop,  // no step for so long that there will be none
    leak,          // blocks of the heap are left, and all threads have ended
    starvation,    // the steps from `cycle_from` on repeat for ever, and a thread gets nowhere
};

std::string_view name_of(stop value) noexcept;

// Misuse of a modelled type; the text of each stands in the checker for misuse.
enum class misuse_kind : std::uint8_t {
    not_misuse,
    unlock_not_owner,     // unlock by a thread that does not hold it (or nobody does)
    relock_by_owner_try,  // try_lock by the owner of a non-recursive mutex
    mutex_destroyed_held,
    mutex_destroyed_waited_on,
    wait_without_lock,  // condition variable wait on a lock that is not held by the caller
    wait_two_mutexes,   // concurrent waits with different mutexes
    condition_variable_destroyed_waited_on,
    join_self,
    join_not_joinable,  // joined or detached before, or never started
    detach_not_joinable,
    thread_destroyed_joinable,  // neither joined nor detached
    invalid_memory_order,       // e.g. load with release
    outside_execution,  // a modelled object used where no execution runs, or built outside it
    too_many_threads,
    choose_zero,
    recursion_limit,
    body_left_threads,      // the body returned while threads it did not detach still run
    violated_precondition,  // of a primitive; the message of the execution says which
};

std::string_view name_of(misuse_kind value) noexcept;

// What the process dies of.
enum class death : std::uint8_t {
    unknown,
    segmentation_fault,
    null_access,
    stack_overflow,
    bus_error,
    arithmetic_error,
    illegal_instruction,
    aborted,
    terminated,  // std::terminate, which aborts
    exited,
    signalled,  // by another signal that it raised: the message of the execution names it
    sanitized,  // ended by a sanitizer, after its own report
    killed,     // by a signal from outside; known of a forked child only
};

std::string_view name_of(death value) noexcept;

// What comes after the name of the thread in a headline: "overflows its stack (SIGSEGV)".
constexpr std::string_view phrase_of(death d) noexcept {
    switch (d) {
        case death::unknown: return "dies";
        case death::segmentation_fault: return "accesses memory that is not its own (SIGSEGV)";
        case death::null_access: return "follows a null pointer (SIGSEGV)";
        case death::stack_overflow: return "overflows its stack (SIGSEGV)";
        case death::bus_error: return "accesses memory that is not there (SIGBUS)";
        case death::arithmetic_error: return "performs a division without a result (SIGFPE)";
        case death::illegal_instruction: return "runs into an illegal instruction (SIGILL)";
        case death::aborted: return "calls abort (SIGABRT)";
        case death::terminated: return "ends in std::terminate (SIGABRT)";
        case death::exited: return "ends the process by exit";
        case death::signalled: return "raises a signal that ends the process";
        case death::sanitized: return "is stopped by a sanitizer, whose report stands above";
        case death::killed: return "is killed from outside";
    }
    return "dies";
}

// A block that was allocated in the execution and is alive at its end.
struct leaked_block {
    std::uint64_t bytes = 0;
    int thread = none;
    unsigned step = 0;  // the last of its thread before; 0: none
    place where;
    std::vector<place> callers;
};

// One side of a data race that ThreadSanitizer saw, on memory that is no `var`: no step.
struct unwatched_access {
    bool writes = false;
    unsigned bytes = 0;
    int thread = none;
    place where;
    std::vector<place> callers;
};

struct execution_trace {
    std::vector<thread_record> threads;
    std::vector<object_record> objects;
    std::vector<event> events;
    std::vector<thread_end> ends;   // one per thread
    std::vector<holding> holdings;  // lock words held at the end

    stop why = stop::completed;
    int thread = none;        // the thread whose step stopped the execution
    unsigned step = 0;        // that step; 0: none
    unsigned cycle_from = 0;  // starvation: the steps from this one on repeat for ever
    unsigned other_step = 0;  // data race: the earlier access; misuse: the step that made it wrong
    int object = none;
    misuse_kind misuse = misuse_kind::not_misuse;
    trace::death how_it_died = trace::death::unknown;  // crash
    std::vector<int>
        cycle;  // deadlock: threads of the wait-for cycle, in order; empty: all are stuck
    bool owner_exited = false;  // deadlock: the owner of `object` has exited
    int passing_waiter = none;  // lost notification: the waiter that would have gone on
    // What it would have done: the reads that let it pass, then the operation that shows that it
    // went on (without values, and not performed). These are no steps of the execution.
    std::vector<event> if_woken;
    std::vector<leaked_block> leaked;         // in order of allocation
    std::vector<unwatched_access> unwatched;  // the earlier, the later; empty: no such race
    std::string message;                      // assertion or exception text
    bool heddle_at_fault = false;  // nondeterminism: the search repeats it, no replay does
    place where;                   // of an assertion, exception, misuse, crash or endless loop
    std::string memory_model = "cpp20";
    unsigned step_limit = 0;
};

// The event of a step, or nullptr if the trace has no such step.
inline const event* event_at(const execution_trace& trace, unsigned step) {
    if (step >= 1 && step <= trace.events.size() && trace.events[step - 1].step == step)
        return &trace.events[step - 1];
    for (const event& e : trace.events)
        if (e.step == step && step != 0) return &e;
    return nullptr;
}

}  // namespace heddle::trace
