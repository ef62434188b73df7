// The operations: replayed where the graph has them, else added to it.
#include <bit>

#include "engine.hpp"
#include "recorder.hpp"

namespace heddle::scheduler {

bool engine::satisfies(operation op, std::uint64_t value, std::uint64_t operand,
                       std::uint64_t expected, std::uint64_t v) noexcept {
    switch (op) {
        case operation::lock:
        case operation::lock_all:
        case operation::timed_lock: return v == 0;
        case operation::await_equal:
        case operation::await_compare_exchange: return v == expected;
        case operation::await_not_equal: return v != expected;
        case operation::await_predicate: {
            const std::uint64_t state[2] = {operand, expected};
            return std::bit_cast<value_predicate>(value)(v, state);
        }
        default: return true;
    }
}

bool engine::would_write(const event& e, event_index w, std::uint64_t v) const noexcept {
    switch (e.op) {
        case operation::load:
        case operation::await_equal:
        case operation::await_not_equal:
        case operation::await_predicate:
        case operation::wait_wake: return false;
        case operation::compare_exchange_strong:
        case operation::compare_exchange_weak: return v == e.expected;
        case operation::try_lock:
        case operation::timed_try_lock: return v == 0;
        case operation::wait_timed: return (v & ~e.operand) != 0;
        case operation::notify_one:
        case operation::notify_all: return v && eligible_waiters(e, w);
        case operation::lock:
        case operation::lock_all:
        case operation::timed_lock:
        case operation::await_compare_exchange: return satisfies(e, v);
        default: return true;
    }
}

std::uint64_t engine::applied(const event& e, event_index w, std::uint64_t v) const noexcept {
    const std::uint64_t mask = objects_[e.object].mask;
    switch (e.op) {
        case operation::fetch_add: return (v + e.operand) & mask;
        case operation::fetch_sub: return (v - e.operand) & mask;
        case operation::fetch_or:
        case operation::wait_enqueue: return v | e.operand;
        case operation::fetch_and:
        case operation::wait_spurious:
        case operation::wait_timed: return v & e.operand;
        case operation::fetch_xor: return v ^ e.operand;
        case operation::fetch_add_float:
            return std::bit_cast<std::uint32_t>(
                std::bit_cast<float>(static_cast<std::uint32_t>(v)) +
                std::bit_cast<float>(static_cast<std::uint32_t>(e.operand)));
        case operation::fetch_add_double:
            return std::bit_cast<std::uint64_t>(std::bit_cast<double>(v) +
                                                std::bit_cast<double>(e.operand));
        case operation::notify_one: {
            const std::uint64_t eligible = eligible_waiters(e, w);
            return v & ~(eligible & -eligible);
        }
        case operation::notify_all: return v & ~eligible_waiters(e, w);
        default: return e.operand;
    }
}

void engine::set_read(event& e, bool spurious) noexcept {
    const std::uint64_t v = value_of(e.reads_from, e.object);
    e.read_value = v;
    e.spurious = spurious;
    if (!spurious && would_write(e, e.reads_from, v)) {
        e.kind = update_event;
        e.value = applied(e, e.reads_from, v);
    } else {
        e.kind = read_event;
    }
}

// A value may be an address of this execution: what a recorded read returns is what its source
// writes in this run. False if the read, so seen, is another event.
bool engine::refresh_read(event& e, std::uint64_t operand, std::uint64_t expected) noexcept {
    if (e.operand == operand && e.expected == expected &&
        e.read_value == value_of(e.reads_from, e.object)) [[likely]]
        return true;
    if (objects_[e.object].kind != object_kind::atomic) return true;
    e.operand = operand;
    e.expected = expected;
    const std::uint8_t kind = e.kind;
    set_read(e, e.spurious);
    return e.kind == kind;
}

// Another update that reads from w: atomicity allows only one.
event_index engine::conflicting_update(event_index w, unsigned object,
                                       event_index except) const noexcept {
    event_index next = graph_->next_write(w, object);
    if (next != nil && next == except) next = (*graph_)[next].next_write;
    return next != nil && (*graph_)[next].kind == update_event && (*graph_)[next].reads_from == w
               ? next
               : nil;
}

template <path P>
event_index engine::new_event(modelled_thread& t) {
    event_graph& g = *graph_;
    const event_index i = g.size;
    if (static_cast<unsigned>(i) >= event_alarm_) [[unlikely]]
        look_at_length();
    ++g.size;
    event& e = g[i];
    e.thread = static_cast<std::uint8_t>(t.slot);
    e.index = t.position;
    e.first_reader = nil;
    e.spurious = false;
    if (P != path::sampling) {
        e.maximal = true;
        e.revisited = false;
    }
    g.at(t.slot, t.position) = i;
    g.count[t.slot] = ++t.position;
    added_after_ = t.last;
    t.last = i;
    return i;
}
template event_index engine::new_event<path::general>(modelled_thread& t);

event& engine::replay_event(modelled_thread& t) {
    const event_index i = graph_->at(t.slot, t.position);
    event& e = (*graph_)[i];
    if (e.reads() && !source_ran(e.reads_from)) wait_for_source(e.reads_from);
    ++t.position;
    return e;
}

void engine::update_holder(const event& e) {
    if (e.kind == update_event)
        objects_[e.object].holder = e.thread;
    else if (e.op == operation::unlock)
        objects_[e.object].holder = -1;
}

namespace {

bool concerns_lock(operation op) noexcept {
    return (op >= operation::lock && op <= operation::unlock) || op == operation::lock_all ||
           op == operation::timed_try_lock;
}

}  // namespace

void engine::after_write(unsigned object) {
    last_progress_ = steps_;
    yielded_ = 0;
    if (blocked_ | spinning_) wake_waiters(object);
}

// A lock was taken: who was woken for it and has not run since waits on, without a step for finding
// that out.
void engine::after_lock(unsigned object) {
    last_progress_ = steps_;
    yielded_ = 0;
    for (std::uint64_t m = woken_; m; m &= m - 1) {
        modelled_thread& t = threads_[static_cast<unsigned>(__builtin_ctzll(m))];
        if (t.pending.object != object) continue;
        const std::uint64_t bit = std::uint64_t{1} << t.slot;
        woken_ &= ~bit;
        ready_ &= ~bit;
        blocked_ |= bit;
        t.state = run_state::blocked;
    }
}

// Fairness of the samplers: a thread that reads the same value of the same object at the same line
// again and again, or only ever reads, gives way to the others until somebody writes.
void engine::note_spin(modelled_thread& t, object_id object, std::uint64_t value, unsigned line) {
    const bool same =
        object == t.last_read_object && value == t.last_read_value && line == t.last_read_line;
    t.last_read_object = object;
    t.last_read_value = value;
    t.last_read_line = line;
    ++t.repeated_reads;
    if (!same && t.repeated_reads < 64) {
        if (t.repeated_reads >= 4) t.repeated_reads = 0;
        return;
    }
    if (t.repeated_reads >= 4) yielded_ |= std::uint64_t{1} << t.slot;
}

// So many reads without a write look like a loop: the search begins again, now comparing machine
// states at each read.
inline void engine::suspect_spin(const modelled_thread& t) {
    if (static_cast<unsigned>(t.position - t.last_write) < suspicious_repeats || watch_spins_)
        [[likely]]
        return;
    if (!learns_) return;
    watch_spins_ = true;
    leave(ending::restart);
}

template <path P, bool Point>
std::uint64_t engine::read_on(object_id object, operation op, std::uint8_t orders,
                              std::uint64_t operand, std::uint64_t expected, site where,
                              bool* wrote) {
    modelled_thread& t = *current_;
    const bool waited = Point && watches_on<P>() && before_look(op, object, where);
    if (replaying_on<P>(t)) {
        event& e = replay_event(t);
        if (e.object != object || e.op != op) [[unlikely]]
            depart(e, op, object, where);
        if (!refresh_read(e, operand, expected)) [[unlikely]]
            depart(e, op, object, where);
        count_step<P>(t);
        if (e.changes()) {
            t.last_write = t.position;
            if (watches_on<P>()) t.visits.clear();
            if (concerns_lock(op)) update_holder(e);
        } else {
            suspect_spin(t);
            if (watches_on<P>() && e.spurious) t.visits.clear();
        }
        if (watches_on<P>()) note_look(graph_->at(t.slot, t.position - 1u), where);
        if (wrote) *wrote = e.kind == update_event;
        return e.read_value;
    }
    if (Point && !waited) point<P>();
    if (Point && P == path::general && !waited) go_on_as_scheduled();
    if (autopsy_on<P>()) [[unlikely]]
        autopsy_step(op, object, where);
    const event_index i = new_event<P>(t);
    event& e = (*graph_)[i];
    e.op = op;
    e.orders = orders;
    e.operand = operand;
    e.expected = expected;
    e.object = static_cast<std::uint16_t>(object);
    e.kind = read_event;
    add_read<P>(i);
    if (P != path::sampling && !source_ran(e.reads_from)) wait_for_source(e.reads_from);
    count_step<P>(t);
    if (e.changes()) {
        t.last_write = t.position;
        t.repeated_reads = 0;
        if (watches_on<P>()) t.visits.clear();
        if (concerns_lock(op)) update_holder(e);
    } else if (mode_on<P>() == mode::random || mode_on<P>() == mode::pct) {
        note_spin(t, object, e.read_value, where.line);
    } else {
        suspect_spin(t);
        // A failure without a cause is no value that was read: the next attempt may succeed.
        if (watches_on<P>() && e.spurious) t.visits.clear();
    }
    if (recorder_on<P>()) recorder_->accessed(*this, i, where);
    if (watches_on<P>()) note_look(i, where);
    if (wrote) *wrote = e.kind == update_event;
    return e.read_value;
}
template std::uint64_t engine::read_on<path::general, true>(object_id, operation, std::uint8_t,
                                                            std::uint64_t, std::uint64_t, site,
                                                            bool*);
template std::uint64_t engine::read_on<path::general, false>(object_id, operation, std::uint8_t,
                                                             std::uint64_t, std::uint64_t, site,
                                                             bool*);

// What `add_read_forward` does for the most frequent operation in the most frequent mode.
[[gnu::always_inline]] inline void engine::sample_load(event_index i, const event_index* candidates,
                                                       std::uint32_t n) {
    event& e = (*graph_)[i];
    std::uint32_t taken = 0;
    std::uint64_t refused = 0;  // of the first 64
    // Rejection keeps the choice uniform among the consistent ones. The newest write always is.
    for (;;) {
        if (n > 1) taken = random_.below(n);
        e.reads_from = candidates[taken];
        if (taken == 0) break;
        const std::uint64_t bit = taken < 64 ? std::uint64_t{1} << taken : 0;
        if (!(refused & bit) && rules_.admits(*graph_, i)) break;
        refused |= bit;
    }
    e.read_value = value_of(e.reads_from, e.object);
    note_choice(taken);
    link<path::sampling>(i, read_event);
}

// Adds the read or update i, whose operation and object are set, to the graph.
template <path P>
void engine::add_read(event_index i) {
    event& e = (*graph_)[i];
    const event_index p = predecessor<P>(e);
    event_index* const candidates = rules_.scratch();
    // Those older than one that the load must not miss are none.
    const auto cut = [&](int n) {
        if (watches_on<P>()) n = looks_at(i, candidates, n);
        if (P == path::general && e.op == operation::load)
            for (int k = 0; k < n - 1; ++k)
                if (candidates[k] != initial && is_floor(candidates[k], i)) return k + 1;
        return n;
    };
    if (mode_on<P>() == mode::exhaustive) {
        const int n = cut(rules_.coherent_writes(*graph_, rules_.coherence_clock(*graph_, p),
                                                 e.object, candidates));
        if (watches_on<P>() && repeats_in_trial(i, candidates, n)) return;
        add_read_exhaustive(i, p, candidates, n);
        return;
    }
    int n = 1;
    if (autopsy_on<P>() || interleaving_only<P>())
        candidates[0] = newest(e.object);
    else  // in the sc model too: forward modes track no causes
        n = cut(rules_.coherent_writes(*graph_, rules_.happens_before_of(*graph_, p), e.object,
                                       candidates));
    if (watches_on<P>() && repeats_in_trial(i, candidates, n)) return;
    if (P == path::sampling && e.op == operation::load && rules_.judges_early(*graph_))
        sample_load(i, candidates, static_cast<std::uint32_t>(n));
    else
        add_read_forward<P>(i, candidates, n);
}
template void engine::add_read<path::general>(event_index i);

void engine::add_read_exhaustive(event_index i, event_index p, const event_index* candidates,
                                 int n) {
    event_graph& g = *graph_;
    event& e = g[i];
    if (n > 1) {
        const clock_ref causes = rules_.causes_of(g, p);
        for (int k = n - 1; k >= 1; --k) {
            const std::uint64_t v = value_of(candidates[k], e.object);
            if (is_blocking(e.op) && !satisfies(e, v)) continue;
            if (e.op == operation::compare_exchange_weak && v == e.expected)
                push(work_item::spurious, i, candidates[k]);
            if (would_write(e, candidates[k], v)) {
                const event_index u = conflicting_update(candidates[k], e.object, nil);
                if (u != nil && causes.covers(g[u].thread, g[u].index)) continue;
            }
            push(work_item::forward, i, candidates[k]);
        }
    }
    e.reads_from = candidates[0];
    set_read(e);
    link(i);
    if (e.kind != update_event) return;
    if (e.op == operation::compare_exchange_weak) push(work_item::spurious, i, candidates[0]);
    g.insert_write(i, e.reads_from);
    push_waiter_choices(i, work_item::waiter);
    revisits(i, i);
    if (is_lock(e.op))
        after_lock(e.object);
    else if (e.changes())
        after_write(e.object);
}

template <path P>
void engine::write_on(object_id object, operation op, std::uint64_t value, std::uint8_t orders,
                      site where) {
    modelled_thread& t = *current_;
    if (watches_on<P>()) note_deed(op, object, where);
    if (replaying_on<P>(t)) {
        event& e = (*graph_)[graph_->at(t.slot, t.position)];
        if (e.object != object || e.op != op) [[unlikely]]
            depart(e, op, object, where);
        e.value = value & objects_[object].mask;
        t.last_write = ++t.position;
        if (watches_on<P>()) t.visits.clear();
        count_step<P>(t);
        if (op == operation::unlock) update_holder(e);
        return;
    }
    point<P>();
    if (autopsy_on<P>()) [[unlikely]]
        autopsy_step(op, object, where);
    event_graph& g = *graph_;
    const event_index i = new_event<P>(t);
    event& e = g[i];
    e.op = op;
    e.kind = write_event;
    e.orders = orders;
    e.value = value & objects_[object].mask;
    e.object = static_cast<std::uint16_t>(object);
    link<P>(i, write_event);
    const unsigned choices_before = choice_ordinal_;
    g.insert_write(i, place_of<P>(i));
    // A strategy that only interleaves cannot tell whether a replay has a choice of places here.
    if (rules_.model() == memory_model::sc) choice_ordinal_ = choices_before + 1;
    if (mode_on<P>() == mode::exhaustive) revisits(i, i);
    after_write(object);
    t.last_write = t.position;
    t.repeated_reads = 0;
    if (watches_on<P>()) t.visits.clear();
    count_step<P>(t);
    if (op == operation::unlock) objects_[object].holder = -1;
    if (recorder_on<P>()) recorder_->accessed(*this, i, where);
}

template <path P, bool Lock>
std::uint64_t engine::blocking_read(object_id object, operation op, std::uint8_t orders,
                                    std::uint64_t value, std::uint64_t operand,
                                    std::uint64_t expected, site where, bool with_point) {
    modelled_thread& t = *current_;
    const auto replayed = [&] {
        event& e = replay_event(t);
        if (e.object != object || e.op != op) [[unlikely]]
            depart(e, op, object, where);
        if (e.kind == read_event) e.read_value = value_of(e.reads_from, e.object);
        count_step<P>(t);
        if (e.writes()) {
            t.last_write = t.position;
            if (watches_on<P>()) t.visits.clear();
        }
        if (Lock) update_holder(e);
        if (Lock && watches_on<P>()) note_look(graph_->at(t.slot, t.position - 1u), where);
        return e.read_value;
    };
    // One of several locks is not where the thread looks: that is before the first.
    const bool looks_here = Lock && op != operation::lock_all;
    const bool waited = looks_here && watches_on<P>() && before_look(op, object, where);
    if (replaying_on<P>(t)) return replayed();
    if (with_point && !waited) point<P>();
    if (looks_here && P == path::general && !waited) go_on_as_scheduled();
    if (autopsy_on<P>()) [[unlikely]]
        autopsy_step(op, object, where);
    bool proceed_stale = false;
    for (;;) {
        const bool awaits = !Lock && is_await(op);
        const std::uint64_t v = value_of(newest(object), object);
        const bool satisfied = Lock ? v == 0 : satisfies(op, value, operand, expected, v);
        // In a trial it goes on from here: nothing of that is revisited.
        const bool to_revisit =
            mode_on<P>() == mode::exhaustive && awaits && !(watches_on<P>() && trial_.slot >= 0);
        if (satisfied && !(to_revisit && has_marker(t))) break;
        event& proto = t.pending;
        proto.op = op;
        proto.orders = orders;
        proto.value = value;
        proto.operand = operand;
        proto.expected = expected;
        proto.object = static_cast<std::uint16_t>(object);
        if (mode_on<P>() == mode::exhaustive) {
            if (to_revisit && !has_marker(t)) push_marker(t, proto);
        } else if (awaits && mode_on<P>() != mode::random && mode_on<P>() != mode::pct) {
            if (mode_ == mode::guided) {
                proceed_stale = guide_->count[t.slot] > t.position;
                note_choice(proceed_stale);
            } else if (await_possible(t, proto)) {
                proceed_stale = choose(2) == 1;
                note_choice(proceed_stale);
            }
            if (proceed_stale) break;
        }
        t.blocked_at = where;
        block(t);
        if (replaying_on<P>(t)) return replayed();
    }
    const event_index i = new_event<P>(t);
    event& e = (*graph_)[i];
    e.op = op;
    e.orders = orders;
    e.value = value;
    e.operand = operand;
    e.expected = expected;
    e.object = static_cast<std::uint16_t>(object);
    e.kind = read_event;
    if (Lock && mode_on<P>() != mode::exhaustive) {
        // An older free write of a lock word has let somebody in already.
        e.reads_from = newest(object);
        e.read_value = 0;
        e.kind = update_event;
        e.value = operand;
        ++choice_ordinal_;
        link<P>(i, update_event);
        graph_->insert_write(i, e.reads_from);
        after_lock(object);
    } else {
        add_read<P>(i);
        if (!source_ran(e.reads_from)) wait_for_source(e.reads_from);
    }
    count_step<P>(t);
    if (e.kind == update_event) {
        t.last_write = t.position;
        t.repeated_reads = 0;
        if (watches_on<P>()) t.visits.clear();
    }
    if (Lock) update_holder(e);
    if (recorder_on<P>()) recorder_->accessed(*this, i, where);
    if (Lock && watches_on<P>()) note_look(i, where);
    return e.read_value;
}

std::uint64_t engine::read(object_id object, operation op, std::uint8_t orders,
                           std::uint64_t operand, std::uint64_t expected, site where, bool* wrote) {
    return on_path([]<path P>(engine& e, auto... a) { return e.read_on<P>(a...); }, object, op,
                   orders, operand, expected, where, wrote);
}

void engine::write(object_id object, operation op, std::uint64_t value, std::uint8_t orders,
                   site where) {
    on_path([]<path P>(engine& e, auto... a) { e.write_on<P>(a...); }, object, op, value, orders,
            where);
}

void engine::lock(object_id object, operation op, bool with_point, site where) {
    // Whether it is a further one of a multi-lock, for who looks at the event.
    const std::uint64_t further = op == operation::lock_all && with_point;
    constexpr std::uint8_t orders = acquire_bit | acquire_bit << 4;
    on_path([]<path P>(engine& e, auto... a) { e.blocking_read<P, true>(a...); }, object, op,
            orders, 0, 1, further, where, with_point);
}

std::uint64_t engine::await(object_id object, operation op, std::uint8_t orders,
                            std::uint64_t value, std::uint64_t operand, std::uint64_t expected,
                            site where) {
    return on_path([]<path P>(engine& e, auto... a) { return e.blocking_read<P, false>(a...); },
                   object, op, orders, value, operand, expected, where, true);
}

void engine::fence(std::uint8_t orders, site where) {
    modelled_thread& t = *current_;
    if (watch_spins_) note_deed(operation::fence, 0, where);
    if (replaying(t)) {
        ++t.position;
        return;
    }
    if (autopsy_) return;
    const event_index i = new_event(t);
    event& e = (*graph_)[i];
    e.kind = fence_event;
    e.op = operation::fence;
    e.orders = orders;
    e.object = 0;
    link(i);
    if (e.in_total_order()) ++graph_->total_order_fences;
    if (recorder_) recorder_->other(*this, operation::fence, no_object, -1, orders, where);
}

std::uint32_t engine::choose_value(std::uint32_t n, site where, bool spurious, operation op,
                                   std::uint64_t expected, object_id object) {
    modelled_thread& t = *current_;
    std::uint32_t value = 0;
    if (watch_spins_ && op == operation::choose) note_deed(op, 0, where);
    if (replaying(t)) {
        const event& e = (*graph_)[graph_->at(t.slot, t.position++)];
        if (e.op != op) depart(e, op, object, where);
        value = static_cast<std::uint32_t>(e.value);
    } else {
        const event_index i = new_event(t);
        event& e = (*graph_)[i];
        e.kind = choice_event;
        e.op = op;
        e.orders = 0;
        e.object = 0;
        e.operand = spurious;
        e.expected = expected;
        if (mode_ == mode::exhaustive) {
            for (std::uint32_t k = n - 1; k; --k) push(work_item::choice, i, nil, k);
        } else if (mode_ == mode::guided) {
            value = static_cast<std::uint32_t>((*guide_)[guide_->at(t.slot, e.index)].value);
        } else {
            value = choose(n);
        }
        if (mode_ != mode::exhaustive) note_choice(value);
        e.value = value;
        link(i);
    }
    // Early or late, a wait is no step towards the end of the loop around it.
    const bool timed = op == operation::timed_choice;
    if (watch_spins_ && value && !timed) t.visits.clear();
    if (recorder_ && !spurious && !timed) recorder_->choice(*this, op, object, value, where);
    return value;
}

}  // namespace heddle::scheduler
