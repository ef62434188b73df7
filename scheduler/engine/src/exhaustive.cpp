// The exhaustive strategy: every consistent graph once, every genuine deadlock once.
//
// Source: Kokologiannakis, Marmanis, Gladstein, Vafeiadis, "Truly Stateless, Optimal Dynamic
// Partial Order Reduction", POPL 2022. Departs from the paper: a revisited read is appended again
// as the last event of its graph, so that the log always extends program order and reads-from
// (everything between its old place and the end precedes the revisiting write, and is neither
// revisitable nor deletable without it); a read-modify-write is one event; blocking operations read
// only values that let them pass.

#include "engine.hpp"

namespace heddle::scheduler {

bool engine::has_marker(const modelled_thread& t) const noexcept {
    const event_graph& g = *graph_;
    if (!g.markers) return false;
    for (event_index i = g.size - 1; i >= g.settled; --i)
        if (g[i].kind == marker_event && g[i].thread == t.slot && g[i].index == t.position)
            return true;
    return false;
}

// An await whose newest value does not satisfy it: a marker that waits to be revisited, and its
// older satisfying writes.
void engine::push_marker(modelled_thread& t, const event& proto) {
    event_graph& g = *graph_;
    event_index* const candidates = rules_.scratch();
    const event_index p = last_event(t);
    const clock_ref causes = rules_.causes_of(g, p);
    const int n = rules_.coherent_writes(g, rules_.coherence_clock(g, p), proto.object, candidates);
    if (static_cast<unsigned>(g.size) >= step_limit_) hit_step_limit();
    const event_index i = g.size++;
    event& e = g[i];
    e = proto;
    e.kind = marker_event;
    e.thread = static_cast<std::uint8_t>(t.slot);
    e.index = t.position;
    e.first_reader = nil;
    e.maximal = true;
    e.revisited = false;
    e.spurious = false;
    e.reads_from = newest(proto.object);
    ++g.markers;
    for (int k = n - 1; k >= 1; --k) {
        if (!satisfies(e, value_of(candidates[k], e.object))) continue;
        if (e.op == operation::await_compare_exchange) {
            const event_index u = conflicting_update(candidates[k], e.object, nil);
            if (u != nil && causes.covers(g[u].thread, g[u].index)) continue;
        }
        push(work_item::marker, i, candidates[k]);
    }
}

// A notification may take any waiter: one item for each but the first.
void engine::push_waiter_choices(event_index i, work_item::kind_t kind) {
    const event& e = (*graph_)[i];
    if (e.op != operation::notify_one || e.kind != update_event) return;
    for (int k = __builtin_popcountll(eligible_waiters(e, e.reads_from)) - 1; k >= 1; --k)
        push(kind, i, nil, static_cast<unsigned>(k));
}

// Pushes every read that the new write or update e may revisit, of those at most as late as
// `bound`. One scan down the log suffices: what may be deleted is monotone.
void engine::revisits(event_index e, event_index bound) {
    const event_graph& g = *graph_;
    const event& x = g[e];
    const clock_ref kept = g.causes(e);
    const event_index successor = x.kind == write_event ? x.next_write : nil;
    const bool newest_write = x.next_write == nil;
    // d would not be added reading or standing newest: something mo-after `w` other than e is kept.
    const auto overtaken = [&](event_index w, unsigned object) {
        for (event_index q = g.next_write(w, object); q != nil; q = g[q].next_write)
            if (q != e && kept.covers(g[q].thread, g[q].index)) return true;
        return false;
    };
    // Coherence of d reading e: nothing mo-after e is known to d.
    const auto knows_later = [&](event_index i) {
        if (newest_write) return false;
        const event_index p = g.program_predecessor(g[i]);
        if (p == nil) return false;
        const clock_ref known = rules_.coherence_clock(g, p);
        for (event_index q = x.next_write; q != nil; q = g[q].next_write)
            if (memory_rules::is_known(g, known, q) || is_floor(q, i)) return true;
        return false;
    };
    for (event_index i = e - 1; i >= 0; --i) {
        const event& d = g[i];
        if (d.kind == barrier_event) return;
        if (kept.covers(d.thread, d.index)) continue;
        if (!d.maximal) return;
        if (d.revisited && d.reads_from >= 0 &&
            !kept.covers(g[d.reads_from].thread, g[d.reads_from].index))
            return;
        if (d.kind == marker_event) {
            if (overtaken(d.reads_from, d.object)) return;
            if (d.object == x.object && i <= bound &&
                (satisfies(d, x.value) || newest_write || x.kind != write_event) && !knows_later(i))
                push(work_item::back, i, e);
            continue;
        }
        if ((d.op == operation::wait_wake || d.op == operation::wait_timed) && d.kind == read_event)
            continue;  // follows from its notification
        if (d.accesses() && overtaken(d.writes() ? i : d.reads_from, d.object)) return;
        if (i == successor) return;
        if (!d.reads() || d.object != x.object || i > bound) continue;
        if (is_blocking(d.op) && !satisfies(d, x.value)) {
            if (is_lock(d.op)) {
                if (i != bound || d.kind != update_event) continue;
            } else if (!newest_write && x.kind == write_event) {
                continue;
            }
        }
        if (!knows_later(i)) push(work_item::back, i, e);
    }
}

// The graph in which r reads from w: what precedes r, and what w depends on; r comes last.
bool engine::apply_back(event_index r, event_index w) {
    const event_graph& from = *graph_;
    if (frames_.size() == static_cast<std::size_t>(depth_) + 1)
        frames_.push_back(std::make_unique<frame>(step_limit_ + graph_slack, words_));
    frame& next = *frames_[static_cast<std::size_t>(depth_) + 1];
    event_graph& g = next.graph;
    next.work.clear();
    next.probes.clear();
    event_index* const renamed = rules_.scratch();
    const clock_ref kept = from.causes(w);
    g.clear(object_count_, thread_slots_);
    for (unsigned t = 0; t < thread_slots_; ++t) g.created_by[t] = from.created_by[t];
    event_index n = 0;
    g.copy_clocks(0, from, 0, r);
    for (event_index i = 0; i <= w; ++i) {
        const event& o = from[i];
        if (i >= r && (o.kind == marker_event || !kept.covers(o.thread, o.index))) {
            renamed[i] = nil;
            continue;
        }
        renamed[i] = n;
        event& x = g[n];
        x = o;
        if (i >= r) g.copy_clocks(n, from, i, 1);
        if (o.kind == marker_event) {
            if (o.reads_from >= 0) x.reads_from = renamed[o.reads_from];
            ++g.markers;
            ++n;
            continue;
        }
        g.at(x.thread, x.index) = n;
        ++g.count[x.thread];
        if (x.in_total_order()) {
            ++g.total_order_events;
            g.total_order_threads |= std::uint64_t{1} << x.thread;
            if (x.kind == fence_event) ++g.total_order_fences;
        }
        x.first_reader = nil;
        if (x.kind == barrier_event) g.settled = n;
        if (x.reads()) g.add_reader(n, o.reads_from >= 0 ? renamed[o.reads_from] : o.reads_from);
        ++n;
    }
    for (unsigned l = 0; l < object_count_; ++l) {
        event_index last = initial;
        for (event_index q = from.locations[l].first; q != nil; q = from[q].next_write) {
            const event_index k = q <= w ? renamed[q] : nil;
            if (k == nil) continue;
            g[k].previous_write = last;
            g[k].next_write = nil;
            (last == initial ? g.locations[l].first : g[last].next_write) = k;
            last = k;
        }
        g.locations[l].last = last;
    }
    g.size = n;
    const event_index source = renamed[w];
    const event& old = from[r];
    ++depth_;
    graph_ = &g;
    const bool newest_write = g.locations[old.object].last == source;
    if (is_blocking(old.op) && !satisfies(old, g[source].value)) {
        if (is_lock(old.op)) return true;  // not re-added: its thread waits
        if (!newest_write) return false;
        event& x = g[g.size++];
        x = old;
        x.kind = marker_event;
        x.reads_from = source;
        x.maximal = true;
        x.revisited = true;
        x.spurious = false;
        ++g.markers;
        return true;
    }
    const event_index i = g.size++;
    event& x = g[i];
    x = old;
    x.kind = read_event;
    x.first_reader = nil;
    x.reads_from = source;
    x.revisited = true;
    g.at(x.thread, x.index) = i;
    ++g.count[x.thread];
    set_read(x);
    x.maximal = newest_write;
    link(i);
    if (x.kind == update_event) {
        g.insert_write(i, source);
        if (x.op == operation::compare_exchange_weak) push(work_item::spurious, i, source);
    }
    if (!x.maximal && !is_consistent_at(i)) return false;
    if (x.kind == update_event) {
        push_waiter_choices(i, work_item::waiter);
        revisits(i, i);
    }
    return true;
}

namespace {

// What a thread that waits for a lock is to do next. A lock of several holds none of them while it
// waits for one, and then begins with the first.
event next_lock(const modelled_thread& t) {
    event next = t.pending;
    if (next.op == operation::lock_all && !engine::is_half_done(next))
        next.object = static_cast<std::uint16_t>(next.value);
    return next;
}

}  // namespace

// Nothing is runnable. A thread that waits for a lock may still take it where an older free write
// let another in; and a lock of several the first of them where that one is free.
void engine::push_probes() {
    event_graph& g = *graph_;
    frame& f = *frames_[static_cast<std::size_t>(depth_)];
    event_index* const candidates = rules_.scratch();
    for (std::uint64_t m = blocked_; m; m &= m - 1) {
        const modelled_thread& t = threads_[static_cast<unsigned>(__builtin_ctzll(m))];
        if (!is_lock(t.pending.op)) continue;
        const event_index p = last_event(t);
        const clock_ref causes = rules_.causes_of(g, p);
        const event next = next_lock(t);
        const int n =
            rules_.coherent_writes(g, rules_.coherence_clock(g, p), next.object, candidates);
        for (int k = 0; k < n; ++k) {
            if (!satisfies(next, value_of(candidates[k], next.object))) continue;
            const event_index u = conflicting_update(candidates[k], next.object, nil);
            if (u != nil && causes.covers(g[u].thread, g[u].index)) continue;
            probe_prototype probe{next, candidates[k]};
            probe.proto.thread = static_cast<std::uint8_t>(t.slot);
            probe.proto.index = t.position;
            f.probes.push_back(probe);
            push(work_item::probe, g.size, static_cast<event_index>(f.probes.size() - 1));
        }
    }
}

// Spurious wakeups and failures among the first events of the graph are within the bound.
bool engine::spent_spurious(event_index upto) const {
    unsigned n = 0;
    for (event_index i = 0; i < upto; ++i) {
        const event& e = (*graph_)[i];
        if (e.kind == choice_event && e.operand && e.value) ++n;
        if (e.spurious && !unlimited_weak_failures_) ++n;
    }
    return n > options_.spurious_bound;
}

// Pops work until there is a graph to run; false: the search is complete.
bool engine::next_graph() {
    count_share();
    for (;;) {
        frame& f = *frames_[static_cast<std::size_t>(depth_)];
        graph_ = &f.graph;
        if (f.work.empty()) {
            if (depth_ == 0) return false;
            --depth_;
            continue;
        }
        level_ = f.work.back().level;
        if (pop_item(f)) return true;
        count_share();
    }
}

// The branch that was run has no further one in it.
void engine::count_share() noexcept {
    if (level_ < 64) explored_ += whole_search >> level_;
}

double engine::explored_share() const noexcept {
    if (mode_ != mode::depth_first)
        return static_cast<double>(explored_) / static_cast<double>(whole_search);
    double share = 0, width = 1;
    for (const dfs_choice& c : dfs_) {
        width /= c.of;
        share += width * c.taken;
    }
    return share;
}

// Takes the newest item of the frame; false: it leads to no graph of its own.
bool engine::pop_item(frame& f) {
    const work_item item = f.work.back();
    f.work.pop_back();
    event_graph& g = f.graph;
    const event_index i = item.event;
    // Gives event i another source, undoing its links first.
    const auto reread = [&](bool spurious) {
        event& x = g[i];
        if (x.in_total_order()) --g.total_order_events;
        if (x.writes()) g.remove_write(i);
        g.remove_reader(i);
        x.reads_from = item.write;
        set_read(x, spurious);
    };
    // Enters event i; false if it is inconsistent, or conflicts with another update and only its
    // revisits count.
    const auto enter = [&](bool waiters) {
        event& x = g[i];
        const event_index conflict =
            x.kind == update_event ? conflicting_update(x.reads_from, x.object, nil) : nil;
        link(i);
        if (x.kind == update_event) g.insert_write(i, x.reads_from);
        if (conflict != nil) {
            if (waiters) push_waiter_choices(i, work_item::waiter_conflict);
            revisits(i, conflict);
            return false;
        }
        if (!is_consistent_at(i)) return false;
        if (x.kind == update_event) {
            if (waiters) push_waiter_choices(i, work_item::waiter);
            revisits(i, i);
        }
        return true;
    };
    switch (item.kind) {
        case work_item::back: g.truncate(item.write + 1); return apply_back(i, item.write);
        case work_item::probe: {
            g.truncate(i);
            const probe_prototype probe = f.probes.back();
            f.probes.pop_back();
            ++g.size;
            event& x = g[i];
            x = probe.proto;
            x.reads_from = probe.write;
            x.first_reader = nil;
            x.revisited = false;
            x.maximal = false;
            x.spurious = false;
            g.at(x.thread, x.index) = i;
            ++g.count[x.thread];
            set_read(x);
            return enter(false);
        }
        case work_item::marker: {
            g.truncate(i + 1);
            event& x = g[i];
            if (x.kind == marker_event) {
                --g.markers;
            } else {  // an earlier alternative of the same marker
                if (x.in_total_order()) --g.total_order_events;
                if (x.writes()) g.remove_write(i);
                g.remove_reader(i);
                --g.count[x.thread];
            }
            x.kind = read_event;
            x.maximal = false;
            x.reads_from = item.write;
            x.first_reader = nil;
            g.at(x.thread, x.index) = i;
            ++g.count[x.thread];
            set_read(x);
            return enter(false);
        }
        case work_item::waiter:
        case work_item::waiter_conflict: {
            g.truncate(i + 1);
            event& x = g[i];
            x.maximal = false;
            std::uint64_t waiters = eligible_waiters(x, x.reads_from);
            for (unsigned k = item.argument; k; --k) waiters &= waiters - 1;
            x.value = x.read_value & ~(waiters & (~waiters + 1));
            if (item.kind == work_item::waiter_conflict) {
                revisits(i, conflicting_update(x.reads_from, x.object, i));
                return false;
            }
            revisits(i, i);
            return true;
        }
        case work_item::spurious:
            g.truncate(i + 1);
            g[i].maximal = false;
            reread(true);
            link(i);
            return !spent_spurious(i + 1) && is_consistent_at(i);
        case work_item::choice:
            g.truncate(i + 1);
            g[i].maximal = false;
            g[i].value = item.argument;
            return !spent_spurious(i + 1);
        case work_item::forward:
            g.truncate(i + 1);
            g[i].maximal = false;
            reread(false);
            return enter(true);
        case work_item::place: {
            g.truncate(i + 1);
            g[i].maximal = false;
            g.remove_write(i);
            g.insert_write(i, item.write);
            if (!is_consistent_at(i)) return false;
            revisits(i, i);
            return true;
        }
    }
    return false;
}

// A run that ended with threads waiting: a real hang, or a leftover whose continuation is another
// graph?
bool engine::is_redundant() const {
    for (unsigned s = 0; s < thread_slots_; ++s) {
        const modelled_thread& t = threads_[s];
        if (t.state == run_state::blocked) {
            const event& e = t.pending;
            if (is_half_done(e)) return true;
            if (!is_await(e.op)) continue;
            if (satisfies(e, value_of(newest(e.object), e.object))) return true;
            for (event_index i = graph_->size - 1; i >= graph_->settled; --i) {
                const event& m = (*graph_)[i];
                if (m.kind == marker_event && m.thread == s && m.index == t.position &&
                    m.reads_from != newest(m.object))
                    return true;
            }
        } else if (t.state == run_state::spinning && polls_[s].waits) {
            if (could_have_gone_on(t)) return true;
        } else if (t.state == run_state::spinning) {
            for (unsigned k = t.spin_from; k < t.position; ++k) {
                const event& e = (*graph_)[graph_->at(s, k)];
                // An update is newer than what it read, and another spinning thread may stand after
                // both: such a loop goes on for as long as the value is the same.
                if (e.kind == update_event ? value_of(newest(e.object), e.object) != e.read_value
                                           : e.reads() && e.reads_from != newest(e.object))
                    return true;
            }
        }
    }
    return false;
}

// Identifies a graph: what each thread did, reading from what and standing after what.
std::uint64_t engine::graph_hash() const {
    std::uint64_t h = 1;
    const auto mix = [&h](std::uint64_t x) {
        h ^= x + 0x9e37'79b9'7f4a'7c15ULL + (h << 6) + (h >> 2);
        h *= 0xff51'afd7'ed55'8ccdULL;
        h ^= h >> 32;
    };
    const auto name = [&](event_index w) {
        mix(w < 0 ? 77 : (std::uint64_t{(*graph_)[w].thread} << 16 | (*graph_)[w].index) + 100);
    };
    for (unsigned t = 0; t < thread_slots_; ++t)
        for (unsigned k = 0; k < graph_->count[t]; ++k) {
            const event& e = (*graph_)[graph_->at(t, k)];
            mix(std::uint64_t{t} << 16 | k);
            mix(e.kind);
            if (e.kind == choice_event) mix(e.value);
            if (e.reads()) name(e.reads_from);
            if (e.op == operation::notify_one) mix(e.value);
            if (e.writes()) name(e.previous_write);
        }
    return h;
}

}  // namespace heddle::scheduler
