// The event graph of one execution: what every strategy builds and the exhaustive one edits.
//
// Invariants:
//   - The log (`events`, by index) extends program order and reads-from, so clocks only look back
//   and the order of the
//     log is a legal order of execution.
//   - The sequence of a thread has no gaps.
//   - Modification order is a doubly linked list a location; a successful read-modify-write stands
//   directly after the
//     write it reads. Readers of a write form a list, newest first.
//   - Hence undoing is popping the log from its end; there is no undo log.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include <heddle/trace/operation.hpp>

#include "vector_clock.hpp"

namespace heddle::scheduler {

using trace::operation;
using trace::order;

using event_index = std::int32_t;
inline constexpr event_index nil = -1;      // no event
inline constexpr event_index initial = -2;  // the virtual write of an object's initial value

enum event_kind : std::uint8_t {
    read_event = 1,
    write_event = 2,
    update_event = 3,  // a successful read-modify-write: one event, both bits
    fence_event = 4,
    spawn_event = 8,
    join_event = 16,
    marker_event =
        32,  // an await that found its value unsatisfying: in the log, not in its thread's sequence
    choice_event = 64,
    barrier_event = 128,  // a timed wait expired as nothing else could run
};

// Order bits as stored: `order` plus one that only the engine uses, a fence that takes part in the
// total order of seq_cst operations but neither acquires nor releases.
inline constexpr std::uint8_t acquire_bit = 1, release_bit = 2, total_order_bit = 4;

// How a blocking read or a compare-exchange decides whether a value will do.
using value_predicate = bool (*)(std::uint64_t, const std::uint64_t (&)[2]);

struct event {
    std::uint64_t value;       // after (writes); await_predicate: the function
    std::uint64_t read_value;  // before (reads)
    std::uint64_t operand;     // await_predicate: first half of its state
    std::uint64_t expected;    // await_predicate: second half
    event_index reads_from;
    event_index previous_write, next_write;  // modification order; barrier: the one before
    event_index first_reader, next_reader;
    std::uint16_t object;
    std::uint16_t index;          // in its thread
    std::uint16_t release_fence;  // 1 + index of the last release fence before it, 0: none
    std::uint8_t thread;
    std::uint8_t kind;
    operation op;
    std::uint8_t orders;  // success in the low half, failure in the high half
    bool spurious;
    // Kept by the exhaustive strategy.
    bool maximal : 1;  // added reading or placed newest, so a revisit may delete it
    bool revisited : 1;

    bool reads() const noexcept { return kind & read_event; }
    bool writes() const noexcept { return kind & write_event; }
    bool accesses() const noexcept { return kind & update_event; }
    // Whether others could read another value after it. An update that writes back what it read, as
    // `while (flag.test_and_set());` does in each round but the last, is no progress.
    bool changes() const noexcept {
        return kind == write_event || (kind == update_event && value != read_value);
    }
    // The order in force: a failed compare-exchange is a read with the failure order.
    std::uint8_t order_bits() const noexcept {
        return kind == read_event || kind == marker_event ? orders >> 4 : orders & 15;
    }
    bool in_total_order() const noexcept { return (order_bits() & total_order_bit) && (kind & 7); }
};
static_assert(sizeof(event) == 64);

struct location {
    event_index first = nil;     // oldest write
    event_index last = initial;  // newest write
    event_index readers = nil;   // of the initial value
};

// Creation event of a thread as thread << 16 | index: log positions differ between graphs, these do
// not.
using event_name = std::uint32_t;
inline constexpr event_name no_event_name = 0xffff'ffff;

class event_graph {
public:
    event_graph(unsigned capacity, unsigned objects, unsigned clock_words);
    ~event_graph();
    event_graph(const event_graph&) = delete;
    event_graph& operator=(const event_graph&) = delete;

    event_index size = 0;
    unsigned total_order_events = 0, total_order_fences = 0, markers = 0;
    // The last expiry for want of anything else to run, or 0: time has passed, so that whatever
    // comes after it knows every write before it. Nothing before it is ever revisited from after.
    event_index settled = 0;
    std::uint64_t total_order_threads = 0;  // those that had seq_cst events, undone ones included
    std::uint16_t count[max_threads] = {};  // events of each thread
    event_name created_by[max_threads];
    event* events;
    location* locations;

    event& operator[](event_index i) noexcept { return events[i]; }
    const event& operator[](event_index i) const noexcept { return events[i]; }

    event_index& at(unsigned thread, unsigned index) noexcept { return sequences_[thread][index]; }
    event_index at(unsigned thread, unsigned index) const noexcept {
        return sequences_[thread][index];
    }
    event_index named(event_name n) const noexcept {
        return n == no_event_name ? nil : at(n >> 16, n & 0xffff);
    }

    unsigned words() const noexcept { return words_; }
    unsigned capacity() const noexcept { return capacity_; }
    // What happens before an event, itself included.
    clock_ref happens_before(event_index i) const noexcept { return clock(i, 0); }
    // What a reader of this write that acquires learns.
    clock_ref message(event_index i) const noexcept { return clock(i, 1); }
    // What precedes an event in program order and reads-from, itself included.
    clock_ref causes(event_index i) const noexcept { return clock(i, 2); }

    // Takes over the clocks of `n` events of a graph as wide as this one, from its `first` on.
    void copy_clocks(event_index to, const event_graph& from, event_index first,
                     event_index n) noexcept {
        std::memcpy(clocks_[0] + clocks_before(to), from.clocks_[0] + clocks_before(first),
                    clocks_before(n));
    }

    event_index next_write(event_index w, unsigned object) const noexcept {
        return w == initial ? locations[object].first : events[w].next_write;
    }
    event_index& first_reader(event_index w, unsigned object) noexcept {
        return w == initial ? locations[object].readers : events[w].first_reader;
    }
    // The event before `e` in program order; the creation event before the first of a thread; nil
    // for main's first.
    event_index program_predecessor(const event& e) const noexcept {
        return e.index ? at(e.thread, e.index - 1u) : named(created_by[e.thread]);
    }

    void insert_write(event_index e, event_index after) noexcept;
    void remove_write(event_index e) noexcept;
    void add_reader(event_index r, event_index w) noexcept {
        event& x = events[r];
        x.reads_from = w;
        event_index& head = first_reader(w, x.object);
        x.next_reader = head;
        head = r;
    }
    void remove_reader(event_index r) noexcept;
    void pop() noexcept;  // undoes the last event
    void truncate(event_index new_size) noexcept {
        while (size > new_size) pop();
    }
    // Empties the graph; `objects` locations and `threads` threads were in use.
    void clear(unsigned objects, unsigned threads) noexcept;
    // A thread that was not in use comes into use.
    void forget_thread(unsigned thread) noexcept {
        count[thread] = 0;
        created_by[thread] = no_event_name;
    }

private:
    clock_ref clock(event_index i, unsigned which) const noexcept {
        return clock_ref{reinterpret_cast<clock_word*>(clocks_[which] + clocks_before(i))};
    }
    // Bytes of the clocks of the first `n` events. Each has room for a fourth: shifts are cheap.
    std::size_t clocks_before(event_index n) const noexcept {
        return static_cast<std::size_t>(n) << clocks_shift_;
    }

    std::byte* clocks_[3];  // of each kind, of the first event
    unsigned clocks_shift_;
    event_index* sequences_[max_threads];
    unsigned capacity_;
    unsigned words_;
    void* memory_;
    std::size_t bytes_;
};

inline void event_graph::insert_write(event_index e, event_index after) noexcept {
    event& x = events[e];
    location& l = locations[x.object];
    const event_index next = after == initial ? l.first : events[after].next_write;
    x.previous_write = after;
    x.next_write = next;
    (after == initial ? l.first : events[after].next_write) = e;
    (next == nil ? l.last : events[next].previous_write) = e;
}

inline void event_graph::remove_write(event_index e) noexcept {
    const event& x = events[e];
    location& l = locations[x.object];
    (x.previous_write == initial ? l.first : events[x.previous_write].next_write) = x.next_write;
    (x.next_write == nil ? l.last : events[x.next_write].previous_write) = x.previous_write;
}

inline void event_graph::remove_reader(event_index r) noexcept {
    const event& x = events[r];
    event_index* link = &first_reader(x.reads_from, x.object);
    while (*link != r) link = &events[*link].next_reader;
    *link = x.next_reader;
}

inline void event_graph::pop() noexcept {
    const event_index i = --size;
    const event& x = events[i];
    if (x.kind == marker_event) {
        --markers;
        return;
    }
    --count[x.thread];
    if (x.writes()) remove_write(i);
    if (x.reads()) remove_reader(i);
    if (x.kind == barrier_event) settled = x.previous_write;
    if (x.in_total_order()) {
        --total_order_events;
        if (x.kind == fence_event) --total_order_fences;
    }
}

}  // namespace heddle::scheduler
