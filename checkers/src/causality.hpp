// Happens-before of a recorded execution, and what nearly made an edge of it.
//
// Rebuilt from the trace alone: program order, start and join of threads, locks, release and
// acquire with fences and release sequences as C++20 has them ([intro.races], [atomics.order],
// [atomics.fences]). The engine decides; this explains what it has decided.
#pragma once

#include <optional>
#include <vector>

#include <heddle/trace/execution_trace.hpp>

namespace heddle::checkers {

// A read that got its value from a thread and still does not know what that thread had done.
struct near_miss {
    const trace::event* read = nullptr;
    const trace::event* write = nullptr;  // the write of that thread whose value reached the read
    bool write_releases = false;          // itself, or by a fence before it
    bool read_acquires = false;           // itself, or by a fence after it
    // A fence of the right kind on the wrong side: before the earlier access, before the read.
    const trace::event* early_release_fence = nullptr;
    const trace::event* early_acquire_fence = nullptr;
};

class causality {
public:
    explicit causality(const trace::execution_trace& trace);

    // Whether the event of step `a` happens before that of step `b`.
    bool happens_before(unsigned a, unsigned b) const;

    // The last step of a thread that happens before `step`; 0: none.
    unsigned last_known(unsigned step, int thread) const;

    // The latest read before `later` that would order `earlier` before it, had it and the write it
    // reads from synchronized. Nothing if no value went from the one to the other.
    std::optional<near_miss> nearest_miss(unsigned earlier, unsigned later) const;

private:
    // For each thread, the last step of it that is known; 0: none.
    using clock = std::vector<unsigned>;

    const trace::execution_trace& trace_;
    std::vector<clock> clocks_;    // of each event, itself included
    std::vector<clock> messages_;  // of each write: what a read that acquires it learns

    const trace::event& event(unsigned step) const { return trace_.events[step - 1]; }
    bool knows(unsigned step, unsigned earlier) const;
    const trace::event* source(const trace::event& read) const;
};

}  // namespace heddle::checkers
