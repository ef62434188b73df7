#include "features.hpp"

#include <algorithm>
#include <cstdio>

namespace heddle::soundness {
namespace {

// A name, and its column in the table.
struct label {
    std::string_view name, column;
};
constexpr label labels[feature_count] = {
    {"atomics", "atom"},       {"fences", "fenc"},
    {"weak exchange", "weak"}, {"mutexes", "mutx"},
    {"bare locks", "bare"},    {"several locks", "sevl"},
    {"recursive", "recu"},     {"timed locks", "tlck"},
    {"conditions", "cond"},    {"timed conditions", "tcnd"},
    {"atomic wait", "wait"},   {"lone notify", "lone"},
    {"await", "awai"},         {"poll", "poll"},
    {"short poll", "shrt"},    {"poll locks", "plck"},
    {"data", "data"},          {"choices", "choi"},
    {"branches", "brch"},      {"sleep", "slep"},
    {"clock", "clok"},         {"nested", "nest"},
    {"detached", "detc"},      {"late start", "late"},
};

void add_kind(const statement& s, feature_set& f) {
    const auto has = [&](feature x) { f.set(static_cast<std::size_t>(x)); };
    switch (s.what) {
        case kind::fence: has(feature::fences); break;
        case kind::compare_exchange_weak:
        case kind::weak_loop:
        case kind::weak_lock: has(feature::weak_exchange); break;
        case kind::wait: has(feature::atomic_wait); break;
        case kind::await: has(feature::await); break;
        case kind::poll:
        case kind::poll_update: has(s.tries ? feature::short_poll : feature::poll); break;
        case kind::guard:
        case kind::try_guard: has(feature::mutexes); break;
        case kind::lock: has(feature::bare_locks); break;
        case kind::lock_all:
        case kind::scoped_lock:
        case kind::lock_both:
        case kind::std_scoped_lock: has(feature::several_locks); break;
        case kind::timed_guard: has(feature::timed_locks); break;
        case kind::poll_guard:
        case kind::poll_var: has(feature::poll_locks); break;
        case kind::condition_wait:
        case kind::condition_wait_until: has(feature::conditions); break;
        case kind::condition_wait_for:
        case kind::condition_wait_for_until: has(feature::timed_conditions); break;
        case kind::read:
        case kind::write:
        case kind::add: has(feature::data); break;
        case kind::choose:
        case kind::assume:
        case kind::assertion: has(feature::choices); break;
        case kind::branch: has(feature::branches); break;
        case kind::sleep: has(feature::sleep); break;
        case kind::read_clock: has(feature::clock); break;
        case kind::detach: has(feature::detached); break;
        case kind::load:
        case kind::store:
        case kind::fetch_add:
        case kind::fetch_or:
        case kind::fetch_xor:
        case kind::exchange:
        case kind::compare_exchange_strong: has(feature::atomics); break;
        default: break;
    }
}

}  // namespace

std::string_view name_of(feature f) noexcept { return labels[static_cast<std::size_t>(f)].name; }

feature_set features_of(const program& p) {
    feature_set f;
    std::uint32_t waited = 0, notified = 0;
    for_each_statement(p, [&](const statement& s) {
        add_kind(s, f);
        if (s.what == kind::wait) waited |= 1U << s.object;
        if (s.what == kind::notify_one || s.what == kind::notify_all) notified |= 1U << s.object;
    });
    if (notified & ~waited) f.set(static_cast<std::size_t>(feature::lone_notify));
    for (const mutex_kind m : p.mutexes)
        if (m == mutex_kind::recursive || m == mutex_kind::recursive_timed)
            f.set(static_cast<std::size_t>(feature::recursive));
    for (std::size_t t = 0; t < p.threads.size(); ++t) {
        bool worked = false;
        for (const statement& s : p.threads[t]) {
            if (s.what == kind::start && t > 0) f.set(static_cast<std::size_t>(feature::nested));
            if (s.what == kind::start && worked)
                f.set(static_cast<std::size_t>(feature::late_start));
            worked = worked || s.what < kind::start || s.what == kind::join;
        }
    }
    return f;
}

void feature_table::add(const feature_set& met) {
    for (std::size_t a = 0; a < feature_count; ++a)
        for (std::size_t b = 0; met[a] && b < feature_count; ++b) met_[a][b] += met[b];
}

std::string feature_table::text() const {
    std::string out;
    char cell[32];
    std::snprintf(cell, sizeof cell, "%-17s", "");
    out += cell;
    for (const label& l : labels) {
        std::snprintf(cell, sizeof cell, "%6s", l.column.data());
        out += cell;
    }
    out += '\n';
    for (std::size_t a = 0; a < feature_count; ++a) {
        std::snprintf(cell, sizeof cell, "%-17s", labels[a].name.data());
        out += cell;
        for (std::size_t b = 0; b <= a; ++b) {
            std::snprintf(cell, sizeof cell, "%6llu", static_cast<unsigned long long>(met_[a][b]));
            out += cell;
        }
        out += '\n';
    }
    return out;
}

}  // namespace heddle::soundness
