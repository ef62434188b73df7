#include "generator.hpp"

#include <algorithm>
#include <utility>

#include "features.hpp"
#include "limits.hpp"
#include "program_text.hpp"
#include "random_source.hpp"
#include "size_estimate.hpp"
#include "state_space.hpp"
#include "well_formed.hpp"

namespace heddle::soundness {
namespace {

constexpr order load_orders[] = {order::relaxed, order::relaxed, order::acquire, order::seq_cst};
constexpr order store_orders[] = {order::relaxed, order::relaxed, order::release, order::seq_cst};
constexpr order update_orders[] = {order::relaxed, order::acquire, order::release, order::acq_rel,
                                   order::seq_cst};
constexpr order fence_orders[] = {order::acquire, order::release, order::acq_rel, order::seq_cst};

// What a program is about, and how often.
constexpr std::pair<feature, unsigned> weights[] = {
    {feature::atomics, 14},      {feature::fences, 6},
    {feature::weak_exchange, 8}, {feature::mutexes, 10},
    {feature::bare_locks, 5},    {feature::several_locks, 9},
    {feature::recursive, 7},     {feature::timed_locks, 9},
    {feature::conditions, 9},    {feature::timed_conditions, 9},
    {feature::atomic_wait, 9},   {feature::lone_notify, 3},
    {feature::await, 6},         {feature::poll, 9},
    {feature::short_poll, 7},    {feature::poll_locks, 7},
    {feature::data, 8},          {feature::choices, 5},
    {feature::branches, 5},      {feature::sleep, 6},
    {feature::clock, 5},
};

class generator {
public:
    generator(std::uint64_t seed, const feature_set& about) : random_(seed), about_(about) {}

    program run() {
        const unsigned workers = random_.percent(70) ? 2 : 3;
        p_.threads.resize(workers + 1);
        slots_.resize(workers + 1);
        p_.atomics = 2;
        p_.mutexes = {mutex_kind::plain, mutex_kind::plain};
        const unsigned features = 1 + random_.below(3);
        for (unsigned k = 0; k < features; ++k) motif(drawn_feature());
        // Something to look at beside it.
        const unsigned size = static_cast<unsigned>(size_of(p_));
        const unsigned wanted = workers == 2 ? 6 : 5;
        for (unsigned k = size; k < wanted; ++k) {
            const statement s = atomic();
            add(any_thread(), s);
        }
        for (unsigned t = 1; t <= workers; ++t)
            if (p_.threads[t].empty()) add(t, atomic());
        arrange_threads();
        drop_unused();
        if (random_.percent(15)) order_all();
        return std::move(p_);
    }

private:
    feature drawn_feature() {
        const auto share = [&](const std::pair<feature, unsigned>& w) {
            return about_[static_cast<std::size_t>(w.first)] ? w.second : 0;
        };
        unsigned sum = 0;
        for (const auto& w : weights) sum += share(w);
        if (!sum) return feature::atomics;
        unsigned at = random_.below(sum);
        for (const auto& w : weights) {
            if (at < share(w)) return w.first;
            at -= share(w);
        }
        return feature::atomics;
    }

    unsigned workers() const { return static_cast<unsigned>(p_.threads.size()) - 1; }
    unsigned any_thread() { return 1 + random_.below(workers()); }
    unsigned other_thread(unsigned t) {
        const unsigned k = 1 + random_.below(workers() - 1);
        return k < t ? k : k + 1;
    }

    // Adds at any place: each statement that is added is complete in itself.
    void add(unsigned thread, statement s) {
        block& code = p_.threads[thread];
        number_results(thread, s);
        code.insert(code.begin() + random_.between(0, static_cast<int>(code.size())), std::move(s));
    }
    void append(unsigned thread, statement s) {
        number_results(thread, s);
        p_.threads[thread].push_back(std::move(s));
    }

    // A slot of its own for each result: statements are drawn with slot 0 for "has one".
    void number_results(unsigned thread, statement& s) {
        block one{std::move(s)};
        for_each(one, [&](statement& x) {
            if (x.slot < 0 || x.what == kind::branch || x.what == kind::assume ||
                x.what == kind::assertion)
                return;
            x.slot = static_cast<int>(slots_[thread]);
            slots_[thread] += 1 + (x.what == kind::compare_exchange_strong ||
                                   x.what == kind::compare_exchange_weak);
        });
        s = std::move(one.front());
    }

    static statement make(kind what, unsigned object) {
        statement s;
        s.what = what;
        s.object = object;
        return s;
    }

    statement atomic() {
        constexpr kind kinds[] = {kind::load,     kind::load,      kind::store,
                                  kind::store,    kind::fetch_add, kind::compare_exchange_strong,
                                  kind::exchange, kind::fetch_or,  kind::fetch_xor};
        // One draw after the other: the order of arguments is the compiler's.
        const unsigned object = random_.below(2);
        statement s = make(random_.pick(kinds), object);
        s.value.constant = random_.between(1, 2);
        s.expected = random_.between(0, 1);
        s.failure = random_.pick(load_orders);
        if (s.what != kind::store) s.slot = 0;
        s.success = s.what == kind::load    ? random_.pick(load_orders)
                    : s.what == kind::store ? random_.pick(store_orders)
                                            : random_.pick(update_orders);
        return s;
    }
    statement store(unsigned x, int value) {
        statement s = make(kind::store, x);
        s.value.constant = value;
        s.success = random_.pick(store_orders);
        return s;
    }
    statement load(unsigned x) {
        statement s = make(kind::load, x);
        s.slot = 0;
        s.success = random_.pick(load_orders);
        return s;
    }
    statement access(unsigned v) {
        constexpr kind kinds[] = {kind::read, kind::write, kind::add};
        statement s = make(random_.pick(kinds), v);
        if (s.what == kind::read) s.slot = 0;
        s.value.constant = 1;
        return s;
    }
    unsigned need_var(unsigned v) {
        p_.vars = std::max(p_.vars, v + 1);
        return v;
    }
    // An access that the first mutex protects, or one of an atomic.
    statement inside(unsigned mutex) {
        if (mutex == 0 && random_.percent(40)) return access(need_var(0));
        return atomic();
    }
    statement guard(kind what, unsigned m, unsigned statements) {
        statement s = make(what, m);
        if (what == kind::try_guard || what == kind::timed_guard) s.slot = 0;
        s.milliseconds = 10 * static_cast<unsigned>(random_.between(1, 3));
        for (unsigned k = 0; k < statements; ++k) s.body.push_back(inside(m));
        return s;
    }

    void motif(feature f);
    void weak();
    void bare_locks();
    void several();
    void condition(bool timed);
    void poll(bool gives_up);
    void poll_locks();
    block filler(unsigned thread, bool gives_up);
    void branch();

    void arrange_threads();
    void drop_unused();
    void order_all();

    random_source random_;
    feature_set about_;
    program p_;
    std::vector<unsigned> slots_;
};

void generator::motif(feature f) {
    const unsigned t = any_thread(), u = other_thread(t);
    // Drawn before their use: the order of arguments is the compiler's.
    unsigned mutex = 0, inner = 0;
    switch (f) {
        case feature::fences: {
            add(t, make(kind::fence, 0));
            for (statement& s : p_.threads[t])
                if (s.what == kind::fence) s.success = random_.pick(fence_orders);
            if (random_.percent(60)) {
                add(u, make(kind::fence, 0));
                for (statement& s : p_.threads[u])
                    if (s.what == kind::fence) s.success = random_.pick(fence_orders);
            }
            break;
        }
        case feature::weak_exchange: return weak();
        case feature::mutexes:
            inner = 1 + random_.below(2);
            mutex = random_.below(2);
            add(t, guard(kind::guard, mutex, inner));
            inner = random_.below(2);
            mutex = random_.below(2);
            add(u, guard(random_.percent(60) ? kind::guard : kind::try_guard, mutex, inner));
            if (random_.percent(40)) {
                // One inside the other, in either order.
                statement outer = guard(kind::guard, random_.below(2), 0);
                inner = random_.below(2);
                outer.body.push_back(guard(random_.percent(70) ? kind::guard : kind::try_guard,
                                           1 - outer.object, inner));
                add(random_.percent(50) ? t : u, outer);
            }
            break;
        case feature::bare_locks: return bare_locks();
        case feature::several_locks: return several();
        case feature::recursive: {
            p_.mutexes.resize(3, mutex_kind::recursive);
            if (random_.percent(15)) p_.mutexes[2] = mutex_kind::recursive_timed;
            statement outer = guard(kind::guard, 2, random_.below(2));
            outer.body.push_back(guard(random_.percent(70) ? kind::guard : kind::try_guard, 2, 1));
            add(t, outer);
            inner = random_.below(2);
            add(u, guard(random_.percent(60) ? kind::guard : kind::try_guard, 2, inner));
            break;
        }
        case feature::timed_locks:
            p_.mutexes[1] = mutex_kind::timed;
            add(t, guard(kind::timed_guard, 1, random_.below(2)));
            inner = random_.below(2);
            add(u, guard(random_.percent(40) ? kind::timed_guard : kind::guard, 1, inner));
            break;
        case feature::conditions: return condition(false);
        case feature::timed_conditions: return condition(true);
        case feature::atomic_wait: {
            const unsigned x = random_.below(2);
            statement s = make(kind::wait, x);
            s.expected = random_.percent(85) ? 0 : 1;
            s.success = random_.pick(load_orders);
            add(t, s);
            if (random_.percent(45)) {
                if (random_.percent(40)) s.expected = 1 - s.expected;
                add(any_thread(), s);
            }
            append(u, store(x, random_.between(0, 2)));
            append(u, make(random_.percent(60) ? kind::notify_one : kind::notify_all, x));
            if (random_.percent(30)) add(u, make(kind::notify_one, x));
            break;
        }
        case feature::lone_notify:
            add(t, make(kind::notify_one, random_.below(2)));
            add(u, make(kind::notify_all, random_.below(2)));
            break;
        case feature::await: {
            statement s = make(kind::await, random_.below(2));
            s.slot = 0;
            s.compare = static_cast<comparison>(random_.below(4));
            s.expected = random_.between(0, 2);
            s.success = random_.pick(load_orders);
            add(t, s);
            if (!holds(s.compare, 0, s.expected))
                add(u, store(s.object, holds(s.compare, 2, s.expected) ? 2 : 1));
            break;
        }
        case feature::poll: return poll(false);
        case feature::short_poll: return poll(true);
        case feature::poll_locks: return poll_locks();
        case feature::data: {
            need_var(1);
            const bool racy = random_.percent(15);
            for (const unsigned k : {t, u, any_thread()}) {
                if (racy) {
                    add(k, access(1));
                } else {
                    statement s = guard(kind::guard, 0, 0);
                    s.body.push_back(access(0));
                    add(k, s);
                }
            }
            break;
        }
        case feature::choices: {
            statement s = make(kind::choose, 0);
            s.slot = 0;
            s.expected = random_.between(2, 3);
            append(t, s);
            statement after = make(random_.percent(60)   ? kind::branch
                                   : random_.percent(70) ? kind::assume
                                                         : kind::assertion,
                                   0);
            after.slot = p_.threads[t].back().slot;
            after.compare = comparison::not_equal;
            after.expected = random_.between(0, 1);
            if (after.what == kind::branch) after.body.push_back(atomic());
            append(t, after);
            break;
        }
        case feature::branches: return branch();
        case feature::sleep:
            for (const unsigned k : {t, random_.percent(50) ? t : u}) {
                statement s = make(kind::sleep, 0);
                s.milliseconds = 10 * static_cast<unsigned>(random_.between(1, 3));
                add(k, s);
            }
            break;
        case feature::clock: {
            statement s = make(kind::read_clock, 0);
            s.slot = 0;
            append(t, s);
            if (random_.percent(40)) add(u, s);
            break;
        }
        default: add(t, atomic()); add(u, atomic());
    }
}

void generator::weak() {
    const unsigned t = any_thread(), u = other_thread(t), x = random_.below(2);
    statement s = make(kind::compare_exchange_weak, x);
    s.slot = 0;
    s.success = random_.pick(update_orders);
    s.failure = random_.pick(load_orders);
    s.expected = random_.between(0, 1);
    s.value.constant = random_.between(1, 2);
    switch (random_.below(3)) {
        case 0: break;
        case 1:
            s.what = kind::weak_loop;
            s.expected = 0;
            break;
        default:
            s.what = kind::weak_lock;
            s.expected = 0;
            s.value.constant = 1;
            for (const unsigned k : {t, u}) {
                append(k, s);
                if (random_.percent(30)) append(k, atomic());
                append(k, store(x, 0));
            }
            return;
    }
    add(t, s);
    if (random_.percent(60)) add(u, s);
}

void generator::bare_locks() {
    for (unsigned t = 1; t <= workers(); ++t) {
        const unsigned m = random_.below(2), n = 1 - m;
        append(t, make(kind::lock, m));
        append(t, inside(m));
        const bool hand_over = random_.percent(40);
        if (hand_over) append(t, make(kind::lock, n));
        if (random_.percent(92)) append(t, make(kind::unlock, m));
        if (hand_over) append(t, make(kind::unlock, n));
        if (random_.percent(40)) return;
    }
}

void generator::several() {
    constexpr kind kinds[] = {kind::lock_all, kind::lock_all, kind::scoped_lock, kind::lock_both,
                              kind::std_scoped_lock};
    const unsigned t = any_thread(), u = other_thread(t);
    const unsigned object = random_.below(2);
    statement s = make(random_.pick(kinds), object);
    s.other = 1 - s.object;
    if (random_.percent(60)) s.body.push_back(inside(0));
    add(t, s);
    if (random_.percent(40)) {
        const unsigned second = random_.below(2);
        statement other = make(random_.pick(kinds), second);
        other.other = 1 - other.object;
        add(u, other);
    } else {
        const unsigned m = random_.below(2);
        statement outer = guard(random_.percent(70) ? kind::guard : kind::try_guard, m, 0);
        if (random_.percent(40))
            outer.body.push_back(guard(kind::try_guard, 1 - m, random_.below(2)));
        else
            outer.body.push_back(inside(m));
        add(u, outer);
    }
}

void generator::condition(bool timed) {
    p_.conditions = std::max(p_.conditions, 1U);
    need_var(0);
    const unsigned t = any_thread(), u = other_thread(t);
    const bool with_predicate = random_.percent(50);
    statement wait =
        make(timed ? with_predicate ? kind::condition_wait_for_until : kind::condition_wait_for
             : with_predicate ? kind::condition_wait_until
                              : kind::condition_wait,
             0);
    wait.compare = random_.percent(80) ? comparison::not_equal : comparison::equal;
    wait.milliseconds = 10 * static_cast<unsigned>(random_.between(1, 2));
    if (timed) wait.slot = 0;
    statement hold = guard(kind::guard, 0, 0);
    hold.body.push_back(wait);
    if (random_.percent(30)) hold.body.push_back(access(0));
    add(t, hold);
    if (random_.percent(30)) add(any_thread(), hold);

    const unsigned notifications = 1 + random_.percent(25);
    for (unsigned k = 0; k < notifications; ++k) {
        const statement notify =
            make(random_.percent(65) ? kind::condition_notify_one : kind::condition_notify_all, 0);
        statement change = guard(kind::guard, 0, 0);
        if (with_predicate || random_.percent(30)) {
            statement set = make(kind::write, 0);
            set.value.constant = 1;
            change.body.push_back(set);
        }
        if (random_.percent(60)) {
            change.body.push_back(notify);
            add(u, change);
        } else {
            if (!change.body.empty()) append(u, change);
            append(u, notify);
        }
    }
}

block generator::filler(unsigned thread, bool gives_up) {
    block b;
    switch (random_.below(8)) {
        case 0: b.push_back(make(kind::yield, 0)); break;
        case 1: b.push_back(make(kind::count, 0)); break;
        case 2: {
            // A counter that several threads may share; one that gives up may be looked at.
            p_.atomics = std::max(p_.atomics, 3U);
            statement s = make(kind::fetch_add, gives_up && random_.percent(30) ? 1 : 2);
            s.value.constant = 1;
            s.success = random_.pick(update_orders);
            b.push_back(s);
            break;
        }
        case 3: {
            statement s = make(kind::add, need_var(std::min(1 + thread, most_vars - 1)));
            s.value.constant = 1;
            b.push_back(s);
            break;
        }
        default: break;
    }
    return b;
}

void generator::poll(bool gives_up) {
    const unsigned t = any_thread(), u = other_thread(t), x = random_.below(2);
    statement s = make(random_.percent(75) ? kind::poll : kind::poll_update, x);
    s.slot = 0;
    if (gives_up) s.tries = static_cast<unsigned>(random_.between(2, random_.percent(80) ? 3 : 6));
    s.body = filler(t, gives_up);
    if (s.what == kind::poll) {
        s.compare = random_.percent(70) ? comparison::not_equal : comparison::at_least;
        s.expected = s.compare == comparison::not_equal ? 0 : random_.between(1, 2);
        s.success = random_.pick(load_orders);
        add(t, s);
        append(u, store(x, random_.between(1, 2)));
        if (random_.percent(25)) add(any_thread(), s);
    } else {
        // A test-and-set lock.
        s.expected = 0;
        s.value.constant = 1;
        s.success = random_.pick(update_orders);
        for (const unsigned k : {t, u}) {
            append(k, s);
            if (random_.percent(30)) append(k, atomic());
            if (random_.percent(90)) append(k, store(x, 0));
        }
    }
}

void generator::poll_locks() {
    const unsigned t = any_thread(), u = other_thread(t);
    const bool gives_up = random_.percent(40);
    statement s = make(random_.percent(50) ? kind::poll_guard : kind::poll_var, 0);
    if (gives_up) s.tries = static_cast<unsigned>(random_.between(2, 3));
    if (s.what == kind::poll_guard) {
        s.object = random_.below(2);
        if (gives_up) s.slot = 0;
        s.otherwise = filler(t, gives_up);
        if (random_.percent(60)) s.body.push_back(inside(s.object));
        add(t, s);
        add(u, random_.percent(30) ? s : guard(kind::guard, s.object, 1));
        return;
    }
    s.slot = 0;
    s.other = need_var(0);
    s.compare = comparison::not_equal;
    s.body = filler(t, gives_up);
    add(t, s);
    statement change = guard(kind::guard, 0, 0);
    statement set = make(kind::write, 0);
    set.value.constant = 1;
    change.body.push_back(set);
    add(u, change);
}

void generator::branch() {
    const unsigned t = any_thread();
    append(t, load(random_.below(2)));
    statement s = make(kind::branch, 0);
    s.slot = p_.threads[t].back().slot;
    s.compare = static_cast<comparison>(random_.below(4));
    s.expected = random_.between(0, 1);
    s.body.push_back(random_.percent(70) ? atomic() : guard(kind::guard, random_.below(2), 1));
    if (random_.percent(40)) s.otherwise.push_back(atomic());
    append(t, s);
    // A value that was read goes on.
    if (random_.percent(50)) {
        statement next = store(random_.below(2), 1);
        next.value.slot = p_.threads[t][p_.threads[t].size() - 2].slot;
        append(t, next);
    }
}

// Who starts whom, and when, and who waits for whom.
void generator::arrange_threads() {
    std::vector<unsigned> order;
    for (unsigned t = 1; t <= workers(); ++t) order.push_back(t);
    random_.shuffle(order);
    const bool nests = random_.percent(25), detaches = random_.percent(12),
               late = random_.percent(20), main_works = random_.percent(25);
    std::vector<unsigned> parents(p_.threads.size());
    for (std::size_t k = 1; k < order.size(); ++k)
        if (nests && random_.percent(60)) parents[order[k]] = order[random_.below(k)];
    if (main_works)
        append(0, random_.percent(70) ? atomic() : guard(kind::guard, random_.below(2), 1));
    for (const unsigned t : order) {
        block& code = p_.threads[parents[t]];
        int from = 0;
        if (!late) {
            // Before the parent does anything else, but after the threads that it started before.
            while (from < static_cast<int>(code.size()) &&
                   code[static_cast<std::size_t>(from)].what == kind::start)
                ++from;
        } else {
            from = random_.between(0, static_cast<int>(code.size()));
        }
        code.insert(code.begin() + from, make(kind::start, t));
        const bool joins = !detaches || random_.percent(50);
        const int last = static_cast<int>(code.size());
        const int at =
            joins && !late && random_.percent(80) ? last : random_.between(from + 1, last);
        code.insert(code.begin() + at, make(joins ? kind::join : kind::detach, t));
    }
}

// Objects that nobody uses cost executions nothing and readers some.
void generator::drop_unused() {
    std::uint32_t atomics = 0, mutexes = 0;
    for_each_statement(p_, [&](const statement& s) {
        if (s.what <= kind::poll_update && s.what != kind::fence) atomics |= 1U << s.object;
        if (s.what >= kind::lock && s.what <= kind::poll_var) mutexes |= 1U << s.object;
        if (s.what >= kind::lock_all && s.what <= kind::std_scoped_lock) mutexes |= 1U << s.other;
        if (s.what >= kind::condition_wait && s.what < kind::condition_notify_one)
            mutexes |= 1U << s.held;
    });
    while (p_.atomics && !(atomics >> (p_.atomics - 1) & 1)) --p_.atomics;
    while (!p_.mutexes.empty() && !(mutexes >> (p_.mutexes.size() - 1) & 1)) p_.mutexes.pop_back();
}

// Without weak orders, every model has the interleavings only: the enumerator judges all of them.
void generator::order_all() {
    for_each_statement(p_, [](statement& s) { s.success = s.failure = order::seq_cst; });
}

}  // namespace

program generate(std::uint64_t seed, const feature_set& about) {
    constexpr double most_orders = 15'000;
    constexpr std::size_t most_states = 5'000;
    for (std::uint64_t attempt = 0;; ++attempt) {
        const program drawn = generator(seed * 1'000 + attempt, about).run();
        if (!fault_of(drawn).empty() || orders_of_steps(drawn) > most_orders) continue;
        // By way of its text, which holds no part that does not count.
        program p = parse(to_line(drawn));
        const feature_set f = features_of(p);
        const bool polls = f[static_cast<std::size_t>(feature::poll)] ||
                           f[static_cast<std::size_t>(feature::poll_locks)] ||
                           f[static_cast<std::size_t>(feature::weak_exchange)];
        if (!polls || seed % 25 == 0) return p;
        const state_space s = enumerate(p, {}, most_states);
        if (s.complete && !s.findings.count("livelock")) return p;
    }
}

}  // namespace heddle::soundness
