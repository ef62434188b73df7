// What the strategies that build a graph forward choose: which write a read takes, where a write
// stands.
#include "engine.hpp"

namespace heddle::scheduler {
namespace {

std::uint32_t bits_in(std::uint64_t set) noexcept {
    std::uint32_t n = 0;
    for (; set; set &= set - 1) ++n;
    return n;
}

}  // namespace

// Enters the read or update i, with its source set, if the graph is consistent then; else leaves
// the graph as it was.
template <path P>
bool engine::enter_consistent(event_index i) {
    event_graph& g = *graph_;
    event& e = g[i];
    const bool judged = rules_.judges_early(g);
    if (judged && !rules_.admits(g, i)) return false;
    link<P>(i, e.kind);
    if (e.kind == update_event) g.insert_write(i, e.reads_from);
    assert(!judged || rules_.consistent_at(g, i));
    if ((judged || rules_.consistent_at(g, i)) && keeps_entries(i)) return true;
    take_out(i);
    return false;
}

void engine::take_out(event_index i) {
    event_graph& g = *graph_;
    const event& e = g[i];
    if (e.kind == update_event) g.remove_write(i);
    g.remove_reader(i);
    if (e.in_total_order()) --g.total_order_events;
}

// Whether it would be consistent.
bool engine::trial(event_index i) {
    const bool ok = enter_consistent<path::general>(i);
    if (ok) take_out(i);
    return ok;
}

// Which thread a notification takes out of the set that it has read.
template <path P>
void engine::choose_waiter(event& e) {
    std::uint32_t k = 0;
    std::uint64_t m = eligible_waiters(e, e.reads_from);
    if (mode_on<P>() == mode::guided) {
        const event& want = (*guide_)[guide_->at(e.thread, e.index)];
        const std::uint64_t removed = e.read_value & ~want.value;
        k = bits_in(m & (removed - 1));
    } else {
        k = choose(bits_in(m));
    }
    note_choice(k);
    for (std::uint32_t j = k; j; --j) m &= m - 1;
    e.value = e.read_value & ~(m & (~m + 1));
}

template <path P>
void engine::add_read_forward(event_index i, const event_index* candidates, int n) {
    event_graph& g = *graph_;
    event& e = g[i];
    const auto may_fail = [&](event_index w) {
        return e.op == operation::compare_exchange_weak &&
               (unlimited_weak_failures_ || spurious_left_ > 0) &&
               value_of(w, e.object) == e.expected;
    };
    // Whether reading a candidate in this form is possible but for the order of seq_cst operations;
    // sets the event up for it. The newest write is always consistent.
    const auto sets_up = [&](int k, bool spurious) {
        e.reads_from = candidates[k];
        if (is_blocking(e.op) && !satisfies(e, value_of(candidates[k], e.object))) return false;
        set_read(e, spurious);
        return e.kind != update_event || conflicting_update(candidates[k], e.object, nil) == nil;
    };
    if (n == 1 && e.op != operation::compare_exchange_weak) {
        // Nothing to choose: the most frequent case.
        e.reads_from = candidates[0];
        ++choice_ordinal_;
        if (e.op == operation::load) {
            e.read_value = value_of(candidates[0], e.object);
            link<P>(i, read_event);
            return;
        }
        set_read(e);
        if (e.kind == read_event) {
            link<P>(i, read_event);
            return;
        }
        if (e.op == operation::notify_one) choose_waiter<P>(e);
        link<P>(i, update_event);
        g.insert_write(i, e.reads_from);
        if (e.changes()) after_write(e.object);
        return;
    }
    const auto fits = [&](int k, bool form) { return sets_up(k, form) && (k == 0 || trial(i)); };
    int taken = 0;
    bool spurious = false, entered = false;
    if (mode_on<P>() == mode::random || mode_on<P>() == mode::pct) {
        // Rejection keeps the choice uniform among the consistent ones.
        do {
            taken = n > 1 ? static_cast<int>(random_.below(static_cast<std::uint32_t>(n))) : 0;
            spurious = may_fail(candidates[taken]) && random_.below(4) == 0;
            if (!sets_up(taken, spurious)) continue;
            entered = taken > 0 && enter_consistent<P>(i);
        } while (taken > 0 && !entered);
    } else if (mode_ == mode::depth_first) {
        std::uint32_t m = 0;
        const auto count_first = [&](int last) {
            for (int k = 0; k < last; ++k)
                for (int form = 0; form < (may_fail(candidates[k]) ? 2 : 1); ++form)
                    m += fits(k, form == 1);
        };
        // Unless the newest value will not do.
        if (is_disguise(e) && !affords_preemptions(disguise)) count_first(1);
        if (m == 0) count_first(n);
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
            if (source ? w >= 0 && g[w].thread == source->thread && g[w].index == source->index
                       : w < 0)
                break;
        }
        spurious = want.spurious;
        if (taken == n) taken = 0, diverged_ = true;
    } else if (mode_ == mode::tolerant) {
        taken = static_cast<int>(choose(static_cast<std::uint32_t>(n)));
        for (int k = 0; !fits(taken, false) && k < n; ++k) taken = k;
        ++choice_ordinal_;
        spurious = may_fail(candidates[taken]) && choose(2) == 1;
        --choice_ordinal_;
    } else {
        taken = static_cast<int>(choose(static_cast<std::uint32_t>(n)));
        note_choice(static_cast<std::uint32_t>(taken));
        if (e.op == operation::compare_exchange_weak &&
            value_of(candidates[taken], e.object) == e.expected)
            spurious = choose(2) == 1;
    }
    if (!entered) {
        e.reads_from = candidates[taken];
        set_read(e, spurious);
    }
    if (mode_on<P>() != mode::random && mode_on<P>() != mode::pct) count_disguised(e, taken > 0);
    if (mode_on<P>() != mode::replay) note_choice(static_cast<std::uint32_t>(taken));
    if (e.op == operation::compare_exchange_weak &&
        value_of(e.reads_from, e.object) == e.expected) {
        note_choice(spurious);
        if (spurious && !unlimited_weak_failures_ && spurious_left_) --spurious_left_;
    }
    if (e.kind == update_event && e.op == operation::notify_one) choose_waiter<P>(e);
    if (!entered) {
        link<P>(i, e.kind);
        if (e.kind == update_event) g.insert_write(i, e.reads_from);
    }
    if (e.changes()) after_write(e.object);
}

// Where the new write i enters the modification order. It may stand before any newest writes that
// it does not know; never between an update and its source. The exhaustive strategy takes the
// newest place and keeps the others as work.
template <path P>
event_index engine::place_of(event_index i) {
    event_graph& g = *graph_;
    const event& e = g[i];
    const event_index last = newest(e.object);
    event_index after = last;
    if (last != initial && !interleaving_only<P>()) {
        const event_index p = predecessor<P>(e);
        const clock_ref known = mode_on<P>() == mode::exhaustive ? rules_.coherence_clock(g, p)
                                                                 : rules_.happens_before_of(g, p);
        if (memory_rules::is_known(g, known, last)) return last;
        event_index* const places = rules_.scratch();
        std::uint32_t n = 0;
        places[n++] = last;
        for (event_index w = last; w != initial && !memory_rules::is_known(g, known, w);
             w = g[w].previous_write)
            if (g[w].kind != update_event) places[n++] = g[w].previous_write;
        if (mode_on<P>() == mode::exhaustive) {
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
            if (mode_on<P>() == mode::random || mode_on<P>() == mode::pct) {
                do taken = random_.below(n);
                while (!fits(taken));
            } else if (mode_ == mode::depth_first) {
                std::uint32_t m = 0;
                if (is_disguise(e) && !affords_preemptions(disguise))
                    m = 1;
                else
                    for (std::uint32_t k = 0; k < n; ++k) m += fits(k);
                std::uint32_t pick = choose(m);
                for (std::uint32_t k = 0; k < n; ++k)
                    if (fits(k) && pick-- == 0) {
                        taken = k;
                        break;
                    }
            } else if (mode_ == mode::guided) {
                // The nearest predecessor, in the modification order of the guide, that this graph
                // has already.
                event_index q = (*guide_)[guide_->at(e.thread, e.index)].previous_write;
                const auto have = [&](event_index x) {
                    const event& y = (*guide_)[x];
                    return g.count[y.thread] > y.index;
                };
                while (q != initial && !have(q)) q = (*guide_)[q].previous_write;
                const event_index want =
                    q == initial ? initial : g.at((*guide_)[q].thread, (*guide_)[q].index);
                while (taken + 1 < n && places[taken] != want) ++taken;
            } else {
                taken = choose(n);
                if (mode_ == mode::tolerant && !fits(taken)) taken = 0;
            }
            count_disguised(e, taken > 0);
            note_choice(taken);
            after = places[taken];
        }
    }
    return after;
}

template void engine::add_read_forward<path::general>(event_index, const event_index*, int);
template void engine::add_read_forward<path::sampling>(event_index, const event_index*, int);
template void engine::add_read_forward<path::proving>(event_index, const event_index*, int);
template event_index engine::place_of<path::general>(event_index);
template event_index engine::place_of<path::sampling>(event_index);
template event_index engine::place_of<path::proving>(event_index);

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
        if (e.kind == update_event && conflicting_update(candidates[k], e.object, nil) != nil)
            continue;
        possible = trial(i);
    }
    --g.size;
    g.count[t.slot] = --t.position;
    return possible;
}

}  // namespace heddle::scheduler
