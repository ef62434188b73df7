#include "instructions.hpp"

#include <algorithm>
#include <utility>

#include "well_formed.hpp"

namespace heddle::soundness {
namespace {

class compiler {
public:
    compiler(const program& p, unsigned thread) : slots_(slots_of(p.threads[thread])) {
        statements(p.threads[thread]);
        if (thread == 0) {
            static const statement last_look = [] {
                statement s;
                s.what = kind::load;
                return s;
            }();
            for (unsigned x = 0; x < p.atomics; ++x) {
                if (counts_rounds(p, kind::fetch_add, x)) continue;
                put(action::load, last_look, x, here() + 1);
                code_.back().slot = static_cast<int>(slots_++);
            }
        }
        put(action::exit, exit_statement(), 0);
    }

    std::vector<instruction> take() { return std::move(code_); }
    unsigned slots() const { return slots_; }  // with those of main's last look at the atomics

private:
    static const statement& exit_statement() {
        static const statement s;
        return s;
    }

    unsigned here() const { return static_cast<unsigned>(code_.size()); }

    // Returns its place, for jumps.
    unsigned put(action what, const statement& s, unsigned at, unsigned target = 0) {
        code_.push_back({what, &s, at, s.slot, target, s.expected});
        return here() - 1;
    }
    void land(unsigned jump) { code_[jump].target = here(); }

    void statements(const block& b) {
        for (const statement& s : b) one(s);
    }

    // A loop around `read`, which jumps out when it has what it polls for.
    template <class Read, class Between>
    void loop(const statement& s, Read&& read, Between&& between, std::vector<unsigned>& given_up) {
        if (s.tries) put(action::begin_tries, s, 0);
        const unsigned top = here();
        if (s.tries) given_up.push_back(put(action::next_try, s, 0));
        read();
        between();
        put(action::jump, s, 0, top);
    }

    void one(const statement& s);
    void atomic(const statement& s);
    void mutex(const statement& s);
    void condition(const statement& s);
    void wait_on_condition(const statement& s) {
        put(action::condition_enter, s, s.object);
        put(action::condition_block, s, s.object);
        put(action::lock, s, s.held);
    }
    void branch(const statement& s) {
        const unsigned no = put(action::test_result, s, 0);
        statements(s.body);
        const unsigned end = put(action::jump, s, 0);
        land(no);
        statements(s.otherwise);
        land(end);
    }

    unsigned slots_;
    std::vector<instruction> code_;
};

void compiler::one(const statement& s) {
    if (s.what <= kind::poll_update) return atomic(s);
    if (s.what <= kind::poll_var) return mutex(s);
    if (s.what <= kind::condition_notify_all) return condition(s);
    switch (s.what) {
        case kind::read: put(action::read, s, s.object); break;
        case kind::write: put(action::write, s, s.object); break;
        case kind::add: put(action::add, s, s.object); break;
        case kind::choose: put(action::choose, s, 0); break;
        case kind::assume: put(action::assume, s, 0); break;
        case kind::assertion: put(action::assertion, s, 0); break;
        case kind::branch: branch(s); break;
        case kind::sleep:
            put(action::set_deadline, s, 0);
            put(action::sleep, s, 0, here() + 2);
            put(action::sleep_block, s, 0);
            break;
        case kind::read_clock: put(action::read_clock, s, 0); break;
        case kind::start: put(action::start, s, s.object); break;
        case kind::join: put(action::join, s, s.object); break;
        case kind::detach: put(action::detach, s, s.object); break;
        default: break;  // a yield, a counter that nobody looks at
    }
}

void compiler::atomic(const statement& s) {
    std::vector<unsigned> exits;
    switch (s.what) {
        case kind::load: put(action::load, s, s.object, here() + 1); break;
        case kind::store: put(action::store, s, s.object); break;
        case kind::compare_exchange_strong:
        case kind::compare_exchange_weak: put(action::exchange_if, s, s.object, here() + 1); break;
        case kind::weak_loop:
        case kind::weak_lock: {
            put(action::set, s, 0);
            const unsigned top = here();
            const unsigned done = put(action::exchange_if, s, s.object);
            if (s.what == kind::weak_lock) put(action::set, s, 0);
            put(action::jump, s, 0, top);
            land(done);
            break;
        }
        case kind::fence: put(action::fence, s, 0); break;
        case kind::wait: {
            const unsigned top = put(action::wait_load, s, s.object);
            put(action::wait_enter, s, s.object, top);
            put(action::wait_block, s, s.object);
            put(action::jump, s, 0, top);
            land(top);
            break;
        }
        case kind::notify_one:
        case kind::notify_all: put(action::notify, s, s.object); break;
        case kind::await: put(action::await, s, s.object); break;
        case kind::poll:
        case kind::poll_update:
            loop(
                s,
                [&] {
                    exits.push_back(
                        put(s.what == kind::poll ? action::load : action::update, s, s.object));
                },
                [&] { statements(s.body); }, exits);
            for (const unsigned e : exits) land(e);
            break;
        default: put(action::update, s, s.object, here() + 1);
    }
}

void compiler::mutex(const statement& s) {
    const auto held = [&] {
        statements(s.body);
        put(action::unlock, s, s.object);
    };
    std::vector<unsigned> exits;
    switch (s.what) {
        case kind::lock: put(action::lock, s, s.object); break;
        case kind::unlock: put(action::unlock, s, s.object); break;
        case kind::guard:
            put(action::lock, s, s.object);
            held();
            break;
        case kind::try_guard:
        case kind::timed_guard: {
            if (s.what == kind::timed_guard) put(action::set_deadline, s, 0);
            const unsigned failed =
                put(s.what == kind::try_guard ? action::try_lock : action::timed_lock, s, s.object);
            held();
            land(failed);
            break;
        }
        case kind::poll_guard: {
            unsigned failed = 0, taken = 0;
            loop(
                s, [&] { failed = put(action::try_lock, s, s.object); },
                [&] {
                    taken = put(action::jump, s, 0);
                    land(failed);
                    statements(s.otherwise);
                },
                exits);
            land(taken);
            held();
            for (const unsigned e : exits) land(e);
            break;
        }
        case kind::poll_var: {
            unsigned found = 0;
            loop(
                s,
                [&] {
                    put(action::lock, s, s.object);
                    found = put(action::test_var, s, s.other);
                },
                [&] {
                    put(action::unlock, s, s.object);
                    statements(s.body);
                },
                exits);
            land(found);
            put(action::unlock, s, s.object);
            for (const unsigned e : exits) land(e);
            break;
        }
        case kind::std_scoped_lock: {
            // Locks one and tries the other; after a failure the other one first.
            const unsigned top = here();
            put(action::lock, s, s.object);
            const unsigned first = put(action::try_lock, s, s.other);
            const unsigned done = put(action::jump, s, 0);
            land(first);
            put(action::unlock, s, s.object);
            put(action::lock, s, s.other);
            const unsigned second = put(action::try_lock, s, s.object);
            const unsigned done_too = put(action::jump, s, 0);
            land(second);
            put(action::unlock, s, s.other);
            put(action::jump, s, 0, top);
            land(done);
            land(done_too);
            held();
            put(action::unlock, s, s.other);
            break;
        }
        default: {
            put(action::lock_both_free, s, std::min(s.object, s.other));
            put(action::lock_second, s, std::max(s.object, s.other));
            statements(s.body);
            // Guards that were declared one after the other end in the opposite order.
            const bool reversed = s.what == kind::lock_both;
            put(action::unlock, s, reversed ? s.other : s.object);
            put(action::unlock, s, reversed ? s.object : s.other);
        }
    }
}

void compiler::condition(const statement& s) {
    switch (s.what) {
        case kind::condition_wait: wait_on_condition(s); break;
        case kind::condition_wait_until: {
            const unsigned top = put(action::test_var, s, s.other);
            wait_on_condition(s);
            put(action::jump, s, 0, top);
            land(top);
            break;
        }
        case kind::condition_wait_for: {
            put(action::set_deadline, s, 0);
            wait_on_condition(s);
            put(action::set, s, 0);
            code_.back().expected = 1;
            const unsigned in_time = put(action::test_timeout, s, 0);
            const unsigned out = put(action::jump, s, 0);
            land(in_time);
            const unsigned late = put(action::notified_late, s, 0);
            put(action::set, s, 0);
            code_.back().expected = 0;
            land(out);
            land(late);
            break;
        }
        case kind::condition_wait_for_until: {
            put(action::set_deadline, s, 0);
            put(action::set, s, 0);
            code_.back().expected = 1;
            const unsigned top = put(action::test_var, s, s.other);
            wait_on_condition(s);
            const unsigned in_time = put(action::test_timeout, s, 0);
            const unsigned out = put(action::test_var, s, s.other);
            const unsigned failed = put(action::jump, s, 0);
            land(in_time);
            const unsigned found = put(action::test_var, s, s.other);
            const unsigned late = put(action::notified_late, s, 0);
            put(action::jump, s, 0, top);
            land(failed);
            land(late);
            put(action::set, s, 0);
            code_.back().expected = 0;
            land(top);
            land(out);
            land(found);
            break;
        }
        default: put(action::condition_notify, s, s.object);
    }
}

}  // namespace

std::vector<code> compile(const program& p) {
    std::vector<code> all;
    for (unsigned t = 0; t < p.threads.size(); ++t) {
        compiler c(p, t);
        all.push_back({c.slots(), c.take()});
    }
    return all;
}

}  // namespace heddle::soundness
