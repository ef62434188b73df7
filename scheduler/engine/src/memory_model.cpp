#include "memory_model.hpp"

#include <algorithm>
#include <cassert>

namespace heddle::scheduler {

memory_rules::memory_rules(memory_model model, unsigned capacity, bool track_causes)
    : model_(model),
      track_causes_(track_causes),
      scratch_(new event_index[capacity + 2]),
      stack_(new event_index[capacity + 2]),
      node_mark_(new std::uint64_t[capacity + 2]()),
      reader_mark_(new std::uint64_t[capacity + 2]()),
      program_order_(new std::vector<clock_word>) {}

bool memory_rules::consistent_at(event_graph& g, event_index i) {
    if (model_ == memory_model::sc) return consistent_sc(g, i);
    if (g.total_order_events < 2) return true;
    return model_ == memory_model::rc11 ? consistent_rc11(g) : consistent_cpp20(g, i);
}

// Is `start` on a cycle of po | rf | mo | fr, where po crosses thread creation and join?
bool memory_rules::consistent_sc(const event_graph& g, event_index start) {
    const std::uint64_t mark = ++mark_;
    event_index* const stack = stack_.get();
    int depth = 0;
    stack[depth++] = start;
    const auto push = [&](event_index x) {
        if (node_mark_[x] == mark) return;
        node_mark_[x] = mark;
        stack[depth++] = x;
    };
    const unsigned threads = threads_;
    while (depth) {
        const event_index i = stack[--depth];
        const event& x = g[i];
        if (x.index + 1u < g.count[x.thread]) push(g.at(x.thread, x.index + 1u));
        if (x.kind == spawn_event)
            for (unsigned t = 1; t < threads; ++t)
                if (g.count[t] && g.named(g.created_by[t]) == i) push(g.at(t, 0));
        if (x.index + 1u == g.count[x.thread])
            for (event_index k = 0; k < g.size; ++k)
                if (g[k].kind == join_event && g[k].operand == x.thread) push(k);
        if (x.writes()) {
            if (x.next_write != nil) push(x.next_write);
            for (event_index r = x.first_reader; r != nil; r = g[r].next_reader) push(r);
        }
        if (x.reads()) {
            const event_index next = g.next_write(x.reads_from, x.object);
            if (next != nil && next != i) push(next);
        }
        if (node_mark_[start] == mark) return false;
    }
    return true;
}

// Only edges that leave the new event are new, so a cycle of the order S passes {i if seq_cst} or a
// latest seq_cst fence, of some thread, that happens before i.
bool memory_rules::consistent_cpp20(const event_graph& g, event_index i) {
    const event& e = g[i];
    if (!g.total_order_fences) {
        if (!e.in_total_order()) return true;
        const bool cyclic = precedes_itself_cpp20(
            g, i, e.writes() ? e.next_write : g.next_write(e.reads_from, e.object));
        assert(cyclic == reaches_itself_cpp20(g, i));
        return !cyclic;
    }
    if (e.in_total_order() && reaches_itself_cpp20(g, i)) return false;
    const unsigned threads = threads_;
    const clock_ref hb = g.happens_before(i);
    for (unsigned t = 0; t < threads; ++t)
        for (int k = std::min<int>(hb[t], g.count[t]) - 1; k >= 0; --k) {
            const event_index f = g.at(t, static_cast<unsigned>(k));
            if (f == i || g[f].kind != fence_event || !g[f].in_total_order()) continue;
            if (reaches_itself_cpp20(g, f)) return false;
            break;
        }
    return true;
}

// `reaches_itself_cpp20` for the last event of a log without seq_cst fences, which need not be
// among the readers or the writes yet. The search starts from what is coherence-ordered after it,
// the writes from `next_write` on and their readers, and is over at anything that program order, or
// po;hb;po, puts before it. What is coherence-ordered before it need not be looked for: that comes
// before where the search starts too, and without this event the graph was consistent.
bool memory_rules::precedes_itself_cpp20(const event_graph& g, event_index last,
                                         event_index next_write) {
    const event* const events = g.events;
    const event& self = events[last];
    const clock_ref known = happens_before_of(g, g.program_predecessor(self));
    const unsigned self_thread = self.thread;
    const std::uint64_t mark = ++mark_;
    std::uint64_t *const node_mark = node_mark_.get(), *const walked = reader_mark_.get();
    event_index* const stack = stack_.get();
    int depth = 0;
    // These return true once the search is over.
    const auto enter = [&](event_index y) {
        const event& e = events[y];
        if (!e.in_total_order() || node_mark[y] == mark) return false;
        if (e.thread == self_thread || known[e.thread] >= e.index + 2) return true;
        node_mark[y] = mark;
        stack[depth++] = y;
        return false;
    };
    const auto enter_readers = [&](event_index r) {
        for (; r != nil; r = events[r].next_reader)
            if (enter(r)) return true;
        return false;
    };
    const auto enter_writes = [&](event_index w) {
        for (; w != nil && walked[w] != mark; w = events[w].next_write) {
            walked[w] = mark;
            if (enter(w) || enter_readers(events[w].first_reader)) return true;
        }
        return false;
    };
    if (enter_writes(next_write)) return true;
    const std::uint64_t others = g.total_order_threads & ~(std::uint64_t{1} << self_thread);
    while (depth) {
        const event& e = events[stack[--depth]];
        if (e.writes() ? enter_readers(e.first_reader) || enter_writes(e.next_write)
                       : enter_writes(g.next_write(e.reads_from, e.object)))
            return true;
        for (unsigned k = e.index + 1u; k < g.count[e.thread]; ++k) {
            const event_index y = g.at(e.thread, k);
            if (!events[y].in_total_order()) continue;
            if (enter(y)) return true;
            break;
        }
        for (std::uint64_t m = others & ~(std::uint64_t{1} << e.thread); m; m &= m - 1) {
            const auto t = static_cast<unsigned>(__builtin_ctzll(m));
            // What the last event of t does not know, none before it does.
            if (!g.count[t] || g.happens_before(g.at(t, g.count[t] - 1u))[e.thread] < e.index + 2)
                continue;
            for (unsigned k = 0; k < g.count[t]; ++k) {
                const event_index y = g.at(t, k), p = g.program_predecessor(events[y]);
                if (!events[y].in_total_order()) continue;
                if (node_mark[y] == mark) break;
                if (p == nil || g.happens_before(p)[e.thread] < e.index + 2) continue;
                if (enter(y)) return true;
                break;
            }
        }
    }
    return false;
}

// Depth-first search over S for a way from `start` back to it, where there are seq_cst fences.
// Edges: po between seq_cst operations; po;hb;po; and, for x coherence-ordered-before y, from x or
// a fence hb-before... to y or the earliest fence hb-after y in each thread.
bool memory_rules::reaches_itself_cpp20(const event_graph& g, event_index start) {
    const std::uint64_t mark = ++mark_;
    event_index* const stack = stack_.get();
    int depth = 0;
    const unsigned threads = threads_;
    bool found = false;
    const auto push_node = [&](event_index y) {
        if (node_mark_[y] == mark) return;
        node_mark_[y] = mark;
        stack[depth++] = y;
        found = found || y == start;
    };
    const auto push_access = [&](event_index y) {
        const event& e = g[y];
        if (e.in_total_order()) push_node(y);
        for (unsigned t = 0; t < threads; ++t)
            for (unsigned k = 0; k < g.count[t]; ++k) {
                const event_index f = g.at(t, k);
                if (g[f].kind == fence_event && g[f].in_total_order() &&
                    g.happens_before(f).covers(e.thread, e.index)) {
                    push_node(f);
                    break;
                }
            }
    };
    const auto push_readers = [&](event_index head) {
        for (event_index r = head; r != nil; r = g[r].next_reader)
            if (reader_mark_[r] != mark) {
                reader_mark_[r] = mark;
                push_access(r);
            }
    };
    const auto push_coherence_later = [&](event_index x) {
        const event& e = g[x];
        event_index w;
        if (e.writes()) {
            push_readers(e.first_reader);
            w = e.next_write;
        } else {
            w = g.next_write(e.reads_from, e.object);
        }
        for (; w != nil; w = g[w].next_write) {
            if (w == x) continue;
            const bool seen = reader_mark_[w] == mark;
            if (seen && g[w].kind == write_event) break;
            reader_mark_[w] = mark;
            if (!seen) push_access(w);
            push_readers(g[w].first_reader);
        }
    };
    for (event_index a = start;;) {
        const event& e = g[a];
        // The last event of the log has none after it in program order or happens-before.
        const bool last = a == g.size - 1;
        for (unsigned k = e.index + 1u; !last && k < g.count[e.thread]; ++k) {
            const event_index y = g.at(e.thread, k);
            if (g[y].in_total_order()) {
                push_node(y);
                break;
            }
        }
        for (std::uint64_t m = last || found ? 0 : g.total_order_threads; m; m &= m - 1) {
            const auto t = static_cast<unsigned>(__builtin_ctzll(m));
            if (t == e.thread || !g.count[t]) continue;
            // What the last event of t does not know, none before it does.
            if (g.happens_before(g.at(t, g.count[t] - 1u))[e.thread] < e.index + 2) continue;
            for (unsigned k = 0; k < g.count[t]; ++k) {
                const event_index y = g.at(t, k);
                if (!g[y].in_total_order()) continue;
                const event_index p = g.program_predecessor(g[y]);
                if (p != nil && g.happens_before(p)[e.thread] >= e.index + 2) {
                    push_node(y);
                    break;
                }
                if (node_mark_[y] == mark) break;
            }
        }
        if (e.kind != fence_event) {
            push_coherence_later(a);
        } else {
            for (unsigned t = 0; t < threads; ++t)
                for (unsigned k = t == e.thread ? e.index + 1u : 0; k < g.count[t]; ++k) {
                    const event_index x = g.at(t, k);
                    if (g[x].accesses() && g[x].kind <= update_event &&
                        g.happens_before(x).covers(e.thread, e.index))
                        push_coherence_later(x);
                }
        }
        if (found) return true;
        if (!depth) return false;
        a = stack[--depth];
    }
}

// psc_base and psc_fence acyclic (PLDI 2017, section 3), rebuilt from the whole graph; po crosses
// spawn and join.
bool memory_rules::consistent_rc11(const event_graph& g) {
    const int n = g.size;
    const unsigned words = g.words();
    auto& po = *program_order_;
    po.assign(static_cast<std::size_t>(n) * words, clock_word{});
    const auto before = [&](int i) {
        return clock_ref{po.data() + static_cast<std::size_t>(i) * words};
    };
    nodes_.clear();
    for (int i = 0; i < n; ++i) {
        const event& e = g[i];
        if (e.kind == marker_event) continue;
        if (e.in_total_order()) nodes_.push_back(i);
        const event_index p = g.program_predecessor(e);
        if (p != nil) before(i).assign(before(p), words);
        if (e.kind == join_event && g.count[e.operand])
            before(i).join(before(g.at(static_cast<unsigned>(e.operand), g.count[e.operand] - 1u)),
                           words);
        before(i).raise(e.thread, e.index + 1u);
    }
    if (nodes_.size() < 2) return true;
    position_.assign(static_cast<std::size_t>(n), 0);
    for (unsigned l = 0; l < objects_; ++l) {
        std::int32_t m = 0;
        for (event_index w = g.locations[l].first; w != nil; w = g[w].next_write)
            position_[w] = 2 * ++m;
    }
    for (int i = 0; i < n; ++i)
        if (g[i].kind == read_event)
            position_[i] = (g[i].reads_from < 0 ? 0 : position_[g[i].reads_from]) + 1;
    const auto live = [&](int i) { return g[i].kind != marker_event; };
    const auto access = [&](int i) { return live(i) && g[i].accesses(); };
    const auto same = [&](int a, int b) {
        return access(a) && access(b) && g[a].object == g[b].object;
    };
    const auto is_po = [&](int a, int b) {
        return a != b && before(b).covers(g[a].thread, g[a].index);
    };
    const auto is_hb = [&](int a, int b) {
        return a != b && g.happens_before(b).covers(g[a].thread, g[a].index);
    };
    const auto cell = [&](int a, int b) {
        return static_cast<std::size_t>(a) * static_cast<std::size_t>(n) + b;
    };

    scb_.assign(static_cast<std::size_t>(n) * n, 0);
    for (int a = 0; a < n; ++a) {
        if (!live(a)) continue;
        reach_.assign(n, 0);  // a ; po_dl ; hb
        for (int c = 0; c < n; ++c)
            if (live(c) && is_po(a, c) && !same(a, c))
                for (int d = 0; d < n; ++d)
                    if (live(d) && is_hb(c, d)) reach_[d] = 1;
        for (int b = 0; b < n; ++b) {
            if (!live(b) || b == a) continue;
            bool related =
                is_po(a, b) ||
                (same(a, b) && (is_hb(a, b) || (g[b].writes() && position_[a] < position_[b])));
            for (int d = 0; d < n && !related; ++d)
                related = reach_[d] && is_po(d, b) && !same(d, b);
            scb_[cell(a, b)] = related;
        }
    }
    const std::size_t k = nodes_.size();
    edges_.assign(k * k, 0);
    for (std::size_t p = 0; p < k; ++p)
        for (std::size_t q = 0; q < k; ++q) {
            const int a = nodes_[p], b = nodes_[q];
            const bool from_fence = g[a].kind == fence_event, to_fence = g[b].kind == fence_event;
            bool related = from_fence && to_fence && is_hb(a, b);
            for (int i = 0; i < n && !related; ++i) {
                if (!live(i) || !(i == a || (from_fence && is_hb(a, i)))) continue;
                for (int j = 0; j < n && !related; ++j) {
                    if (!live(j) || !(j == b || (to_fence && is_hb(j, b)))) continue;
                    related = scb_[cell(i, j)] || (from_fence && to_fence && i != a && j != b &&
                                                   same(i, j) && position_[i] < position_[j]);
                }
            }
            if (related && p == q) return false;
            edges_[p * k + q] = related;
        }
    gone_.assign(k, 0);
    std::size_t left = k;
    for (bool changed = true; changed && left;) {
        changed = false;
        for (std::size_t p = 0; p < k; ++p) {
            if (gone_[p]) continue;
            bool leaves = false;
            for (std::size_t q = 0; q < k && !leaves; ++q) leaves = !gone_[q] && edges_[p * k + q];
            if (!leaves) gone_[p] = 1, --left, changed = true;
        }
    }
    return left == 0;
}

}  // namespace heddle::scheduler
