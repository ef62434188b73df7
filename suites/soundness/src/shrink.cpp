#include "shrink.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "limits.hpp"
#include "program_text.hpp"
#include "well_formed.hpp"

namespace heddle::soundness {
namespace {

// The block that holds the n-th statement of the program, and its place there.
struct place {
    block* code = nullptr;
    std::size_t at = 0;
};

bool find(block& code, std::size_t& n, place& out) {
    for (std::size_t k = 0; k < code.size(); ++k) {
        if (n-- == 0) {
            out = {&code, k};
            return true;
        }
        if (find(code[k].body, n, out) || find(code[k].otherwise, n, out)) return true;
    }
    return false;
}

place find(program& p, std::size_t n) {
    place out;
    for (block& thread : p.threads)
        if (find(thread, n, out)) break;
    return out;
}

template <class Count>
void drop_index(Count& index, unsigned dropped) {
    if (index > dropped) --index;
}

bool is_about_thread(const statement& s) { return s.what >= kind::start; }

// Without thread t, which starts no other one.
program without_thread(program p, unsigned t) {
    p.threads.erase(p.threads.begin() + t);
    for (block& code : p.threads)
        code.erase(
            std::remove_if(code.begin(), code.end(),
                           [t](const statement& s) { return is_about_thread(s) && s.object == t; }),
            code.end());
    for_each_statement(p, [t](statement& s) {
        if (is_about_thread(s)) drop_index(s.object, t);
    });
    return p;
}

// Main does what thread t did, where it started t.
program inlined_thread(program p, unsigned t) {
    for (block& code : p.threads)
        for (std::size_t k = 0; k < code.size(); ++k)
            if (code[k].what == kind::start && code[k].object == t) {
                const block moved = p.threads[t];
                block& parent = code;
                parent.insert(parent.begin() + static_cast<std::ptrdiff_t>(k) + 1, moved.begin(),
                              moved.end());
                p.threads[t].clear();
                return without_thread(std::move(p), t);
            }
    return p;
}

class shrinker {
    using clock = std::chrono::steady_clock;

public:
    shrinker(program p, const std::function<bool(const program&)>& fails,
             std::chrono::seconds patience)
        : best_(std::move(p)), fails_(fails), end_(clock::now() + patience) {}

    program run() {
        for (bool smaller = true; smaller && clock::now() < end_;) {
            smaller = threads();
            smaller = statements() || smaller;
            smaller = unwrapping() || smaller;
            smaller = parts() || smaller;
            smaller = objects() || smaller;
            smaller = results() || smaller;
            smaller = order_of_threads() || smaller;
        }
        return std::move(best_);
    }

private:
    bool keep_if_it_fails(const program& candidate) {
        if (clock::now() >= end_ || candidate == best_ || !fault_of(candidate).empty())
            return false;
        // Compared by its text: parts that do not count in it are no change.
        const program normal = parse(to_line(candidate));
        if (normal == best_) return false;
        if (!fails_(normal)) return false;
        best_ = normal;
        return true;
    }

    bool threads() {
        bool any = false;
        for (unsigned t = static_cast<unsigned>(best_.threads.size()); t-- > 1;) {
            if (keep_if_it_fails(without_thread(best_, t)) ||
                keep_if_it_fails(inlined_thread(best_, t)))
                any = true;
        }
        return any;
    }

    template <class Change>
    bool each_statement(Change&& change) {
        bool any = false;
        for (std::size_t n = size_of(best_); n-- > 0;) {
            if (n >= size_of(best_)) continue;
            program candidate = best_;
            const place at = find(candidate, n);
            if (!at.code) continue;
            if (change(candidate, at)) any = keep_if_it_fails(candidate) || any;
        }
        return any;
    }

    bool statements() {
        bool any = each_statement([](program&, place at) {
            at.code->erase(at.code->begin() + static_cast<std::ptrdiff_t>(at.at));
            return true;
        });
        // What only goes in pairs: a lock and its unlock, a write and a notification, two of a
        // kind.
        for (std::size_t n = size_of(best_); n-- > 0;)
            for (std::size_t m = std::min(n + 12, size_of(best_)); m-- > n + 1;) {
                program candidate = best_;
                const place second = find(candidate, m);
                if (!second.code) continue;
                second.code->erase(second.code->begin() + static_cast<std::ptrdiff_t>(second.at));
                const place first = find(candidate, n);
                if (!first.code) continue;
                first.code->erase(first.code->begin() + static_cast<std::ptrdiff_t>(first.at));
                any = keep_if_it_fails(candidate) || any;
            }
        return any;
    }

    // A block of statements takes the place of what holds it.
    bool unwrapping() {
        const auto unwrap = [](block statement::*nested) {
            return [nested](program&, place at) {
                const block inner = (*at.code)[at.at].*nested;
                if (inner.empty()) return false;
                const auto to =
                    at.code->erase(at.code->begin() + static_cast<std::ptrdiff_t>(at.at));
                at.code->insert(to, inner.begin(), inner.end());
                return true;
            };
        };
        const bool any = each_statement(unwrap(&statement::body));
        return each_statement(unwrap(&statement::otherwise)) || any;
    }

    // One part of a statement becomes plainer.
    template <class Part>
    bool part(Part statement::*which, Part plain) {
        return each_statement([=](program&, place at) {
            statement& s = (*at.code)[at.at];
            if (s.*which == plain) return false;
            s.*which = plain;
            return true;
        });
    }
    bool to_kind(kind from, kind to) {
        return each_statement([=](program&, place at) {
            statement& s = (*at.code)[at.at];
            if (s.what != from) return false;
            s.what = to;
            return true;
        });
    }

    bool parts() {
        bool any = part(&statement::success, order::seq_cst);
        any = part(&statement::failure, order::seq_cst) || any;
        // From an order between the two: it would go back and forth otherwise.
        any = each_statement([](program&, place at) {
                  order& o = (*at.code)[at.at].success;
                  if (o == order::seq_cst || o == order::relaxed) return false;
                  o = order::relaxed;
                  return true;
              }) ||
              any;
        any = part(&statement::value, operand{-1, 1}) || any;
        any = part(&statement::milliseconds, 10U) || any;
        for (const unsigned tries : {3U, 2U})
            any = each_statement([tries](program&, place at) {
                      statement& s = (*at.code)[at.at];
                      if (s.tries <= tries) return false;
                      s.tries = tries;
                      return true;
                  }) ||
                  any;
        for (const kind k : {kind::fetch_or, kind::fetch_xor, kind::exchange,
                             kind::compare_exchange_strong, kind::compare_exchange_weak})
            any = to_kind(k, kind::fetch_add) || any;
        for (const kind k : {kind::scoped_lock, kind::lock_both, kind::std_scoped_lock})
            any = to_kind(k, kind::lock_all) || any;
        any = to_kind(kind::notify_all, kind::notify_one) || any;
        any = to_kind(kind::condition_notify_all, kind::condition_notify_one) || any;
        any = to_kind(kind::detach, kind::join) || any;
        return any;
    }

    // One object for two, and none that nobody uses.
    bool objects() {
        bool any = false;
        const auto drop = [&](auto&& count_down) {
            program candidate = best_;
            if (count_down(candidate)) any = keep_if_it_fails(candidate) || any;
        };
        drop([](program& p) { return p.atomics && p.atomics--; });
        drop([](program& p) { return p.vars && p.vars--; });
        drop([](program& p) { return p.conditions && p.conditions--; });
        drop([](program& p) {
            if (p.mutexes.empty()) return false;
            p.mutexes.pop_back();
            return true;
        });
        for (unsigned m = 0; m < best_.mutexes.size(); ++m) {
            program candidate = best_;
            candidate.mutexes[m] = mutex_kind::plain;
            any = keep_if_it_fails(candidate) || any;
        }
        any = each_statement([](program&, place at) {
                  statement& s = (*at.code)[at.at];
                  if (s.object == 0 || is_about_thread(s)) return false;
                  s.object = 0;
                  return true;
              }) ||
              any;
        return any;
    }

    // Results numbered without gaps, in the order of the text.
    bool results() {
        program candidate = best_;
        for (block& thread : candidate.threads) {
            std::vector<int> numbers(most_slots + 1, -1);
            int next = 0;
            const auto renumber = [&](int& slot) {
                if (slot < 0) return;
                int& n = numbers[static_cast<std::size_t>(slot)];
                if (n < 0) n = next++;
                slot = n;
            };
            for_each(thread, [&](statement& s) {
                int second = s.slot + 1;
                renumber(s.slot);
                if (s.what == kind::compare_exchange_strong ||
                    s.what == kind::compare_exchange_weak)
                    renumber(second);
                renumber(s.value.slot);
            });
        }
        return keep_if_it_fails(candidate);
    }

    // Threads that are started first and joined last, in the order of their numbers.
    bool order_of_threads() {
        bool any = false;
        for (std::size_t k = 1; k < best_.threads[0].size(); ++k) {
            const statement &before = best_.threads[0][k - 1], &now = best_.threads[0][k];
            const bool starts_later = now.what == kind::start && before.what != kind::start;
            if (!starts_later) continue;
            program candidate = best_;
            std::swap(candidate.threads[0][k - 1], candidate.threads[0][k]);
            any = keep_if_it_fails(candidate) || any;
        }
        return any;
    }

    program best_;
    const std::function<bool(const program&)>& fails_;
    clock::time_point end_;
};

}  // namespace

program shrink(program p, const std::function<bool(const program&)>& fails,
               std::chrono::seconds patience) {
    return shrinker(std::move(p), fails, patience).run();
}

difference shrink(const difference& d, const limits& l) {
    difference best = d;
    const auto shows = [&](const program& p) {
        for (difference& found : differences_of(p, d.with, l))
            if (found.kind == d.kind) {
                best = std::move(found);
                return true;
            }
        return false;
    };
    if (!shows(d.body)) return d;
    static_cast<void>(shrink(d.body, shows));
    return best;
}

}  // namespace heddle::soundness
