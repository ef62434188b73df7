#include "machine.hpp"

#include <algorithm>

#include "stepper.hpp"
#include "well_formed.hpp"

namespace heddle::soundness {

machine::machine(const program& p, bounds b) : program_(p), bounds_(b), code_(compile(p)) {
    atomics_ = globals;
    mutexes_ = atomics_ + p.atomics * atomic_words;
    conditions_ = mutexes_ + static_cast<unsigned>(p.mutexes.size()) * mutex_words;
    vars_ = conditions_ + p.conditions;
    size_ = vars_ + p.vars;
    for (unsigned t = 0; t < p.threads.size(); ++t) {
        threads_.push_back(size_);
        size_ += results + code_[t].results;
    }
    accesses_of_var_ = 1 + static_cast<unsigned>(p.threads.size());
    for_each_statement(p, [&](const statement& s) { has_atomic_waits_ |= s.what == kind::wait; });
    for (unsigned x = 0; x < p.atomics; ++x)
        unlooked_atomics_.push_back(counts_rounds(p, kind::fetch_add, x));
    for (unsigned v = 0; v < p.vars; ++v) unlooked_vars_.push_back(counts_rounds(p, kind::add, v));
}

void machine::begin(steps& out) const {
    state s(size_);
    s[spurious_left] = static_cast<std::int32_t>(bounds_.spurious);
    for (unsigned m = 0; m < program_.mutexes.size(); ++m)
        s[mutexes_ + m * mutex_words + owner] = -1;
    s[threads_[0] + status] = running;
    stepper(*this, std::move(s), out).settle();
}

void machine::expand(const state& s, steps& out) const {
    bool active = false, timed = false;
    for (unsigned t = 0; t < threads_.size(); ++t) {
        if (s[threads_[t] + status] != running) continue;
        stepper(*this, s, out).visible(t, active, timed);
    }
    out.timed = timed;
    out.idle = !active && !complete(s);
    if (out.idle && timed && !holds_a_part(s)) let_time_pass(s, out);
}

void machine::let_time_pass(const state& s, steps& out) const {
    stepper(*this, s, out).let_time_pass();
}

bool machine::spends_a_bound(const state& from, const state& to) const {
    return to[spurious_left] < from[spurious_left] ||
           std::any_of(threads_.begin(), threads_.end(), [&](unsigned base) {
               return to[base + early_timeouts] > from[base + early_timeouts] ||
                      to[base + early_sleeps] > from[base + early_sleeps];
           });
}

bool machine::complete(const state& s) const {
    return std::all_of(threads_.begin(), threads_.end(),
                       [&](unsigned base) { return s[base + status] == exited; });
}

bool machine::holds_a_part(const state& s) const {
    for (unsigned t = 0; t < threads_.size(); ++t)
        if (s[threads_[t] + status] == running && next_of(s, t).what == action::lock_second)
            return true;
    return false;
}

std::string machine::stuck(const state& s) const {
    // Who waits for whom, if that is one thread: -1 nobody, -2 one that has ended.
    const auto blocker = [&](unsigned t) {
        const instruction& i = next_of(s, t);
        if (s[threads_[t] + status] != running) return -1;
        if (i.what == action::join) return static_cast<int>(i.at);
        if (i.what != action::lock && i.what != action::lock_both_free) return -1;
        const auto holder_of = [&](unsigned m) { return s[mutexes_ + m * mutex_words + owner]; };
        int holder = holder_of(i.at);
        if (i.what == action::lock_both_free && holder < 0)
            holder = holder_of(std::max(i.of->object, i.of->other));
        if (holder >= 0 && s[threads_[static_cast<unsigned>(holder)] + status] == exited) return -2;
        return static_cast<int>(holder);
    };
    for (unsigned t = 0; t < threads_.size(); ++t) {
        int next = blocker(t);
        for (unsigned hops = 0; next >= 0 && hops < threads_.size(); ++hops) {
            if (next == static_cast<int>(t)) return "deadlock";
            next = blocker(static_cast<unsigned>(next));
        }
        if (next == -2) return "deadlock";
    }
    for (unsigned t = 0; t < threads_.size(); ++t) {
        if (s[threads_[t] + status] != running || s[threads_[t] + waiting] != in_set) continue;
        steps ignored;
        if (stepper(*this, s, ignored).leaves_wait(t)) return "lost_notification";
    }
    return "deadlock";
}

std::string machine::outcome(const state& s) const {
    std::string text;
    for (unsigned t = 0; t < threads_.size(); ++t) {
        const unsigned base = threads_[t];
        if (s[base + status] != exited) continue;
        if (!text.empty()) text += ' ';
        text += "t" + std::to_string(t) + ":";
        const unsigned end_of_results = t + 1 < threads_.size() ? threads_[t + 1] : size_;
        for (unsigned w = base + results; w < end_of_results; ++w) {
            if (w != base + results) text += ',';
            text += std::to_string(s[w]);
        }
    }
    return text;
}

}  // namespace heddle::soundness
