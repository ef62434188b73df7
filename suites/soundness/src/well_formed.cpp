#include "well_formed.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include "limits.hpp"

namespace heddle::soundness {
namespace {

bool loops(const statement& s) {
    return s.what == kind::poll || s.what == kind::poll_update || s.what == kind::poll_guard ||
           s.what == kind::poll_var;
}

// What a loop does between two looks.
const block& between(const statement& s) {
    return s.what == kind::poll_guard ? s.otherwise : s.body;
}

bool fills(const statement& s) {
    return s.what == kind::yield || s.what == kind::count || s.what == kind::add ||
           (s.what == kind::fetch_add && s.slot < 0);
}

bool is_load(kind k) {
    return k == kind::load || k == kind::wait || k == kind::await || k == kind::poll;
}

bool may_load(order o) { return o != order::release && o != order::acq_rel; }
bool may_store(order o) { return o != order::acquire && o != order::acq_rel; }

class check {
public:
    explicit check(const program& p)
        : program_(p), started_(p.threads.size()), ended_(p.threads.size()) {}

    std::string run() {
        if (program_.atomics > most_atomics || program_.mutexes.size() > most_mutexes ||
            program_.conditions > most_conditions || program_.vars > most_vars ||
            program_.threads.size() > most_threads)
            return "too many objects or threads";
        condition_mutexes_.resize(program_.conditions);
        started_[0] = true;
        for (thread_ = 0; thread_ < program_.threads.size(); ++thread_) {
            const block& code = program_.threads[thread_];
            if (slots_of(code) > most_slots) return "too many results in one thread";
            held_.clear();
            named_.clear();
            statements(code, true);
        }
        for (unsigned t = 1; t < program_.threads.size(); ++t)
            if (!started_[t] || !ended_[t]) say("a thread that is not started, joined or detached");
        return fault_;
    }

private:
    void say(const char* what) {
        if (fault_.empty()) fault_ = what;
    }
    void require(bool condition, const char* what) {
        if (!condition) say(what);
    }

    bool holds(unsigned m) const { return std::find(held_.begin(), held_.end(), m) != held_.end(); }
    bool recursive(unsigned m) const {
        return program_.mutexes[m] == mutex_kind::recursive ||
               program_.mutexes[m] == mutex_kind::recursive_timed;
    }

    void statements(const block& code, bool outermost) {
        for (const statement& s : code) {
            if (!fault_.empty()) return;
            one(s, outermost);
        }
    }

    void nested(const statement& s, std::initializer_list<unsigned> mutexes, bool named) {
        const std::size_t before = held_.size(), names = named_.size();
        held_.insert(held_.end(), mutexes);
        if (named) named_.insert(named_.end(), mutexes);
        statements(s.body, false);
        held_.resize(before);
        named_.resize(names);
    }

    void one(const statement& s, bool outermost) {
        if (s.what <= kind::poll_update && s.what != kind::fence)
            atomic(s);
        else if (s.what >= kind::lock && s.what <= kind::poll_var)
            mutex(s, outermost);
        else if (s.what >= kind::condition_wait && s.what <= kind::condition_notify_all)
            condition(s);
        else if (s.what >= kind::start)
            threads(s, outermost);
        else
            plain(s);
        if (loops(s))
            require(std::all_of(between(s).begin(), between(s).end(), fills),
                    "a loop does more than to fill its rounds");
        if (loops(s) && s.what != kind::poll_guard) statements(s.body, false);
        if (s.what == kind::poll_guard) statements(s.otherwise, false);
    }

    void atomic(const statement& s) {
        require(s.object < program_.atomics, "no such atomic");
        const bool weak_or_strong = s.what == kind::compare_exchange_strong ||
                                    s.what == kind::compare_exchange_weak ||
                                    s.what == kind::weak_loop || s.what == kind::weak_lock;
        if (is_load(s.what)) require(may_load(s.success), "a load with the order of a store");
        if (s.what == kind::store)
            require(may_store(s.success), "a store with the order of a load");
        if (weak_or_strong) require(may_load(s.failure), "a failure with the order of a store");
    }

    void mutex(const statement& s, bool outermost) {
        const unsigned m = s.object;
        if (m >= program_.mutexes.size()) return say("no such mutex");
        const bool free = !holds(m) || recursive(m);
        switch (s.what) {
            case kind::lock:
                require(outermost && !holds(m), "a lock without a guard that is nested");
                held_.push_back(m);
                return;
            case kind::unlock: {
                require(outermost && holds(m), "an unlock of what is not held");
                const auto at = std::find(held_.begin(), held_.end(), m);
                if (at != held_.end()) held_.erase(at);
                return;
            }
            case kind::poll_var:
                require(s.other < program_.vars, "no such var");
                return require(!holds(m), "a mutex is taken twice");
            case kind::guard:
            case kind::try_guard:
            case kind::timed_guard:
            case kind::poll_guard:
                require(free, "a mutex is taken twice");
                if (s.what == kind::timed_guard)
                    require(program_.mutexes[m] == mutex_kind::timed ||
                                program_.mutexes[m] == mutex_kind::recursive_timed,
                            "a timed lock of a mutex that is not timed");
                return nested(s, {m}, true);
            default:
                if (s.other >= program_.mutexes.size()) return say("no such mutex");
                require(m != s.other && !holds(m) && !holds(s.other), "a mutex is taken twice");
                nested(s, {m, s.other}, s.what == kind::lock_both);
        }
    }

    void condition(const statement& s) {
        if (s.object >= program_.conditions) return say("no such condition variable");
        if (s.what >= kind::condition_notify_one) return;
        const bool named = std::find(named_.begin(), named_.end(), s.held) != named_.end();
        require(named && program_.mutexes[s.held] == mutex_kind::plain,
                "a wait without a guard of a plain mutex");
        std::optional<unsigned>& mutex = condition_mutexes_[s.object];
        require(mutex.value_or(s.held) == s.held, "waits with different mutexes");
        mutex = s.held;
        if (s.what == kind::condition_wait_until || s.what == kind::condition_wait_for_until)
            require(s.other < program_.vars, "no such var");
    }

    void plain(const statement& s) {
        if (s.what == kind::read || s.what == kind::write || s.what == kind::add)
            require(s.object < program_.vars, "no such var");
        if (s.what == kind::choose) require(s.expected >= 1, "a choice among nothing");
        if (s.what != kind::branch) return;
        statements(s.body, false);
        statements(s.otherwise, false);
    }

    void threads(const statement& s, bool outermost) {
        const unsigned t = s.object;
        if (t == 0 || t >= program_.threads.size()) return say("no such thread");
        require(outermost, "a thread is started or joined in a nested block");
        if (s.what == kind::start) {
            require(!started_[t], "a thread is started twice");
            started_[t] = true;
            parents_.resize(program_.threads.size());
            parents_[t] = thread_;
            return;
        }
        require(started_[t] && !ended_[t] && parents_[t] == thread_,
                "a thread is joined or detached by who does not own it");
        ended_[t] = true;
    }

    const program& program_;
    std::string fault_;
    unsigned thread_ = 0;
    std::vector<unsigned> held_, named_;  // mutexes; those whose guards have names
    std::vector<std::optional<unsigned>> condition_mutexes_;
    std::vector<bool> started_, ended_;
    std::vector<unsigned> parents_;
};

}  // namespace

bool outlives_main(const program& p) {
    bool found = false;
    int held = 0;
    for_each_statement(p, [&](const statement& s) {
        found |= s.what == kind::detach;
        held += (s.what == kind::lock) - (s.what == kind::unlock);
    });
    return found || held != 0;
}

bool counts_rounds(const program& p, kind counting, unsigned object) {
    bool found = false;
    for_each_statement(p, [&](const statement& s) {
        if (!loops(s) || s.tries) return;
        for (const statement& f : between(s)) found |= f.what == counting && f.object == object;
    });
    return found;
}

std::string fault_of(const program& p) {
    const std::string fault = check(p).run();
    if (!fault.empty()) return fault;
    // Uses of a counter of rounds, all and those that count.
    const auto only_counted = [&](kind counting, unsigned object, auto&& uses) {
        unsigned all = 0, counted = 0;
        for_each_statement(p, [&](const statement& s) {
            all += uses(s);
            if (loops(s) && !s.tries)
                for (const statement& f : between(s))
                    counted += f.what == counting && f.object == object;
        });
        return counted == 0 || all == counted;
    };
    for (unsigned x = 0; x < p.atomics; ++x)
        if (!only_counted(kind::fetch_add, x, [x](const statement& s) {
                return s.what <= kind::poll_update && s.what != kind::fence && s.object == x;
            }))
            return "a counter of rounds is looked at";
    for (unsigned v = 0; v < p.vars; ++v)
        if (!only_counted(kind::add, v, [v](const statement& s) {
                const bool predicate = s.what == kind::poll_var ||
                                       s.what == kind::condition_wait_until ||
                                       s.what == kind::condition_wait_for_until;
                return predicate ? s.other == v
                                 : (s.what == kind::read || s.what == kind::write ||
                                    s.what == kind::add) &&
                                       s.object == v;
            }))
            return "a counter of rounds is looked at";
    return {};
}

}  // namespace heddle::soundness
