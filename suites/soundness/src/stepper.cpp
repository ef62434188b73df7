#include "stepper.hpp"

#include <algorithm>
#include <bit>

namespace heddle::soundness {

using w = machine;

void knowledge::join(knowledge other) noexcept {
    accesses |= other.accesses;
    for (unsigned x = 0; x < 4; ++x)
        if (other.write(x) > write(x)) set_write(x, other.write(x));
}

void knowledge::set_write(unsigned atomic, unsigned place) noexcept {
    writes = (writes & ~(0xffU << (8 * atomic))) | place << (8 * atomic);
}

knowledge stepper::get(const word& first) const {
    return {static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(*(&first + 1))};
}

void stepper::put(word& first, knowledge k) const {
    first = static_cast<word>(k.accesses);
    *(&first + 1) = static_cast<word>(k.writes);
}

template <class F>
void stepper::each_knowledge(F&& f) {
    const auto visit = [&](word& first) {
        knowledge k = get(first);
        f(k);
        put(first, k);
    };
    for (unsigned x = 0; x < m_.program_.atomics; ++x) visit(of_atomic(x, w::message));
    for (unsigned m = 0; m < m_.program_.mutexes.size(); ++m) visit(of_mutex(m, w::passed_on));
    for (const unsigned base : m_.threads_) {
        visit(s_[base + w::known]);
        visit(s_[base + w::known_at_release_fence]);
        visit(s_[base + w::seen_by_relaxed]);
    }
}

int stepper::operand_of(const statement& s) {
    return (s.value.slot < 0 ? 0 : result(s.value.slot)) + s.value.constant;
}

// ---- steps that nobody else sees ---------------------------------------------------------------

bool stepper::is_local() {
    const instruction& i = next();
    if (i.what == action::join) return s_[m_.threads_[i.at] + w::status] == w::exited;
    return i.what >= action::set_deadline;
}

void stepper::settle() {
    for (t_ = 0; t_ < m_.threads_.size();) {
        if (of_thread(w::status) != w::running || !is_local()) {
            ++t_;
            continue;
        }
        local_step();
        if (ended_) return;
        t_ = 0;  // it may have started a thread, or ended, and another one joins it
    }
    if (m_.has_atomic_waits_) renumber_writes();
    out_.next.push_back(std::move(s_));
}

void stepper::local_step() {
    const instruction& i = next();
    const statement& s = *i.of;
    switch (i.what) {
        case action::join: {
            knowledge mine = get(of_thread(w::known));
            mine.join(get(s_[m_.threads_[i.at] + w::known]));
            put(of_thread(w::known), mine);
            not_before(s_[m_.threads_[i.at] + w::time]);
            return advance();
        }
        case action::set_deadline:
            of_thread(w::deadline) = of_thread(w::time) + 1000 * static_cast<word>(s.milliseconds);
            return advance();
        case action::begin_tries: of_thread(w::tries) = 0; return advance();
        case action::next_try: {
            const bool none_left = of_thread(w::tries) == static_cast<word>(s.tries);
            of_thread(w::tries) = none_left ? 0 : of_thread(w::tries) + 1;
            return after(none_left);
        }
        case action::jump: return jump();
        case action::set: result(i.slot) = i.expected; return advance();
        case action::read:
        case action::write:
        case action::add:
            access(i.what != action::read);
            if (i.what == action::read)
                result(i.slot) = var(i.at);
            else if (!m_.unlooked_vars_[i.at])
                var(i.at) = operand_of(s) + (i.what == action::add ? var(i.at) : 0);
            return advance();
        case action::test_var: {
            access(false);
            const bool found = holds(s.compare, var(i.at), s.expected);
            if (s.what == kind::poll_var) result(i.slot) = var(i.at);
            if (s.what == kind::poll_var && found) of_thread(w::tries) = 0;
            return after(found);
        }
        case action::test_result: return after(!holds(s.compare, result(i.slot), s.expected));
        case action::test_timeout: return after(of_thread(w::end) != w::by_timeout);
        case action::notified_late:
            if (of_thread(w::end) == w::by_notification &&
                of_thread(w::early_timeouts) < static_cast<word>(m_.bounds_.early_timeouts))
                branch([](stepper& late) {
                    ++late.of_thread(w::early_timeouts);
                    late.not_before(late.of_thread(w::deadline));
                    late.jump();
                });
            return advance();
        case action::fence: fence(); return advance();
        case action::choose:
            for (int v = 1; v < s.expected; ++v)
                branch([v](stepper& other) {
                    other.result(other.next().slot) = v;
                    other.advance();
                });
            result(i.slot) = 0;
            return advance();
        case action::assume:
            if (holds(s.compare, result(i.slot), s.expected)) return advance();
            out_.dropped = ended_ = true;
            return;
        case action::assertion:
            if (holds(s.compare, result(i.slot), s.expected)) return advance();
            out_.assertion = ended_ = true;
            return;
        case action::sleep:
            if (of_thread(w::early_sleeps) < static_cast<word>(m_.bounds_.early_timeouts))
                branch([](stepper& early) {
                    ++early.of_thread(w::early_sleeps);
                    early.not_before(early.of_thread(w::deadline));
                    early.jump();
                });
            return advance();
        case action::read_clock: {
            const word doublings = of_thread(w::clock_reads)++ / 8;
            of_thread(w::time) += 1 << doublings;
            result(i.slot) = of_thread(w::time);
            return advance();
        }
        case action::start: {
            const unsigned child = m_.threads_[i.at];
            s_[child + w::status] = w::running;
            s_[child + w::time] = of_thread(w::time);
            put(s_[child + w::known], get(of_thread(w::known)));
            return advance();
        }
        case action::exit: of_thread(w::status) = w::exited; return;
        default: return advance();
    }
}

// Two accesses, one of them a write, of which the later one does not know the earlier one.
void stepper::access(bool writes) {
    const unsigned first = next().at * m_.accesses_of_var_;
    const std::uint32_t write_bit = 1U << first, my_read = write_bit << (1 + t_);
    const std::uint32_t all = ((1U << m_.accesses_of_var_) - 1) << first;
    auto made = static_cast<std::uint32_t>(s_[w::accesses_made]);
    knowledge mine = get(of_thread(w::known));
    const std::uint32_t conflicting = made & (writes ? all & ~my_read : write_bit);
    if (conflicting & ~mine.accesses) out_.race = ended_ = true;
    const std::uint32_t replaced = writes ? all : my_read, now = writes ? write_bit : my_read;
    each_knowledge([&](knowledge& k) { k.accesses &= ~replaced; });
    mine = get(of_thread(w::known));
    mine.accesses |= now;
    put(of_thread(w::known), mine);
    s_[w::accesses_made] = static_cast<word>((made & ~replaced) | now);
}

void stepper::fence() {
    const order o = next().of->success;
    knowledge mine = get(of_thread(w::known));
    if (o != order::release) mine.join(get(of_thread(w::seen_by_relaxed)));
    put(of_thread(w::known), mine);
    if (o != order::acquire) put(of_thread(w::known_at_release_fence), mine);
}

// ---- atomics -----------------------------------------------------------------------------------

void stepper::see(unsigned x, order o) {
    const knowledge passed = get(of_atomic(x, w::message));
    const bool acquires = o != order::relaxed && o != order::release;
    word& first = of_thread(acquires ? w::known : w::seen_by_relaxed);
    knowledge k = get(first);
    k.join(passed);
    put(first, k);
    not_before(of_atomic(x, w::atomic_time));
}

// An update continues the release sequence that the write it replaces belongs to.
void stepper::make_write(unsigned x, word value, order o, bool update) {
    const bool releases = o != order::relaxed && o != order::acquire;
    knowledge mine = get(of_thread(w::known));
    if (m_.has_atomic_waits_) {
        mine.set_write(x, static_cast<unsigned>(++of_atomic(x, w::newest)));
        put(of_thread(w::known), mine);
    }
    knowledge passed = releases ? mine : get(of_thread(w::known_at_release_fence));
    if (update) passed.join(get(of_atomic(x, w::message)));
    put(of_atomic(x, w::message), passed);
    if (!m_.unlooked_atomics_[x]) of_atomic(x, w::value) = value;
    of_atomic(x, w::atomic_time) = of_thread(w::time);
}

// The places of writes count only by their order: so the states of a loop that writes come back.
void stepper::renumber_writes() {
    for (unsigned x = 0; x < m_.program_.atomics; ++x) {
        bool used[256] = {};
        const auto place = [&](auto&& change) {
            change(of_atomic(x, w::newest));
            change(of_atomic(x, w::notified));
            for (unsigned t = 0; t < m_.threads_.size(); ++t) {
                if (s_[m_.threads_[t] + w::status] != w::running) continue;
                const instruction& i = m_.next_of(s_, t);
                if ((i.what == action::wait_enter || i.what == action::wait_block) && i.at == x)
                    change(s_[m_.threads_[t] + w::wait_write]);
            }
        };
        place([&](word& p) { used[p] = true; });
        each_knowledge([&](knowledge& k) { used[k.write(x)] = true; });
        std::uint8_t rank[256] = {};
        std::uint8_t ranks = 0;
        for (unsigned p = 0; p < 256; ++p)
            if (used[p]) rank[p] = ranks++;
        place([&](word& p) { p = rank[p]; });
        each_knowledge([&](knowledge& k) { k.set_write(x, rank[k.write(x)]); });
    }
}

}  // namespace heddle::soundness
