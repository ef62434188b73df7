// The memory models: which writes a read may take, where a write may stand, which graphs are
// consistent.
//
// C++20 ([intro.races], [atomics.order] as changed by P0668 and P0982), RC11 (Lahav, Vafeiadis,
// Kang, Hur, Dreyer, "Repairing Sequential Consistency in C/C++11", PLDI 2017) and sequential
// consistency are one set of rules with a switch. In all of them program order and reads-from
// together are acyclic: load buffering is outside the models.
//
// A read of the newest write and a write placed newest are always consistent: only other choices
// need `consistent_at`.
#pragma once

#include <heddle/scheduler/options.hpp>

#include <memory>
#include <vector>

#include "event_graph.hpp"

namespace heddle::scheduler {

class memory_rules {
public:
    memory_rules(memory_model model, unsigned capacity, bool track_causes);

    memory_model model() const noexcept { return model_; }
    void set_model(memory_model m) noexcept { model_ = m; }
    bool tracks_causes() const noexcept { return track_causes_; }
    void set_track_causes(bool on) noexcept { track_causes_ = on; }
    void set_objects(unsigned count) noexcept { objects_ = count; }
    void set_threads(unsigned count) noexcept { threads_ = count; }  // slots in use

    // Fills the clocks of event i, whose reads_from is set and which is the last of its thread.
    void compute_clocks(event_graph& g, event_index i) const noexcept {
        compute_clocks(g, i, g.program_predecessor(g[i]), g[i].kind, track_causes_);
    }
    // The same with what the caller knows already, as constants of the hot path.
    void compute_clocks(event_graph& g, event_index i, event_index predecessor, unsigned kind,
                        bool track_causes) const noexcept;

    // What is ordered before a new event after `predecessor`, for coherence. In the sc model every
    // reads-from synchronizes, so causes take the place of happens-before, which keeps the declared
    // orders for the race check.
    clock_ref coherence_clock(const event_graph& g, event_index predecessor) const noexcept {
        if (predecessor == nil) return clock_ref{zero_};
        return model_ == memory_model::sc ? g.causes(predecessor) : g.happens_before(predecessor);
    }
    clock_ref causes_of(const event_graph& g, event_index predecessor) const noexcept {
        return predecessor == nil ? clock_ref{zero_} : g.causes(predecessor);
    }
    clock_ref happens_before_of(const event_graph& g, event_index predecessor) const noexcept {
        return predecessor == nil ? clock_ref{zero_} : g.happens_before(predecessor);
    }

    // The writes a new read of `object` may take, newest first; returns how many. `out` holds at
    // least capacity + 1 indices.
    int coherent_writes(const event_graph& g, clock_ref before, unsigned object,
                        event_index* out) const noexcept;
    // True if the walk back from the newest write must stop at `w`: it, or a reader of it, is
    // known.
    static bool is_known(const event_graph& g, clock_ref before, event_index w) noexcept;

    // Whether the read or update i, the last of the log, may read from its source: to be told
    // before it is entered into the graph, where that can be told so early.
    bool judges_early(const event_graph& g) const noexcept {
        return model_ == memory_model::cpp20 && !g.total_order_fences;
    }
    bool admits(const event_graph& g, event_index i) {
        const event& e = g[i];
        return !e.in_total_order() ||
               !precedes_itself_cpp20(g, i, g.next_write(e.reads_from, e.object));
    }
    // Whether the graph is consistent, given that it was without event i, the last of the log.
    bool consistent_at(event_graph& g, event_index i);

    event_index* scratch() noexcept { return scratch_.get(); }

private:
    [[gnu::noinline]] bool consistent_sc(const event_graph& g, event_index start);
    bool consistent_cpp20(const event_graph& g, event_index i);
    [[gnu::noinline]] bool precedes_itself_cpp20(const event_graph& g, event_index last,
                                                 event_index next_write);
    [[gnu::noinline]] bool reaches_itself_cpp20(const event_graph& g, event_index start);
    [[gnu::noinline]] bool consistent_rc11(const event_graph& g);

    memory_model model_;
    bool track_causes_;
    unsigned objects_ = 0, threads_ = 1;
    std::unique_ptr<event_index[]> scratch_, stack_;
    std::unique_ptr<std::uint64_t[]> node_mark_, reader_mark_;  // the search that met an event last
    std::uint64_t mark_ = 0;
    alignas(16) mutable clock_word zero_[max_words] = {};
    // rc11 rebuild
    std::unique_ptr<std::vector<clock_word>> program_order_;
    std::vector<std::uint8_t> scb_, reach_, edges_, gone_;
    std::vector<event_index> nodes_;
    std::vector<std::int32_t> position_;
};

inline bool memory_rules::is_known(const event_graph& g, clock_ref before, event_index w) noexcept {
    const event& x = g[w];
    if (w < g.settled || before.covers(x.thread, x.index)) return true;
    for (event_index r = x.first_reader; r != nil; r = g[r].next_reader)
        if (before.covers(g[r].thread, g[r].index)) return true;
    return false;
}

inline int memory_rules::coherent_writes(const event_graph& g, clock_ref before, unsigned object,
                                         event_index* out) const noexcept {
    int n = 0;
    for (event_index w = g.locations[object].last;; w = g[w].previous_write) {
        out[n++] = w;
        if (w == initial || is_known(g, before, w)) return n;
    }
}

[[gnu::always_inline]] inline void memory_rules::compute_clocks(event_graph& g, event_index i,
                                                                event_index p, unsigned kind,
                                                                bool track_causes) const noexcept {
    event& e = g[i];
    const unsigned words = g.words();
    const bool writes = kind & write_event;
    const unsigned orders = kind == read_event ? e.orders >> 4 : e.orders & 15;
    const bool has_source = kind & read_event && e.reads_from >= 0;
    // All are looked up before any is stored: for all that the compiler knows, storing a word of a
    // clock changes where the others are.
    const clock_ref hb = g.happens_before(i), causes = g.causes(i), message = g.message(i);
    const clock_ref read_message = has_source ? g.message(e.reads_from) : clock_ref{zero_};
    std::uint16_t release_fence = e.index ? g[p].release_fence : std::uint16_t{0};
    hb.begin(happens_before_of(g, p), orders & acquire_bit ? read_message : clock_ref{zero_},
             e.thread, e.index + 1u, words);
    if (track_causes)
        causes.begin(causes_of(g, p), has_source ? g.causes(e.reads_from) : clock_ref{zero_},
                     e.thread, e.index + 1u, words);
    if (kind == join_event) {
        const auto k = static_cast<unsigned>(e.operand);
        const unsigned n = g.count[k];
        if (n) {
            const event_index last = g.at(k, n - 1);
            hb.join(g.happens_before(last), words);
            if (track_causes) causes.join(g.causes(last), words);
        }
        // The end of the thread is po-after its last event: without this, po;hb;po loses the edge
        // from that event to what follows the join.
        hb.raise(k, n + 1);
        if (track_causes) causes.raise(k, n + 1);
    } else if (kind == fence_event) {
        if (orders & acquire_bit)
            for (int k = static_cast<int>(e.index) - 1; k >= 0; --k) {
                const event& x = g[g.at(e.thread, static_cast<unsigned>(k))];
                if (x.reads() && x.reads_from >= 0) hb.join(g.message(x.reads_from), words);
                if (x.kind == fence_event && (x.order_bits() & acquire_bit)) break;
            }
        if (orders & release_bit) release_fence = static_cast<std::uint16_t>(e.index + 1);
    }
    e.release_fence = release_fence;
    if (writes) {
        if (orders & release_bit)
            message.assign(hb, words);
        else if (release_fence)
            message.assign(g.happens_before(g.at(e.thread, release_fence - 1u)), words);
        else
            message.clear(words);
        if (model_ == memory_model::rc11 && !(orders & release_bit))
            // RC11: a thread's own later writes continue the release sequence it headed.
            for (int k = static_cast<int>(e.index) - 1; k >= 0; --k) {
                const event_index j = g.at(e.thread, static_cast<unsigned>(k));
                if (g[j].writes() && g[j].object == e.object && (g[j].order_bits() & release_bit)) {
                    message.join(g.happens_before(j), words);
                    break;
                }
            }
        if (has_source) message.join(read_message, words);
    }
}

}  // namespace heddle::scheduler
