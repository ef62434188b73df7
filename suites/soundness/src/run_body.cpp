#include "run_body.hpp"

#include <heddle/heddle.hpp>

#include <array>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <new>
#include <string>

#include "limits.hpp"
#include "well_formed.hpp"

namespace heddle::soundness {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

std::memory_order std_order(order o) {
    switch (o) {
        case order::relaxed: return std::memory_order_relaxed;
        case order::acquire: return std::memory_order_acquire;
        case order::release: return std::memory_order_release;
        case order::acq_rel: return std::memory_order_acq_rel;
        case order::seq_cst: break;
    }
    return std::memory_order_seq_cst;
}

// Of a statement, not of the line below that performs all of its kind.
trace::site place_of(const statement& s) { return {"program", s.line}; }

// Objects that may outlive the body, since a detached thread does. Made anew in the same storage by
// each execution, whatever became of those of the last one.
template <class T, std::size_t N>
class storage {
public:
    template <class... Arguments>
    void make(std::size_t k, Arguments&&... arguments) {
        ::new (bytes_ + k * sizeof(T)) T(std::forward<Arguments>(arguments)...);
    }
    void destroy(std::size_t k) { (*this)[k].~T(); }
    T& operator[](std::size_t k) {
        return *std::launder(reinterpret_cast<T*>(bytes_ + k * sizeof(T)));
    }

private:
    alignas(T) unsigned char bytes_[sizeof(T) * N];
};

}  // namespace

struct body::objects {
    storage<fibers::atomic<int>, most_atomics> atomics;
    storage<fibers::mutex, most_mutexes> plain;
    storage<fibers::recursive_mutex, most_mutexes> recursive;
    storage<fibers::timed_mutex, most_mutexes> timed;
    storage<fibers::recursive_timed_mutex, most_mutexes> recursive_timed;
    storage<fibers::condition_variable, most_conditions> conditions;
    storage<fibers::var<int>, most_vars> vars;
    storage<fibers::thread, most_threads> threads;

    void make_mutex(unsigned k, mutex_kind type) {
        switch (type) {
            case mutex_kind::plain: return plain.make(k);
            case mutex_kind::recursive: return recursive.make(k);
            case mutex_kind::timed: return timed.make(k);
            case mutex_kind::recursive_timed: return recursive_timed.make(k);
        }
    }
    void destroy_mutex(unsigned k, mutex_kind type) {
        switch (type) {
            case mutex_kind::plain: return plain.destroy(k);
            case mutex_kind::recursive: return recursive.destroy(k);
            case mutex_kind::timed: return timed.destroy(k);
            case mutex_kind::recursive_timed: return recursive_timed.destroy(k);
        }
    }
};

class body::interpreter {
public:
    interpreter(const body& b, objects& o, unsigned thread)
        : body_(b), p_(b.program_), o_(o), thread_(thread) {}

    void run() {
        perform(p_.threads[thread_]);
        std::string text = "t" + std::to_string(thread_) + ":";
        char separator = 0;
        const auto say = [&](int value) {
            if (separator) text += separator;
            text += std::to_string(value);
            separator = ',';
        };
        for (unsigned k = 0; k < body_.slots_[thread_]; ++k) say(a_[k]);
        if (thread_ == 0)
            for (const unsigned x : body_.last_looks_) say(o_.atomics[x].load());
        record("{}", text);
    }

private:
    template <class F>
    void with_mutex(unsigned m, F&& f) {
        switch (p_.mutexes[m]) {
            case mutex_kind::plain: return f(o_.plain[m]);
            case mutex_kind::recursive: return f(o_.recursive[m]);
            case mutex_kind::timed: return f(o_.timed[m]);
            case mutex_kind::recursive_timed: return f(o_.recursive_timed[m]);
        }
    }
    template <class F>
    void with_mutexes(const statement& s, F&& f) {
        with_mutex(s.object, [&](auto& m) { with_mutex(s.other, [&](auto& n) { f(m, n); }); });
    }

    // While the guard of a plain mutex lives, waits on condition variables can find it.
    template <class Mutex>
    void hold(unsigned m, std::unique_lock<Mutex>& guard, const block& body) {
        if constexpr (std::is_same_v<Mutex, fibers::mutex>) holds_[m] = &guard;
        perform(body);
    }

    int value(const operand& v) const {
        return (v.slot < 0 ? 0 : a_[static_cast<unsigned>(v.slot)]) + v.constant;
    }

    void perform(const block& code) {
        for (const statement& s : code) perform(s);
    }

    void perform(const statement& s);
    void atomic(const statement& s, int& result);
    void mutex(const statement& s, int& result);
    void several(const statement& s);
    void condition(const statement& s, int& result);
    void plain(const statement& s, int& result);
    void thread(const statement& s);

    const body& body_;
    const program& p_;
    objects& o_;
    unsigned thread_;
    int a_[most_slots] = {};
    int n_ = 0;
    std::array<std::unique_lock<fibers::mutex>*, most_mutexes> holds_{};
};

void body::interpreter::perform(const statement& s) {
    int unused = 0;
    int& result = s.slot < 0 ? unused : a_[static_cast<unsigned>(s.slot)];
    if (s.what <= kind::poll_update) return atomic(s, result);
    if (s.what <= kind::poll_var) return mutex(s, result);
    if (s.what <= kind::condition_notify_all) return condition(s, result);
    if (s.what <= kind::count) return plain(s, result);
    thread(s);
}

void body::interpreter::atomic(const statement& s, int& result) {
    auto& x = o_.atomics[s.object];
    const trace::site here = place_of(s);
    const std::memory_order success = std_order(s.success), failure = std_order(s.failure);
    switch (s.what) {
        case kind::load: result = x.load(success, here); break;
        case kind::store: x.store(value(s.value), success, here); break;
        case kind::fetch_add: result = x.fetch_add(value(s.value), success, here); break;
        case kind::fetch_or: result = x.fetch_or(value(s.value), success, here); break;
        case kind::fetch_xor: result = x.fetch_xor(value(s.value), success, here); break;
        case kind::exchange: result = x.exchange(value(s.value), success, here); break;
        case kind::compare_exchange_strong: {
            const int desired = value(s.value);
            a_[s.slot + 1] =
                x.compare_exchange_strong(result = s.expected, desired, success, failure, here);
            break;
        }
        case kind::compare_exchange_weak: {
            const int desired = value(s.value);
            a_[s.slot + 1] =
                x.compare_exchange_weak(result = s.expected, desired, success, failure, here);
            break;
        }
        case kind::weak_loop:
            for (result = s.expected; !x.compare_exchange_weak(result, result + s.value.constant,
                                                               success, failure, here);) {
            }
            break;
        case kind::weak_lock:
            for (result = s.expected;
                 !x.compare_exchange_weak(result, s.value.constant, success, failure, here);)
                result = s.expected;
            break;
        case kind::fence: fibers::atomic_thread_fence(success, here); break;
        case kind::wait: x.wait(s.expected, success, here); break;
        case kind::notify_one: x.notify_one(here); break;
        case kind::notify_all: x.notify_all(here); break;
        case kind::await:
            result = await(
                x, [c = s.compare, e = s.expected](int v) { return holds(c, v, e); }, success,
                here);
            break;
        case kind::poll:
            for (unsigned k = 0; (s.tries == 0 || k < s.tries) &&
                                 !holds(s.compare, result = x.load(success, here), s.expected);
                 k += s.tries != 0)
                perform(s.body);
            break;
        case kind::poll_update:
            for (unsigned k = 0;
                 (s.tries == 0 || k < s.tries) &&
                 !holds(s.compare, result = x.exchange(value(s.value), success, here), s.expected);
                 k += s.tries != 0)
                perform(s.body);
            break;
        default: break;
    }
}

void body::interpreter::mutex(const statement& s, int& result) {
    switch (s.what) {
        case kind::lock: with_mutex(s.object, [&](auto& m) { m.lock(place_of(s)); }); break;
        case kind::unlock: with_mutex(s.object, [&](auto& m) { m.unlock(place_of(s)); }); break;
        case kind::guard:
            with_mutex(s.object, [&](auto& m) {
                std::unique_lock guard(m);
                hold(s.object, guard, s.body);
            });
            break;
        case kind::try_guard:
            with_mutex(s.object, [&](auto& m) {
                std::unique_lock guard(m, std::try_to_lock);
                if ((result = guard.owns_lock())) hold(s.object, guard, s.body);
            });
            break;
        case kind::timed_guard:
            with_mutex(s.object, [&](auto& m) {
                if constexpr (requires { m.try_lock_for(milliseconds(1)); }) {
                    std::unique_lock guard(m, milliseconds(s.milliseconds));
                    if ((result = guard.owns_lock())) hold(s.object, guard, s.body);
                }
            });
            break;
        case kind::poll_guard:
            with_mutex(s.object, [&](auto& m) {
                std::unique_lock guard(m, std::defer_lock);
                for (unsigned k = 0; (s.tries == 0 || k < s.tries) && !guard.try_lock();
                     k += s.tries != 0)
                    perform(s.otherwise);
                result = guard.owns_lock();
                if (result) hold(s.object, guard, s.body);
            });
            break;
        case kind::poll_var:
            with_mutex(s.object, [&](auto& m) {
                for (unsigned k = 0; s.tries == 0 || k < s.tries; k += s.tries != 0) {
                    std::unique_lock guard(m);
                    if (holds(s.compare, result = o_.vars[s.other].load(), s.expected)) break;
                    guard.unlock();
                    perform(s.body);
                }
            });
            break;
        default: several(s);
    }
}

void body::interpreter::several(const statement& s) {
    with_mutexes(s, [&](auto& m, auto& n) {
        switch (s.what) {
            case kind::lock_all: {
                const auto both = fibers::lock_all(m, n);
                return perform(s.body);
            }
            case kind::scoped_lock: {
                const fibers::scoped_lock both(m, n);
                return perform(s.body);
            }
            case kind::lock_both: {
                std::unique_lock first(m, std::defer_lock);
                std::unique_lock second(n, std::defer_lock);
                fibers::lock(first, second);
                return perform(s.body);
            }
            default: {
                const std::scoped_lock both(m, n);
                return perform(s.body);
            }
        }
    });
}

void body::interpreter::condition(const statement& s, int& result) {
    auto& c = o_.conditions[s.object];
    const auto predicate = [&] { return holds(s.compare, o_.vars[s.other].load(), s.expected); };
    const milliseconds duration(s.milliseconds);
    switch (s.what) {
        case kind::condition_wait: c.wait(*holds_[s.held]); break;
        case kind::condition_wait_until: c.wait(*holds_[s.held], predicate); break;
        case kind::condition_wait_for:
            result = c.wait_for(*holds_[s.held], duration) == std::cv_status::timeout;
            break;
        case kind::condition_wait_for_until:
            result = c.wait_for(*holds_[s.held], duration, predicate);
            break;
        case kind::condition_notify_one: c.notify_one(); break;
        default: c.notify_all();
    }
}

void body::interpreter::plain(const statement& s, int& result) {
    switch (s.what) {
        case kind::read: result = o_.vars[s.object]; break;
        case kind::write: o_.vars[s.object] = value(s.value); break;
        case kind::add: o_.vars[s.object] += value(s.value); break;
        case kind::choose:
            result = static_cast<int>(heddle::choose(static_cast<unsigned>(s.expected)));
            break;
        case kind::assume: assume(holds(s.compare, result, s.expected)); break;
        case kind::assertion: HEDDLE_ASSERT(holds(s.compare, result, s.expected)); break;
        case kind::branch:
            perform(holds(s.compare, result, s.expected) ? s.body : s.otherwise);
            break;
        case kind::sleep: fibers::this_thread::sleep_for(milliseconds(s.milliseconds)); break;
        case kind::read_clock:
            result =
                static_cast<int>(fibers::steady_clock::now().time_since_epoch() / microseconds(1));
            break;
        case kind::yield: fibers::this_thread::yield(); break;
        default: ++n_;
    }
}

void body::interpreter::thread(const statement& s) {
    fibers::thread& t = o_.threads[s.object];
    switch (s.what) {
        case kind::start:
            t = fibers::thread([&b = body_, &o = o_, k = s.object] { interpreter(b, o, k).run(); });
            break;
        case kind::join: t.join(); break;
        default: t.detach();
    }
}

body::body(program p) : program_(std::move(p)), outlives_main_(outlives_main(program_)) {
    unsigned line = 0;
    for_each_statement(program_, [&](statement& s) { s.line = ++line; });
    for (const block& thread : program_.threads) slots_.push_back(slots_of(thread));
    for (unsigned x = 0; x < program_.atomics; ++x)
        if (!counts_rounds(program_, kind::fetch_add, x)) last_looks_.push_back(x);
}

void body::operator()() const {
    static thread_local objects o;
    const program& p = program_;
    for (unsigned k = 0; k < p.atomics; ++k) o.atomics.make(k, 0);
    for (unsigned k = 0; k < p.mutexes.size(); ++k) o.make_mutex(k, p.mutexes[k]);
    for (unsigned k = 0; k < p.conditions; ++k) o.conditions.make(k);
    for (unsigned k = 0; k < p.vars; ++k) o.vars.make(k, 0);
    for (unsigned k = 1; k < p.threads.size(); ++k) o.threads.make(k);

    interpreter(*this, o, 0).run();

    if (outlives_main_) return;
    for (unsigned k = 0; k < p.vars; ++k) o.vars.destroy(k);
    for (unsigned k = 0; k < p.conditions; ++k) o.conditions.destroy(k);
    for (unsigned k = 0; k < p.mutexes.size(); ++k) o.destroy_mutex(k, p.mutexes[k]);
    for (unsigned k = 0; k < p.atomics; ++k) o.atomics.destroy(k);
}

}  // namespace heddle::soundness
