// The steps that other threads see: on atomics, mutexes and condition variables.
#include <algorithm>

#include "stepper.hpp"

namespace heddle::soundness {

using w = machine;

void stepper::visible(unsigned thread, bool& active, bool& timed) {
    t_ = thread;
    switch (next().what) {
        case action::load:
        case action::store:
        case action::update:
        case action::await:
        case action::exchange_if: return atomic_step(active);
        case action::wait_load:
        case action::wait_enter:
        case action::wait_block: return wait_step(active);
        case action::notify: active = true; return notify_waiters();
        case action::lock:
        case action::unlock:
        case action::try_lock:
        case action::timed_lock:
        case action::lock_both_free:
        case action::lock_second: return mutex_step(active, timed);
        case action::condition_enter:
        case action::condition_block: return condition_step(active, timed);
        case action::condition_notify: active = true; return notify_condition();
        case action::sleep_block: timed = true; return;
        default: return;  // waits for a thread to end
    }
}

// ---- atomics -----------------------------------------------------------------------------------

void stepper::atomic_step(bool& active) {
    const instruction& i = next();
    const statement& s = *i.of;
    if (i.what == action::exchange_if) return exchange_if(active);
    if (i.what == action::await && !holds(s.compare, of_atomic(i.at, w::value), s.expected)) return;
    active = true;
    branch([&](stepper& n) {
        const word seen = n.of_atomic(i.at, w::value);
        if (i.what != action::store) n.see(i.at, s.success);
        if (i.what == action::store) {
            n.make_write(i.at, n.operand_of(s), s.success, false);
        } else if (i.what == action::update) {
            const word by = n.operand_of(s);
            n.make_write(i.at,
                         s.what == kind::fetch_add   ? seen + by
                         : s.what == kind::fetch_or  ? seen | by
                         : s.what == kind::fetch_xor ? seen ^ by
                                                     : by,
                         s.success, true);
        }
        if (i.what != action::store && i.slot >= 0) n.result(i.slot) = seen;
        const bool polls = s.what == kind::poll || s.what == kind::poll_update;
        const bool found = polls && holds(s.compare, seen, s.expected);
        if (found) n.of_thread(w::tries) = 0;
        n.after(found);
    });
}

void stepper::exchange_if(bool& active) {
    const instruction& i = next();
    const statement& s = *i.of;
    const bool single =
        s.what == kind::compare_exchange_strong || s.what == kind::compare_exchange_weak;
    const word seen = of_atomic(i.at, w::value);
    const word expected = single ? s.expected : result(i.slot);
    const bool matches = seen == expected;
    active = true;
    branch([&](stepper& n) {
        n.see(i.at, matches ? s.success : s.failure);
        if (matches)
            n.make_write(i.at,
                         s.what == kind::weak_loop ? expected + s.value.constant : n.operand_of(s),
                         s.success, true);
        n.result(i.slot) = seen;
        if (single) n.result(i.slot + 1) = matches;
        n.after(matches);
    });
    if (!matches || s.what == kind::compare_exchange_strong || s_[w::spurious_left] == 0) return;
    branch([&](stepper& n) {
        --n.s_[w::spurious_left];
        n.see(i.at, s.failure);
        n.result(i.slot) = seen;
        if (single) n.result(i.slot + 1) = 0;
        n.advance();
    });
}

// A wait blocks on the write that it has seen, unless it missed a notification by somebody who
// knows a later one.
void stepper::wait_step(bool& active) {
    const instruction& i = next();
    const statement& s = *i.of;
    if (i.what == action::wait_block) {
        if (of_thread(w::waiting) == w::taken_out) {
            active = true;
            branch([](stepper& n) {
                n.not_before(n.of_thread(w::woken_at));
                n.of_thread(w::waiting) = w::nowhere;
                n.of_thread(w::patient) = 0;
                n.advance();
            });
        } else if (s_[w::spurious_left] && !of_thread(w::patient)) {
            branch([&](stepper& n) {
                --n.s_[w::spurious_left];
                n.update_time(n.of_atomic(i.at, w::waiters_time));
                n.of_thread(w::waiting) = w::nowhere;
                n.of_thread(w::patient) = 0;
                n.advance();
            });
        }
        return;
    }
    active = true;
    branch([&](stepper& n) {
        if (i.what == action::wait_load) {
            n.see(i.at, s.success);
            n.of_thread(w::wait_write) = n.of_atomic(i.at, w::newest);
            return n.after(n.of_atomic(i.at, w::value) != s.expected);
        }
        if (n.of_thread(w::wait_write) < n.of_atomic(i.at, w::notified)) return n.jump();
        n.update_time(n.of_atomic(i.at, w::waiters_time));
        n.of_thread(w::waiting) = w::in_set;
        n.advance();
    });
}

// Eligible is who has blocked on an older write than the newest one that happens before this.
void stepper::notify_waiters() {
    const instruction& i = next();
    const word newest = static_cast<word>(get(of_thread(w::known)).write(i.at));
    std::vector<unsigned> eligible;
    for (unsigned t = 0; t < m_.threads_.size(); ++t) {
        const unsigned base = m_.threads_[t];
        if (s_[base + w::status] == w::running && s_[base + w::waiting] == w::in_set &&
            m_.next_of(s_, t).what == action::wait_block && m_.next_of(s_, t).at == i.at &&
            s_[base + w::wait_write] < newest)
            eligible.push_back(base);
    }
    const auto notify = [&](const std::vector<unsigned>& taken) {
        branch([&](stepper& n) {
            word& notified = n.of_atomic(i.at, w::notified);
            notified = std::max(notified, newest);
            word& set_time = n.of_atomic(i.at, w::waiters_time);
            if (taken.empty())
                n.not_before(set_time);
            else
                n.update_time(set_time);
            for (const unsigned base : taken) {
                n.s_[base + w::waiting] = w::taken_out;
                n.s_[base + w::woken_at] = n.of_thread(w::time);
            }
            n.advance();
        });
    };
    if (i.of->what == kind::notify_all || eligible.empty()) return notify(eligible);
    for (const unsigned base : eligible) notify({base});
}

// ---- mutexes -----------------------------------------------------------------------------------

void stepper::take(unsigned m) {
    if (of_mutex(m, w::depth)++ > 0) return;
    of_mutex(m, w::owner) = static_cast<word>(t_);
    knowledge mine = get(of_thread(w::known));
    mine.join(get(of_mutex(m, w::passed_on)));
    put(of_thread(w::known), mine);
    update_time(of_mutex(m, w::mutex_time));
}

void stepper::give_back(unsigned m) {
    if (--of_mutex(m, w::depth) > 0) return;
    of_mutex(m, w::owner) = -1;
    put(of_mutex(m, w::passed_on), get(of_thread(w::known)));
    of_mutex(m, w::mutex_time) = of_thread(w::time);
}

void stepper::mutex_step(bool& active, bool& timed) {
    const instruction& i = next();
    const mutex_kind type = m_.program_.mutexes[i.at];
    const bool recursive = type == mutex_kind::recursive || type == mutex_kind::recursive_timed;
    const bool available = is_free(i.at) || (recursive && is_mine(i.at));
    switch (i.what) {
        case action::unlock:
            active = true;
            return branch([&](stepper& n) {
                n.give_back(i.at);
                n.advance();
            });
        case action::try_lock:
            active = true;
            return branch([&](stepper& n) {
                if (available)
                    n.take(i.at);
                else
                    n.not_before(n.of_mutex(i.at, w::mutex_time));
                if (i.slot >= 0) n.result(i.slot) = available;
                if (available && i.of->what == kind::poll_guard) n.of_thread(w::tries) = 0;
                n.after(!available);
            });
        case action::lock_both_free:
            // Where only the first one is free it may take that or none, and nobody counts on it.
            if (!available) return;
            active = active || is_free(std::max(i.of->object, i.of->other));
            return branch([&](stepper& n) {
                n.take(i.at);
                n.advance();
            });
        case action::timed_lock:
            if (available) break;
            timed = true;
            if (of_thread(w::patient) ||
                of_thread(w::early_timeouts) >= static_cast<word>(m_.bounds_.early_timeouts))
                return;
            return branch([&](stepper& n) {
                ++n.of_thread(w::early_timeouts);
                n.not_before(std::max(n.of_mutex(i.at, w::mutex_time), n.of_thread(w::deadline)));
                n.result(i.slot) = 0;
                n.jump();
            });
        default:
            if (!available) return;
    }
    active = true;
    branch([&](stepper& n) {
        n.take(i.at);
        if (i.what == action::timed_lock) n.result(i.slot) = 1;
        n.of_thread(w::patient) = 0;
        n.advance();
    });
}

// ---- condition variables -----------------------------------------------------------------------

void stepper::leave(machine::wait_end end) {
    of_thread(w::waiting) = w::nowhere;
    of_thread(w::patient) = 0;
    of_thread(w::end) = end;
    advance();
}

void stepper::condition_step(bool& active, bool& timed) {
    const instruction& i = next();
    if (i.what == action::condition_enter) {
        active = true;
        return branch([&](stepper& n) {
            n.update_time(n.condition_time(i.at));
            n.of_thread(w::waiting) = w::in_set;
            n.give_back(i.of->held);
            n.advance();
        });
    }
    const bool has_deadline =
        i.of->what == kind::condition_wait_for || i.of->what == kind::condition_wait_for_until;
    const word where = of_thread(w::waiting);
    if (where == w::expired || (where == w::taken_out && of_thread(w::end) == w::by_timeout)) {
        active = true;
        return branch([&](stepper& n) {
            n.update_time(n.condition_time(i.at));
            n.leave(w::by_timeout);
        });
    }
    if (where == w::taken_out) {
        active = true;
        return branch([](stepper& n) {
            n.not_before(n.of_thread(w::woken_at));
            n.leave(w::by_notification);
        });
    }
    if (has_deadline) timed = true;
    if (of_thread(w::patient)) return;
    if (s_[w::spurious_left])
        branch([&](stepper& n) {
            --n.s_[w::spurious_left];
            n.update_time(n.condition_time(i.at));
            n.leave(w::spuriously);
        });
    if (has_deadline && of_thread(w::early_timeouts) < static_cast<word>(m_.bounds_.early_timeouts))
        branch([&](stepper& n) {
            ++n.of_thread(w::early_timeouts);
            n.not_before(n.of_thread(w::deadline));
            n.update_time(n.condition_time(i.at));
            n.leave(w::by_timeout);
        });
}

// Takes one waiter or all out of the set: any one, as std says.
void stepper::notify_condition() {
    const instruction& i = next();
    std::vector<unsigned> waiters;
    for (unsigned t = 0; t < m_.threads_.size(); ++t) {
        const word where = s_[m_.threads_[t] + w::waiting];
        if (s_[m_.threads_[t] + w::status] == w::running &&
            (where == w::in_set || where == w::expired) &&
            m_.next_of(s_, t).what == action::condition_block && m_.next_of(s_, t).at == i.at)
            waiters.push_back(m_.threads_[t]);
    }
    const auto take_out = [](stepper& n, unsigned base) {
        if (n.s_[base + w::waiting] == w::in_set) n.s_[base + w::end] = w::by_notification;
        n.s_[base + w::waiting] = w::taken_out;
        n.s_[base + w::woken_at] = n.of_thread(w::time);
    };
    if (waiters.empty())
        return branch([&](stepper& n) {
            n.not_before(n.condition_time(i.at));
            n.advance();
        });
    if (i.of->what == kind::condition_notify_all)
        return branch([&](stepper& n) {
            n.update_time(n.condition_time(i.at));
            for (const unsigned base : waiters) take_out(n, base);
            n.advance();
        });
    for (const unsigned base : waiters)
        branch([&](stepper& n) {
            n.update_time(n.condition_time(i.at));
            take_out(n, base);
            n.advance();
        });
}

// ---- time --------------------------------------------------------------------------------------

// The earliest of the deadlines that threads wait for is reached, and all waits with that deadline
// time out. Who waits on has waited through it.
void stepper::let_time_pass() {
    word earliest = 0, latest = 0;
    std::vector<unsigned> waiters;
    for (unsigned t = 0; t < m_.threads_.size(); ++t) {
        const unsigned base = m_.threads_[t];
        latest = std::max(latest, s_[base + w::time]);
        if (s_[base + w::status] != w::running) continue;
        const instruction& i = m_.next_of(s_, t);
        s_[base + w::patient] = i.what == action::condition_block || i.what == action::timed_lock ||
                                i.what == action::wait_block;
        const bool is_timed =
            i.what == action::sleep_block || i.what == action::timed_lock ||
            (i.what == action::condition_block && (i.of->what == kind::condition_wait_for ||
                                                   i.of->what == kind::condition_wait_for_until));
        if (!is_timed) continue;
        if (waiters.empty() || s_[base + w::deadline] < earliest) {
            earliest = s_[base + w::deadline];
            waiters.clear();
        }
        if (s_[base + w::deadline] == earliest) waiters.push_back(t);
    }
    for (const unsigned t : waiters) {
        t_ = t;
        not_before(std::max(latest, earliest));
        of_thread(w::patient) = 0;
        switch (next().what) {
            case action::sleep_block: advance(); break;
            case action::timed_lock:
                result(next().slot) = 0;
                jump();
                break;
            default: of_thread(w::waiting) = w::expired; of_thread(w::end) = w::by_timeout;
        }
    }
    settle();
}

// ---- the last wakeup ---------------------------------------------------------------------------

bool stepper::leaves_wait(unsigned thread) {
    t_ = thread;
    const statement* const wait = next().of;
    of_thread(w::waiting) = w::nowhere;
    of_thread(w::end) = w::by_notification;
    advance();
    for (;;) {
        const instruction& i = next();
        if (i.of != wait) return true;
        switch (i.what) {
            case action::lock:
                if (!is_free(i.at)) return false;
                take(i.at);
                advance();
                break;
            case action::wait_load: after(of_atomic(i.at, w::value) != i.of->expected); break;
            case action::condition_enter:
            case action::wait_enter: return false;
            default: local_step();
        }
    }
}

}  // namespace heddle::soundness
