#include "generated_body.hpp"

#include <array>
#include <chrono>
#include <optional>
#include <random>

namespace heddle::generated {
namespace {

constexpr std::memory_order load_orders[] = {std::memory_order_relaxed, std::memory_order_acquire,
                                             std::memory_order_seq_cst};
constexpr std::memory_order store_orders[] = {std::memory_order_relaxed, std::memory_order_release,
                                              std::memory_order_seq_cst};
constexpr std::memory_order update_orders[] = {std::memory_order_relaxed, std::memory_order_acquire,
                                               std::memory_order_release, std::memory_order_acq_rel,
                                               std::memory_order_seq_cst};
constexpr std::memory_order fence_orders[] = {std::memory_order_acquire, std::memory_order_release,
                                              std::memory_order_acq_rel, std::memory_order_seq_cst};

// std's distributions differ between libraries; the engine itself does not.
class source {
public:
    explicit source(std::uint64_t seed) : engine_(seed) {}
    unsigned below(unsigned n) { return static_cast<unsigned>((engine_() >> 33) % n); }
    template <class T, std::size_t N>
    T pick(const T (&from)[N]) {
        return from[below(N)];
    }

private:
    std::mt19937_64 engine_;
};

statement draw(source& s, mix what) {
    using k = statement_kind;
    static constexpr k atomics[] = {k::load,
                                    k::load,
                                    k::store,
                                    k::store,
                                    k::store_last_plus_one,
                                    k::fetch_add,
                                    k::exchange,
                                    k::compare_exchange,
                                    k::fence,
                                    k::await_not_zero,
                                    k::await_below_two,
                                    k::skip_next_if_equal,
                                    k::choose};
    static constexpr k locks[] = {k::lock, k::lock,  k::lock_both,          k::try_lock,
                                  k::load, k::store, k::store_last_plus_one};
    static constexpr k waits[] = {k::wait_for_flag,  k::wait_once, k::raise_flag_one,
                                  k::raise_flag_all, k::load,      k::store};
    static constexpr k timed_locks[] = {
        k::lock,  k::lock,     k::timed_lock, k::timed_lock,          k::sleep,         k::load,
        k::store, k::try_lock, k::read_clock, k::store_last_plus_one, k::await_not_zero};
    static constexpr k timed_waits[] = {k::wait_for_flag_timed,
                                        k::wait_once_timed,
                                        k::wait_once_timed,
                                        k::wait_once,
                                        k::raise_flag_one,
                                        k::raise_flag_one,
                                        k::raise_flag_all,
                                        k::sleep,
                                        k::load,
                                        k::store,
                                        k::wait_for_flag};
    statement x{};
    x.kind = what == mix::atomics       ? s.pick(atomics)
             : what == mix::locks       ? s.pick(locks)
             : what == mix::waits       ? s.pick(waits)
             : what == mix::timed_locks ? s.pick(timed_locks)
                                        : s.pick(timed_waits);
    x.object = s.below(2);
    x.value = static_cast<int>(s.below(3));
    x.failure = s.pick(load_orders);
    switch (x.kind) {
        case k::store:
        case k::store_last_plus_one: x.order = s.pick(store_orders); break;
        case k::fetch_add:
        case k::exchange:
        case k::compare_exchange: x.order = s.pick(update_orders); break;
        case k::fence: x.order = s.pick(fence_orders); break;
        default: x.order = s.pick(load_orders);
    }
    return x;
}

}  // namespace

program generate(std::uint64_t seed, mix what) {
    source s(seed);
    program p;
    p.threads.resize(2 + s.below(2));
    p.timed = what == mix::timed_locks || what == mix::timed_waits;
    unsigned left = what == mix::atomics                             ? 7
                    : what == mix::locks || what == mix::timed_locks ? 5
                                                                     : 4;
    for (auto& thread : p.threads) {
        const unsigned n = 1 + s.below(what == mix::atomics ? 4 : 3);
        int held = -1;
        for (unsigned k = 0; k < n && left; ++k, --left) {
            statement x = draw(s, what);
            const bool same = held == static_cast<int>(x.object);
            if (x.kind == statement_kind::lock) {
                if (held >= 0 && (same || s.below(2))) {
                    thread.push_back(
                        {statement_kind::unlock, static_cast<unsigned>(held), {}, {}, 0});
                    held = -1;
                }
                thread.push_back(x);
                if (held < 0)
                    held = static_cast<int>(x.object);
                else
                    thread.push_back({statement_kind::unlock, x.object, {}, {}, 0});
                continue;
            }
            // `lock(ms...)` is taken mutex by mutex in a graph, as std's may be: a try_lock can see
            // it half way, where the forward strategies take all in one step (docs/limitations.md).
            // One program has one of the two.
            if (p.timed && x.kind == statement_kind::try_lock && same) continue;
            if (x.kind == statement_kind::timed_lock && same) continue;
            if (x.kind == statement_kind::lock_both && seed % 2) x.kind = statement_kind::try_lock;
            if (x.kind == statement_kind::try_lock && seed % 2 == 0 && !p.timed)
                x.kind = statement_kind::lock_both;
            if ((x.kind == statement_kind::try_lock && same) ||
                (x.kind == statement_kind::lock_both && held >= 0))
                continue;
            if (x.kind == statement_kind::wait_for_flag || x.kind == statement_kind::wait_once)
                p.has_waits = true;
            thread.push_back(x);
        }
        if (held >= 0)
            thread.push_back({statement_kind::unlock, static_cast<unsigned>(held), {}, {}, 0});
    }
    return p;
}

std::string to_string(const program& p) {
    static constexpr const char* names[] = {
        "load",      "store",      "store_last+1", "fetch_add",   "exchange",  "cas",
        "fence",     "lock",       "unlock",       "lock_both",   "try_lock",  "await_nz",
        "await_lt2", "skip_if",    "wait_for",     "wait_once",   "raise_one", "raise_all",
        "choose",    "timed_lock", "wait_for_t",   "wait_once_t", "sleep",     "clock"};
    std::string text;
    for (const auto& thread : p.threads) {
        text += "\n  |";
        for (const statement& x : thread)
            text += std::string(" ") + names[static_cast<int>(x.kind)] + "(" +
                    std::to_string(x.object) + ",o" + std::to_string(static_cast<int>(x.order)) +
                    "/" + std::to_string(static_cast<int>(x.failure)) + ",v" +
                    std::to_string(x.value) + ")";
    }
    return text;
}

void run(const program& p, const std::string& refused) {
    struct shared {
        fibers::atomic<int> x[2] = {0, 0};
        fibers::mutex m[2];
        fibers::condition_variable changed;
        fibers::var<bool> flag{false};
    } s;
    struct timed_mutexes {
        fibers::timed_mutex m[2];
    };
    std::optional<timed_mutexes> timed;
    if (p.timed) timed.emplace();
    std::array<int, 3> last{};
    const auto perform = [&s, &timed](const std::vector<statement>& code, int& value) {
        for (std::size_t k = 0; k < code.size(); ++k) {
            const statement& c = code[k];
            auto& x = s.x[c.object];
            auto& m = s.m[c.object];
            int expected = c.value & 1;
            const std::chrono::milliseconds duration(10 * (1 + c.value));
            switch (c.kind) {
                case statement_kind::load: value = x.load(c.order); break;
                case statement_kind::store: x.store(c.value, c.order); break;
                case statement_kind::store_last_plus_one: x.store(value + 1, c.order); break;
                case statement_kind::fetch_add: value = x.fetch_add(1, c.order); break;
                case statement_kind::exchange: value = x.exchange(c.value, c.order); break;
                case statement_kind::compare_exchange:
                    x.compare_exchange_strong(expected, c.value + 1, c.order, c.failure);
                    value = expected;
                    break;
                case statement_kind::fence: fibers::atomic_thread_fence(c.order); break;
                case statement_kind::lock:
                    if (timed)
                        timed->m[c.object].lock();
                    else
                        m.lock();
                    break;
                case statement_kind::unlock:
                    if (timed)
                        timed->m[c.object].unlock();
                    else
                        m.unlock();
                    break;
                case statement_kind::lock_both: {
                    const auto both = fibers::lock_all(s.m[c.object], s.m[1 - c.object]);
                    break;
                }
                case statement_kind::try_lock:
                    if (timed) {
                        if (std::unique_lock lock(timed->m[c.object], std::try_to_lock); lock)
                            value = 7;
                    } else if (m.try_lock()) {
                        m.unlock();
                        value = 7;
                    }
                    break;
                case statement_kind::await_not_zero:
                    value = await(
                        x, [](int v) { return v != 0; }, c.order);
                    break;
                case statement_kind::await_below_two:
                    value = await(
                        x, [](int v) { return v < 2; }, c.order);
                    break;
                case statement_kind::skip_next_if_equal:
                    if (x.load(c.order) == c.value && k + 1 < code.size() &&
                        code[k + 1].kind != statement_kind::unlock)
                        ++k;
                    break;
                case statement_kind::wait_for_flag: {
                    std::unique_lock lock(s.m[0]);
                    while (!s.flag) s.changed.wait(lock);
                    break;
                }
                case statement_kind::wait_once: {
                    std::unique_lock lock(s.m[0]);
                    s.changed.wait(lock);
                    break;
                }
                case statement_kind::raise_flag_one: {
                    std::unique_lock lock(s.m[0]);
                    s.flag = true;
                    s.changed.notify_one();
                    break;
                }
                case statement_kind::raise_flag_all: {
                    std::unique_lock lock(s.m[0]);
                    s.flag = true;
                    s.changed.notify_all();
                    break;
                }
                case statement_kind::timed_lock:
                    if (std::unique_lock lock(timed->m[c.object], duration); lock)
                        value = 7;
                    else
                        value = 8;
                    break;
                case statement_kind::wait_for_flag_timed: {
                    std::unique_lock lock(s.m[0]);
                    value = s.changed.wait_for(lock, duration, [&s] { return s.flag.load(); });
                    break;
                }
                case statement_kind::wait_once_timed: {
                    std::unique_lock lock(s.m[0]);
                    value = s.changed.wait_for(lock, duration) == std::cv_status::timeout ? 4 : 3;
                    break;
                }
                case statement_kind::sleep: fibers::this_thread::sleep_for(duration); break;
                case statement_kind::read_clock:
                    value = static_cast<int>(fibers::steady_clock::now().time_since_epoch() /
                                             std::chrono::milliseconds(1));
                    break;
                case statement_kind::choose: value = static_cast<int>(choose(2)); break;
            }
        }
    };
    std::array<fibers::thread, 3> threads;
    for (std::size_t t = 0; t < p.threads.size(); ++t)
        threads[t] = fibers::thread(
            [&perform, &code = p.threads[t], &value = last[t]] { perform(code, value); });
    for (std::size_t t = 0; t < p.threads.size(); ++t) threads[t].join();
    if (!refused.empty()) {
        std::string text;
        for (const int value : last) text += std::to_string(value) + ' ';
        HEDDLE_ASSERT(text != refused);
    }
    if (p.timed)
        record("{}us",
               fibers::steady_clock::now().time_since_epoch() / std::chrono::microseconds(1));
    record("{} {} {} x={} y={}", last[0], last[1], last[2], s.x[0].load(), s.x[1].load());
}

}  // namespace heddle::generated
