// The operations: replayed where the graph has them, else added to it.
#include <algorithm>
#include <bit>

#include "engine.hpp"
#include "recorder.hpp"

namespace heddle::scheduler {

bool engine::satisfies(const event& e, std::uint64_t v) noexcept {
    switch (e.op) {
        case operation::lock:
        case operation::lock_all: return v == 0;
        case operation::await_equal:
        case operation::await_compare_exchange: return v == e.expected;
        case operation::await_not_equal: return v != e.expected;
        case operation::await_predicate: {
            const std::uint64_t state[2] = {e.operand, e.expected};
            return std::bit_cast<value_predicate>(e.value)(v, state);
        }
        default: return true;
    }
}

bool engine::would_write(const event& e, std::uint64_t v) const noexcept {
    switch (e.op) {
        case operation::load:
        case operation::await_equal:
        case operation::await_not_equal:
        case operation::await_predicate:
        case operation::wait_wake: return false;
        case operation::compare_exchange_strong:
        case operation::compare_exchange_weak: return v == e.expected;
        case operation::try_lock: return v == 0;
        case operation::notify_one:
        case operation::notify_all: return v != 0;
        case operation::lock:
        case operation::lock_all:
        case operation::await_compare_exchange: return satisfies(e, v);
        default: return true;
    }
}

std::uint64_t engine::applied(const event& e, std::uint64_t v) const noexcept {
    const std::uint64_t mask = objects_[e.object].mask;
    switch (e.op) {
        case operation::fetch_add: return (v + e.operand) & mask;
        case operation::fetch_sub: return (v - e.operand) & mask;
        case operation::fetch_or:
        case operation::wait_enqueue: return v | e.operand;
        case operation::fetch_and:
        case operation::wait_spurious: return v & e.operand;
        case operation::fetch_xor: return v ^ e.operand;
        case operation::fetch_add_float:
            return std::bit_cast<std::uint32_t>(std::bit_cast<float>(static_cast<std::uint32_t>(v)) +
                                                std::bit_cast<float>(static_cast<std::uint32_t>(e.operand)));
        case operation::fetch_add_double:
            return std::bit_cast<std::uint64_t>(std::bit_cast<double>(v) + std::bit_cast<double>(e.operand));
        case operation::notify_one: return v & (v - 1);
        case operation::notify_all: return 0;
        default: return e.operand;
    }
}

void engine::set_read(event& e, bool spurious) noexcept {
    const std::uint64_t v = value_of(e.reads_from, e.object);
    e.read_value = v;
    e.spurious = spurious;
    if (!spurious && would_write(e, v)) {
        e.kind = update_event;
        e.value = applied(e, v);
    } else {
        e.kind = read_event;
    }
}

// Counts the event, computes its clocks and enters it among the readers of its source.
void engine::link(event_index i) {
    event& e = (*graph_)[i];
    if (e.in_total_order()) ++graph_->total_order_events;
    rules_.compute_clocks(*graph_, i);
    if (e.reads()) graph_->add_reader(i, e.reads_from);
}

// Another update that reads from w: atomicity allows only one.
event_index engine::conflicting_update(event_index w, unsigned object, event_index except) const noexcept {
    event_index next = graph_->next_write(w, object);
    if (next != nil && next == except) next = (*graph_)[next].next_write;
    return next != nil && (*graph_)[next].kind == update_event && (*graph_)[next].reads_from == w ? next : nil;
}

event_index engine::new_event(modelled_thread& t) {
    event_graph& g = *graph_;
    const event_index i = g.size;
    if (static_cast<unsigned>(i) >= step_limit_) [[unlikely]] hit_step_limit();
    ++g.size;
    event& e = g[i];
    e.thread = static_cast<std::uint8_t>(t.slot);
    e.index = t.position;
    e.first_reader = nil;
    e.maximal = true;
    e.revisited = false;
    e.spurious = false;
    g.at(t.slot, t.position) = i;
    g.count[t.slot] = ++t.position;
    return i;
}

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

std::uint32_t bits_in(std::uint64_t set) noexcept {
    std::uint32_t n = 0;
    for (; set; set &= set - 1) ++n;
    return n;
}

bool concerns_lock(operation op) noexcept {
    return (op >= operation::lock && op <= operation::unlock) || op == operation::lock_all;
}

}  // namespace

void engine::after_write(unsigned object) {
    last_progress_ = steps_;
    yielded_ = 0;
    if (blocked_ | spinning_) wake_waiters(object);
}

// Fairness of the samplers: a thread that reads the same value of the same object at the same line again and again, or
// only ever reads, gives way to the others until somebody writes.
void engine::note_spin(modelled_thread& t, object_id object, std::uint64_t value, unsigned line) {
    const bool same = object == t.last_read_object && value == t.last_read_value && line == t.last_read_line;
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

// So many reads without a write look like a loop: the search begins again, now comparing machine states at each read.
inline void engine::suspect_spin(const modelled_thread& t) {
    if (t.position - t.last_write < 24 || watch_spins_) [[likely]] return;
    if (mode_ != mode::exhaustive && mode_ != mode::depth_first) return;
    watch_spins_ = true;
    leave(ending::restart);
}

std::uint64_t engine::read(object_id object, operation op, std::uint8_t orders, std::uint64_t operand,
                           std::uint64_t expected, site where, bool* wrote) {
    modelled_thread& t = *current_;
    if (replaying(t)) {
        const event& e = replay_event(t);
        if (e.object != object || e.op != op) [[unlikely]] {
            finding f;
            f.why = trace::stop::nondeterminism;
            f.where = where;
            stop(std::move(f));
        }
        count_step(t);
        if (e.writes()) {
            t.last_write = t.position;
            if (watch_spins_) t.visits.clear();
            if (concerns_lock(op)) update_holder(e);
        } else {
            suspect_spin(t);
        }
        if (wrote) *wrote = e.kind == update_event;
        return e.read_value;
    }
    point();
    if (autopsy_) [[unlikely]] autopsy_step(op, object);
    const event_index i = new_event(t);
    event& e = (*graph_)[i];
    e.op = op;
    e.orders = orders;
    e.operand = operand;
    e.expected = expected;
    e.object = static_cast<std::uint16_t>(object);
    e.kind = read_event;
    add_read(t, i);
    if (!source_ran(e.reads_from)) wait_for_source(e.reads_from);
    count_step(t);
    if (e.kind == update_event) {
        t.last_write = t.position;
        t.repeated_reads = 0;
        if (watch_spins_) t.visits.clear();
        if (concerns_lock(op)) update_holder(e);
    } else if (mode_ == mode::random || mode_ == mode::pct) {
        note_spin(t, object, e.read_value, where.line);
    } else {
        suspect_spin(t);
    }
    if (recorder_) recorder_->accessed(*this, i, where);
    if (wrote) *wrote = e.kind == update_event;
    return e.read_value;
}

// Adds the read or update i, whose operation and object are set, to the graph.
void engine::add_read(modelled_thread&, event_index i) {
    event& e = (*graph_)[i];
    const event_index p = graph_->program_predecessor(e);
    event_index* const candidates = rules_.scratch();
    if (mode_ == mode::exhaustive) {
        const int n = rules_.coherent_writes(*graph_, rules_.coherence_clock(*graph_, p), e.object, candidates);
        add_read_exhaustive(i, p, candidates, n);
        return;
    }
    int n = 1;
    if (autopsy_ || interleaving_only() || is_lock(e.op)) {
        // An older free write of a lock word has let somebody in already.
        candidates[0] = newest(e.object);
    } else if (rules_.model() == memory_model::sc) {
        n = rules_.coherent_writes(*graph_, rules_.happens_before_of(*graph_, p), e.object, candidates);
    } else {
        n = rules_.coherent_writes(*graph_, rules_.coherence_clock(*graph_, p), e.object, candidates);
    }
    add_read_forward(i, candidates, n);
}

void engine::add_read_exhaustive(event_index i, event_index p, const event_index* candidates, int n) {
    event_graph& g = *graph_;
    event& e = g[i];
    if (n > 1) {
        const clock_ref causes = rules_.causes_of(g, p);
        for (int k = n - 1; k >= 1; --k) {
            const std::uint64_t v = value_of(candidates[k], e.object);
            if (is_blocking(e.op) && !satisfies(e, v)) continue;
            if (e.op == operation::compare_exchange_weak && v == e.expected)
                push(work_item::spurious, i, candidates[k]);
            if (would_write(e, v)) {
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
    after_write(e.object);
}

// Whether event i, with its source set, is consistent; leaves the graph as it was.
bool engine::trial(event_index i) {
    event_graph& g = *graph_;
    event& e = g[i];
    if (rules_.model() != memory_model::sc && g.total_order_events + e.in_total_order() < 2) return true;
    link(i);
    if (e.kind == update_event) g.insert_write(i, e.reads_from);
    const bool ok = rules_.consistent_at(g, i);
    if (e.kind == update_event) g.remove_write(i);
    g.remove_reader(i);
    if (e.in_total_order()) --g.total_order_events;
    return ok;
}

void engine::add_read_forward(event_index i, const event_index* candidates, int n) {
    event_graph& g = *graph_;
    event& e = g[i];
    const auto may_fail = [&](event_index w) {
        return e.op == operation::compare_exchange_weak && (unlimited_weak_failures_ || spurious_left_ > 0) &&
               value_of(w, e.object) == e.expected;
    };
    // Whether reading w in this form is allowed; sets the event up for it.
    const auto fits = [&](int k, bool spurious) {
        e.reads_from = candidates[k];
        if (is_blocking(e.op) && !satisfies(e, value_of(candidates[k], e.object))) return false;
        set_read(e, spurious);
        if (e.kind == update_event && conflicting_update(candidates[k], e.object, nil) != nil) return false;
        return k == 0 || trial(i);
    };
    if (n == 1 && e.op != operation::compare_exchange_weak && e.op != operation::notify_one) {
        // Nothing to choose: the most frequent case.
        e.reads_from = candidates[0];
        ++choice_ordinal_;
        if (e.op == operation::load)
            e.read_value = value_of(candidates[0], e.object);
        else
            set_read(e);
        link(i);
        if (e.kind == update_event) {
            g.insert_write(i, e.reads_from);
            after_write(e.object);
        }
        return;
    }
    int taken = 0;
    bool spurious = false;
    if (mode_ == mode::random || mode_ == mode::pct) {
        // Rejection keeps the choice uniform among the consistent ones; the newest write always fits.
        do {
            taken = n > 1 ? static_cast<int>(random_.below(static_cast<std::uint32_t>(n))) : 0;
            spurious = may_fail(candidates[taken]) && random_.below(4) == 0;
        } while (!fits(taken, spurious));
    } else if (mode_ == mode::depth_first) {
        std::uint32_t m = 0;
        for (int k = 0; k < n; ++k)
            for (int form = 0; form < (may_fail(candidates[k]) ? 2 : 1); ++form) m += fits(k, form == 1);
        std::uint32_t pick = choose(m);
        for (int k = 0; k < n; ++k)
            for (int form = 0; form < (may_fail(candidates[k]) ? 2 : 1); ++form)
                if (fits(k, form == 1) && pick-- == 0) {
                    taken = k;
                    spurious = form == 1;
                    k = n;
                    break;
                }
    } else if (mode_ == mode::guided) {
        const event& want = (*guide_)[guide_->at(e.thread, e.index)];
        const event* source = want.reads_from < 0 ? nullptr : &(*guide_)[want.reads_from];
        for (taken = 0; taken < n; ++taken) {
            const event_index w = candidates[taken];
            if (source ? w >= 0 && g[w].thread == source->thread && g[w].index == source->index : w < 0) break;
        }
        spurious = want.spurious;
        if (taken == n) taken = 0, diverged_ = true;
    } else {
        taken = static_cast<int>(choose(static_cast<std::uint32_t>(n)));
        note_choice(static_cast<std::uint32_t>(taken));
        if (e.op == operation::compare_exchange_weak && value_of(candidates[taken], e.object) == e.expected)
            spurious = choose(2) == 1;
    }
    e.reads_from = candidates[taken];
    set_read(e, spurious);
    if (mode_ != mode::replay) note_choice(static_cast<std::uint32_t>(taken));
    if (e.op == operation::compare_exchange_weak && value_of(e.reads_from, e.object) == e.expected) {
        note_choice(spurious);
        if (spurious && !unlimited_weak_failures_ && spurious_left_) --spurious_left_;
    }
    if (e.kind == update_event && e.op == operation::notify_one) {
        const auto waiters = bits_in(e.read_value);
        std::uint32_t k = 0;
        if (mode_ == mode::guided) {
            const event& want = (*guide_)[guide_->at(e.thread, e.index)];
            const std::uint64_t removed = e.read_value & ~want.value;
            k = bits_in(e.read_value & (removed - 1));
        } else {
            k = choose(waiters);
        }
        note_choice(k);
        std::uint64_t m = e.read_value;
        for (std::uint32_t j = k; j; --j) m &= m - 1;
        e.value = e.read_value & ~(m & (~m + 1));
    }
    link(i);
    if (e.kind == update_event) {
        g.insert_write(i, e.reads_from);
        after_write(e.object);
    }
}

void engine::write(object_id object, operation op, std::uint64_t value, std::uint8_t orders, site where) {
    modelled_thread& t = *current_;
    if (replaying(t)) {
        const event& e = (*graph_)[graph_->at(t.slot, t.position)];
        if (e.object != object || e.op != op) [[unlikely]] {
            finding f;
            f.why = trace::stop::nondeterminism;
            f.where = where;
            stop(std::move(f));
        }
        t.last_write = ++t.position;
        if (watch_spins_) t.visits.clear();
        count_step(t);
        if (op == operation::unlock) update_holder(e);
        return;
    }
    point();
    if (autopsy_) [[unlikely]] autopsy_step(op, object);
    event_graph& g = *graph_;
    const event_index i = new_event(t);
    event& e = g[i];
    e.op = op;
    e.kind = write_event;
    e.orders = orders;
    e.value = value & objects_[object].mask;
    e.object = static_cast<std::uint16_t>(object);
    link(i);
    const event_index last = newest(object);
    event_index after = last;
    if (last != initial && !interleaving_only()) {
        // It may stand before any newest writes that it does not know; never between an update and its source.
        const event_index p = g.program_predecessor(e);
        const clock_ref known = mode_ == mode::exhaustive ? rules_.coherence_clock(g, p) : rules_.happens_before_of(g, p);
        event_index* const places = rules_.scratch();
        std::uint32_t n = 0;
        places[n++] = last;
        for (event_index w = last; w != initial && !memory_rules::is_known(g, known, w); w = g[w].previous_write)
            if (g[w].kind != update_event) places[n++] = g[w].previous_write;
        if (mode_ == mode::exhaustive) {
            for (std::uint32_t k = 1; k < n; ++k) push(work_item::place, i, places[k]);
        } else if (n > 1) {
            const auto fits = [&](std::uint32_t k) {
                if (k == 0) return true;
                g.insert_write(i, places[k]);
                const bool ok = rules_.consistent_at(g, i);
                g.remove_write(i);
                return ok;
            };
            std::uint32_t taken = 0;
            if (mode_ == mode::random || mode_ == mode::pct) {
                do taken = random_.below(n);
                while (!fits(taken));
            } else if (mode_ == mode::depth_first) {
                std::uint32_t m = 0;
                for (std::uint32_t k = 0; k < n; ++k) m += fits(k);
                std::uint32_t pick = choose(m);
                for (std::uint32_t k = 0; k < n; ++k)
                    if (fits(k) && pick-- == 0) {
                        taken = k;
                        break;
                    }
            } else if (mode_ == mode::guided) {
                // The nearest predecessor, in the modification order of the guide, that this graph has already.
                event_index q = (*guide_)[guide_->at(e.thread, e.index)].previous_write;
                const auto have = [&](event_index x) {
                    const event& y = (*guide_)[x];
                    return g.count[y.thread] > y.index;
                };
                while (q != initial && !have(q)) q = (*guide_)[q].previous_write;
                const event_index want = q == initial ? initial : g.at((*guide_)[q].thread, (*guide_)[q].index);
                while (taken + 1 < n && places[taken] != want) ++taken;
            } else {
                taken = choose(n);
            }
            note_choice(taken);
            after = places[taken];
        }
    }
    g.insert_write(i, after);
    if (mode_ == mode::exhaustive) revisits(i, i);
    after_write(object);
    t.last_write = t.position;
    t.repeated_reads = 0;
    if (watch_spins_) t.visits.clear();
    count_step(t);
    if (op == operation::unlock) update_holder(e);
    if (recorder_) recorder_->accessed(*this, i, where);
}

// Whether some older write would satisfy the await although the newest does not (forward modes).
bool engine::await_possible(modelled_thread& t, const event& proto) {
    event_graph& g = *graph_;
    if (interleaving_only()) return false;
    event_index* const candidates = rules_.scratch();
    const event_index p = last_event(t);
    const clock_ref known = rules_.happens_before_of(g, p);
    const int n = rules_.coherent_writes(g, known, proto.object, candidates);
    bool possible = false;
    const event_index i = new_event(t);
    event& e = g[i];
    e.op = proto.op;
    e.orders = proto.orders;
    e.operand = proto.operand;
    e.expected = proto.expected;
    e.value = proto.value;
    e.object = proto.object;
    e.kind = read_event;
    for (int k = 1; k < n && !possible; ++k) {
        if (!satisfies(e, value_of(candidates[k], e.object))) continue;
        e.reads_from = candidates[k];
        if (e.op != operation::await_predicate) set_read(e);
        if (e.kind == update_event && conflicting_update(candidates[k], e.object, nil) != nil) continue;
        possible = trial(i);
    }
    --g.size;
    g.count[t.slot] = --t.position;
    return possible;
}

std::uint64_t engine::blocking_read(object_id object, operation op, std::uint8_t orders, std::uint64_t value,
                                    std::uint64_t operand, std::uint64_t expected, site where, bool with_point) {
    modelled_thread& t = *current_;
    const auto replayed = [&] {
        const event& e = replay_event(t);
        if (e.object != object || e.op != op) [[unlikely]] {
            finding f;
            f.why = trace::stop::nondeterminism;
            f.where = where;
            stop(std::move(f));
        }
        count_step(t);
        if (e.writes()) {
            t.last_write = t.position;
            if (watch_spins_) t.visits.clear();
        }
        if (is_lock(op)) update_holder(e);
        return e.read_value;
    };
    if (replaying(t)) return replayed();
    if (with_point) point();
    if (autopsy_) [[unlikely]] autopsy_step(op, object);
    bool proceed_stale = false;
    const bool partial = !with_point && t.pending.spurious;
    for (;;) {
        event proto{};
        proto.op = op;
        proto.orders = orders;
        proto.value = value;
        proto.operand = operand;
        proto.expected = expected;
        proto.object = static_cast<std::uint16_t>(object);
        proto.spurious = partial;
        const bool satisfied = satisfies(proto, value_of(newest(object), object));
        if (satisfied && !(mode_ == mode::exhaustive && is_await(op) && has_marker(t))) break;
        if (mode_ == mode::exhaustive) {
            if (is_await(op) && !has_marker(t)) push_marker(t, proto);
        } else if (is_await(op) && mode_ != mode::random && mode_ != mode::pct) {
            if (mode_ == mode::guided) {
                proceed_stale = guide_->count[t.slot] > t.position;
                note_choice(proceed_stale);
            } else if (await_possible(t, proto)) {
                proceed_stale = choose(2) == 1;
                note_choice(proceed_stale);
            }
            if (proceed_stale) break;
        }
        t.pending = proto;
        t.blocked_at = where;
        block(t);
        if (replaying(t)) return replayed();
    }
    const event_index i = new_event(t);
    event& e = (*graph_)[i];
    e.op = op;
    e.orders = orders;
    e.value = value;
    e.operand = operand;
    e.expected = expected;
    e.object = static_cast<std::uint16_t>(object);
    e.kind = read_event;
    add_read(t, i);
    if (!source_ran(e.reads_from)) wait_for_source(e.reads_from);
    count_step(t);
    if (e.kind == update_event) {
        t.last_write = t.position;
        t.repeated_reads = 0;
        if (watch_spins_) t.visits.clear();
    }
    if (is_lock(op)) update_holder(e);
    if (recorder_) recorder_->accessed(*this, i, where);
    return e.read_value;
}

void engine::fence(std::uint8_t orders, site where) {
    modelled_thread& t = *current_;
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

std::uint32_t engine::choose_value(std::uint32_t n, site where, bool spurious) {
    modelled_thread& t = *current_;
    std::uint32_t value = 0;
    if (replaying(t)) {
        value = static_cast<std::uint32_t>((*graph_)[graph_->at(t.slot, t.position++)].value);
    } else {
        const event_index i = new_event(t);
        event& e = (*graph_)[i];
        e.kind = choice_event;
        e.op = operation::choose;
        e.orders = 0;
        e.object = 0;
        e.operand = spurious;
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
    if (watch_spins_ && value) t.visits.clear();
    if (recorder_ && !spurious) recorder_->choice(*this, value, where);
    return value;
}

void engine::lock_all(const object_id* objects, std::size_t count, site where) {
    modelled_thread& t = *current_;
    // In one order everywhere, so that two of these never hold a part of what the other waits for.
    object_id sorted[max_threads];
    count = std::min<std::size_t>(count, max_threads);
    std::copy_n(objects, count, sorted);
    std::sort(sorted, sorted + count);
    objects = sorted;
    if (!replaying(t)) {
        point();
        for (;;) {
            std::size_t k = 0;
            while (k < count && value_of(newest(objects[k]), objects[k]) == 0) ++k;
            if (k == count) break;
            event proto{};
            proto.op = operation::lock_all;
            proto.orders = acquire_bit;
            proto.operand = 1;
            proto.object = static_cast<std::uint16_t>(objects[k]);
            if (objects_[objects[k]].holder == t.slot) {
                finding f;
                f.why = trace::stop::deadlock;
                f.object = objects[k];
                f.cycle = {t.slot};
                f.where = where;
                if (recorder_) t.pending = proto, t.blocked_at = where, recorder_->blocked(*this, t);
                stop(std::move(f));
            }
            if (autopsy_) autopsy_step(operation::lock_all, objects[k]);
            t.pending = proto;
            t.blocked_at = where;
            block(t);
            if (replaying(t)) break;
        }
    }
    // Free all together, taken one after the other without a schedule point in between. After a revisit of one of them
    // the next may be held: such a state stands for no behaviour of a lock that holds nothing while it waits, and what
    // could go on from it is found elsewhere (`pending.spurious` marks it).
    for (std::size_t k = 0; k < count; ++k) {
        t.pending.spurious = k > 0;
        blocking_read(objects[k], operation::lock_all, acquire_bit, 0, 1, 0, where, false);
    }
}

// Leaves a wait: reads from the first change of the set of waiters after the own entry that took this thread out.
void engine::wake(object_id object, site where) {
    modelled_thread& t = *current_;
    const std::uint64_t self_bit = std::uint64_t{1} << t.slot;
    if (options_.spurious_bound && !autopsy_ && (replaying(t) || mode_ == mode::exhaustive || mode_ == mode::guided ||
                                                 mode_ == mode::replay || spurious_left_)) {
        bool offered = true;
        if (mode_ == mode::depth_first || mode_ == mode::random || mode_ == mode::pct) offered = spurious_left_ > 0;
        if (offered && choose_value(2, where, true)) {
            if (spurious_left_) --spurious_left_;
            --objects_[object].waiting;
            read(object, operation::wait_spurious, 0, ~self_bit, 0, where, nullptr);
            return;
        }
    }
    const auto left = [&] { --objects_[object].waiting; };
    const auto replayed = [&] {
        const bool waited = !source_ran((*graph_)[graph_->at(t.slot, t.position)].reads_from);
        replay_event(t);
        if (waited) count_step(t);
        left();
    };
    if (replaying(t)) return replayed();
    // The own entry: the last event of this thread on this object.
    unsigned k = t.position;
    do --k;
    while ((*graph_)[graph_->at(t.slot, k)].op != operation::wait_enqueue);
    const event_index entry = graph_->at(t.slot, k);
    for (bool first = true;; first = false) {
        event_index w = (*graph_)[entry].next_write;
        while (w != nil && ((*graph_)[w].value & self_bit)) w = (*graph_)[w].next_write;
        if (w != nil) {
            const event_index i = new_event(t);
            event& e = (*graph_)[i];
            e.op = operation::wait_wake;
            e.kind = read_event;
            e.orders = 0;
            e.object = static_cast<std::uint16_t>(object);
            e.reads_from = w;
            e.read_value = (*graph_)[w].value;
            link(i);
            if (!source_ran(w)) wait_for_source(w);
            if (!first) count_step(t);
            left();
            if (recorder_) recorder_->accessed(*this, i, where);
            return;
        }
        t.pending = event{};
        t.pending.op = operation::wait_wake;
        t.pending.object = static_cast<std::uint16_t>(object);
        t.blocked_at = where;
        block(t);
        if (t.woken_for_autopsy) {
            t.woken_for_autopsy = false;
            return;
        }
        if (replaying(t)) return replayed();
    }
}

void engine::start(unsigned slot, void (*entry)(void*), site where) {
    modelled_thread& t = *current_;
    modelled_thread& child = threads_[slot];
    if (autopsy_) autopsy_step(operation::spawn, no_object);
    graph_->created_by[slot] = static_cast<event_name>(t.slot) << 16 | t.position;
    if (replaying(t)) {
        ++t.position;
    } else {
        const event_index i = new_event(t);
        event& e = (*graph_)[i];
        e.kind = spawn_event;
        e.op = operation::spawn;
        e.orders = 0;
        e.object = 0;
        e.operand = slot;
        rules_.compute_clocks(*graph_, i);
    }
    child.entry = entry;
    child.state = run_state::runnable;
    ready_ |= std::uint64_t{1} << slot;
    ++live_;
    last_progress_ = steps_;
    t.visits.clear();
    if (mode_ == mode::pct) child.priority = 0x8000'0000U + (random_.below(0x4000'0000U));
    if (recorder_) recorder_->other(*this, operation::spawn, no_object, static_cast<int>(slot), 0, where);
}

void engine::join(unsigned slot, site where) {
    modelled_thread& t = *current_;
    modelled_thread& child = threads_[slot];
    bool waited = false;
    while (child.state != run_state::exited) {
        waited = true;
        if (autopsy_) leave(ending::stuck);
        t.state = run_state::joining;
        t.joining = static_cast<int>(slot);
        t.blocked_at = where;
        ready_ &= ~(std::uint64_t{1} << t.slot);
        if (recorder_) recorder_->blocked(*this, t);
        if (!options_.keep_going) look_for_cycle(t);
        schedule_away();
    }
    if (waited) count_step(t);
    if (replaying(t)) {
        ++t.position;
    } else {
        const event_index i = new_event(t);
        event& e = (*graph_)[i];
        e.kind = join_event;
        e.op = operation::join;
        e.orders = 0;
        e.object = 0;
        e.operand = slot;
        rules_.compute_clocks(*graph_, i);
    }
    t.visits.clear();
    if (recorder_) recorder_->other(*this, operation::join, no_object, static_cast<int>(slot), 0, where);
}

void engine::yield(operation op, site where) {
    modelled_thread& t = *current_;
    if (mode_ == mode::random || mode_ == mode::pct) {
        yielded_ |= std::uint64_t{1} << t.slot;
        if (mode_ == mode::pct) t.priority = lowest_priority_--;
    }
    if (recorder_) recorder_->other(*this, op, no_object, -1, 0, where);
}

// A read begins in this machine state. If the thread was in the same state since its last write, it repeats itself as
// long as what it read stays: it waits for that to change (depth_first), or stops for this execution, since a revisit
// of one of those reads finds what a change would bring (exhaustive). A replay is held to its schedule first.
void engine::probe_state(std::uint64_t hash) {
    modelled_thread& t = *current_;
    if (mode_ == mode::random || mode_ == mode::pct) return;
    if ((mode_ == mode::replay || mode_ == mode::guided) && steps_ < replay_steps_->size()) return;
    for (const auto& [seen, position] : t.visits) {
        if (seen != hash || replaying(t)) continue;
        t.state = run_state::spinning;
        t.spin_from = position;
        const std::uint64_t bit = std::uint64_t{1} << t.slot;
        ready_ &= ~bit;
        spinning_ |= bit;
        do schedule_away();
        while (t.state == run_state::spinning);
        t.visits.clear();
        break;
    }
    t.visits.emplace_back(hash, t.position);
}

}  // namespace heddle::scheduler
