#include "linearise.hpp"

#include <algorithm>

namespace heddle::scheduler {
namespace {

// Whether a thread that waits in `op` found that in a step of its own; to the other waits it comes
// in the step before, as it comes to its first operation in the step in which it starts.
bool waits_by_a_step(operation op) {
    return (op >= operation::await_equal && op <= operation::lock) || op == operation::lock_all;
}

// What a thread waits in; `load`, which waits for nothing, if it does not.
operation waiting_in(const modelled_thread& t) {
    return t.state == run_state::blocked ? t.pending.op : operation::load;
}

class interleaving {
public:
    explicit interleaving(const engine& e)
        : engine_(e), graph_(*e.graph_), done_(e.threads_.size(), 0) {
        started_.assign(e.threads_.size(), false);
        begun_.assign(e.threads_.size(), false);
        attempted_.assign(e.threads_.size(), ~0U);
        started_[0] = true;
        for (event_index i = 0; i < graph_.size; ++i)
            if (graph_[i].kind == barrier_event && executed(i)) barriers_.push_back(i);
    }

    std::optional<std::vector<std::uint8_t>> run() {
        step(0);
        unsigned current = 0;
        for (;;) {
            if (step(current)) continue;
            bool found = false;
            for (unsigned s = 0; s < engine_.thread_slots_ && !found; ++s)
                if (s != current && step(s)) {
                    current = s;
                    found = true;
                }
            if (!found) break;
        }
        for (unsigned s = 0; s < engine_.thread_slots_; ++s)
            if (done_[s] < length(s)) return std::nullopt;
        std::uint64_t waiting = 0;
        for (unsigned s = 0; s < engine_.thread_slots_; ++s)
            if (attempted_[s] == length(s)) waiting |= std::uint64_t{1} << s;
        append_attempts(engine_, steps_, waiting);
        return std::move(steps_);
    }

private:
    unsigned length(unsigned s) const { return engine_.threads_[s].position; }
    // Of a thread that stands before its first operation all is said with its attempt.
    bool has_run(unsigned s) const {
        const modelled_thread& t = engine_.threads_[s];
        return t.stack && t.state != run_state::off &&
               (length(s) > 0 || t.state == run_state::exited);
    }
    bool executed(event_index i) const { return graph_[i].index < length(graph_[i].thread); }
    bool emitted(event_index i) const { return graph_[i].index < done_[graph_[i].thread]; }
    const event& next(unsigned s) const { return graph_[graph_.at(s, done_[s])]; }
    bool finished(unsigned s) const {
        return begun_[s] && done_[s] == length(s) && engine_.threads_[s].state == run_state::exited;
    }

    // Operations that are no schedule points follow the step before them at once, unless they must
    // wait.
    static bool is_point(const event& e) {
        return e.kind != spawn_event && e.kind != join_event && e.kind != fence_event &&
               e.kind != choice_event && e.kind != barrier_event && e.op != operation::wait_wake;
    }
    bool may_pass(const event& e) const {
        if (e.kind == join_event) return finished(static_cast<unsigned>(e.operand));
        if (e.op == operation::wait_wake) return emitted(e.reads_from);
        return true;
    }
    void advance(unsigned s) {
        while (done_[s] < length(s) && !is_point(next(s)) && next(s).kind != barrier_event &&
               may_pass(next(s)) && !barred(s)) {
            if (next(s).kind == spawn_event) started_[next(s).operand] = true;
            ++done_[s];
        }
    }

    // All before a barrier comes first, all after it later; a barrier is a step of its own.
    bool barred(unsigned s) const {
        if (next_barrier_ == barriers_.size()) return false;
        const event_index barrier = barriers_[next_barrier_];
        const event_index i = graph_.at(s, done_[s]);
        if (i != barrier) return i > barrier;
        for (unsigned k = 0; k < engine_.thread_slots_; ++k)
            if (k != s && done_[k] < length(k) && graph_.at(k, done_[k]) < barrier) return true;
        return false;
    }

    // Time passes only when nothing can run: whoever is there waits by then.
    void pass_barrier() {
        ++next_barrier_;
        for (unsigned s = 0; s < engine_.thread_slots_; ++s)
            if (started_[s] && !finished(s)) attempt(s);
    }
    void attempt(unsigned s) {
        const bool starts = !begun_[s];
        const operation op = done_[s] < length(s) ? next(s).op : waiting_in(engine_.threads_[s]);
        if (!starts && (!waits_by_a_step(op) || attempted_[s] == done_[s])) return;
        begun_[s] = true;
        attempted_[s] = done_[s];
        steps_.push_back(static_cast<std::uint8_t>(s));
    }

    // Everything that must come first has: the source of a read, older writes, and the readers of
    // those.
    bool enabled(const event& e) const {
        if (e.reads() && e.reads_from >= 0 && !emitted(e.reads_from)) return false;
        if (!e.writes()) return true;
        for (event_index w = e.previous_write;; w = graph_[w].previous_write) {
            if (w != initial && executed(w) && !emitted(w)) return false;
            for (event_index r = w == initial ? graph_.locations[e.object].readers
                                              : graph_[w].first_reader;
                 r != nil; r = graph_[r].next_reader)
                if (&graph_[r] != &e && executed(r) && !emitted(r)) return false;
            if (w == initial) return true;
        }
    }

    bool step(unsigned s) {
        if (!started_[s] || !has_run(s)) return false;
        const bool starts = !begun_[s];
        if (done_[s] == length(s)) {
            if (!starts) return false;
        } else if (const event& e = next(s); !starts || is_point(e) || e.kind == barrier_event) {
            // Its first operation is done in the step in which a thread starts.
            if (barred(s) || (is_point(e) ? !enabled(e) : !may_pass(e))) return false;
            if (e.kind == barrier_event) pass_barrier();
            ++done_[s];
        }
        begun_[s] = true;
        steps_.push_back(static_cast<std::uint8_t>(s));
        advance(s);
        return true;
    }

    const engine& engine_;
    const event_graph& graph_;
    std::vector<unsigned> done_;  // events of each thread that are in the order
    std::vector<bool> started_, begun_;
    std::vector<event_index> barriers_;  // in the order of the log
    std::size_t next_barrier_ = 0;
    std::vector<unsigned> attempted_;  // the event for which a thread has found that it must wait
    std::vector<std::uint8_t> steps_;
};

}  // namespace

void append_attempts(const engine& e, std::vector<std::uint8_t>& slots, std::uint64_t done) {
    constexpr unsigned last = ~0U;
    std::vector<std::pair<unsigned, unsigned>> missing;  // when, slot
    for (unsigned s = 0; s < e.thread_slots_; ++s) {
        const modelled_thread& t = e.threads_[s];
        if (t.state == run_state::off || (done >> s & 1)) continue;
        const unsigned when = t.state == run_state::blocked    ? t.blocked_order
                              : t.state == run_state::runnable ? last
                                                               : last - 1;
        if (std::find(slots.begin(), slots.end(), s) == slots.end()) missing.emplace_back(when, s);
        if (t.position > 0 && waits_by_a_step(waiting_in(t))) missing.emplace_back(when, s);
    }
    std::sort(missing.begin(), missing.end());
    for (const auto& [when, s] : missing) slots.push_back(static_cast<std::uint8_t>(s));
}

std::optional<std::vector<std::uint8_t>> interleaving_of(const engine& e) {
    return interleaving(e).run();
}

}  // namespace heddle::scheduler
