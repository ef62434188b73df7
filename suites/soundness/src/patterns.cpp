#include "patterns.hpp"

#include <stdexcept>

namespace heddle::soundness {
namespace {

// Where one pattern of a kind begins as another, the longer one comes first.
constexpr pattern table[] = {
    {kind::load, "a[$s] = x$o.load($1);"},
    {kind::store, "x$o.store($v, $1);"},
    {kind::fetch_add, "a[$s] = x$o.fetch_add($v, $1);"},
    {kind::fetch_add, "x$o.fetch_add($v, $1);"},
    {kind::fetch_or, "a[$s] = x$o.fetch_or($v, $1);"},
    {kind::fetch_xor, "a[$s] = x$o.fetch_xor($v, $1);"},
    {kind::exchange, "a[$s] = x$o.exchange($v, $1);"},
    {kind::compare_exchange_strong, "a[$S] = x$o.compare_exchange_strong(a[$s] = $e, $v, $1, $2);"},
    {kind::compare_exchange_weak, "a[$S] = x$o.compare_exchange_weak(a[$s] = $e, $v, $1, $2);"},
    {kind::weak_loop,
     "for (a[$s] = $e; !x$o.compare_exchange_weak(a[$s], a[$s] + $k, $1, $2);) {}"},
    {kind::weak_lock,
     "for (a[$s] = $e; !x$o.compare_exchange_weak(a[$s], $k, $1, $2);) a[$s] = $e;"},
    {kind::fence, "fibers::atomic_thread_fence($1);"},
    {kind::wait, "x$o.wait($e, $1);"},
    {kind::notify_one, "x$o.notify_one();"},
    {kind::notify_all, "x$o.notify_all();"},
    {kind::await, "a[$s] = heddle::await(x$o, [](int v) { return v $c $e; }, $1);"},
    {kind::poll, "while (!((a[$s] = x$o.load($1)) $c $e)) {$b}"},
    {kind::poll, "for (int k = 0; k < $t && !((a[$s] = x$o.load($1)) $c $e); ++k) {$b}"},
    {kind::poll_update, "while (!((a[$s] = x$o.exchange($v, $1)) $c $e)) {$b}"},
    {kind::poll_update,
     "for (int k = 0; k < $t && !((a[$s] = x$o.exchange($v, $1)) $c $e); ++k) {$b}"},

    {kind::lock, "m$o.lock();"},
    {kind::unlock, "m$o.unlock();"},
    {kind::guard, "{\nstd::unique_lock hold$o(m$o);\n$b}"},
    {kind::try_guard,
     "if (std::unique_lock hold$o(m$o, std::try_to_lock); (a[$s] = hold$o.owns_lock())) {$b}"},
    {kind::timed_guard,
     "if (std::unique_lock hold$o(m$o, $dms); (a[$s] = hold$o.owns_lock())) {$b}"},
    {kind::poll_guard,
     "{\nstd::unique_lock hold$o(m$o, std::defer_lock);\nwhile (!hold$o.try_lock()) {$f}\n$b}"},
    {kind::poll_guard,
     "{\nstd::unique_lock hold$o(m$o, std::defer_lock);\n"
     "for (int k = 0; k < $t && !hold$o.try_lock(); ++k) {$f}\n"
     "if ((a[$s] = hold$o.owns_lock())) {$b}\n}"},
    {kind::lock_all, "{\nauto both$o = fibers::lock_all(m$o, m$p);\n$b}"},
    {kind::scoped_lock, "{\nfibers::scoped_lock both$o(m$o, m$p);\n$b}"},
    {kind::lock_both,
     "{\nstd::unique_lock hold$o(m$o, std::defer_lock);\n"
     "std::unique_lock hold$p(m$p, std::defer_lock);\nfibers::lock(hold$o, hold$p);\n$b}"},
    {kind::std_scoped_lock, "{\nstd::scoped_lock both$o(m$o, m$p);\n$b}"},
    {kind::poll_var,
     "for (;;) {\nstd::unique_lock hold$o(m$o);\nif ((a[$s] = v$p.load()) $c $e) break;\n"
     "hold$o.unlock();\n$b}"},
    {kind::poll_var,
     "for (int k = 0; k < $t; ++k) {\nstd::unique_lock hold$o(m$o);\n"
     "if ((a[$s] = v$p.load()) $c $e) break;\nhold$o.unlock();\n$b}"},

    {kind::condition_wait, "c$o.wait(hold$h);"},
    {kind::condition_wait_until, "c$o.wait(hold$h, [&] { return v$p.load() $c $e; });"},
    {kind::condition_wait_for, "a[$s] = c$o.wait_for(hold$h, $dms) == std::cv_status::timeout;"},
    {kind::condition_wait_for_until,
     "a[$s] = c$o.wait_for(hold$h, $dms, [&] { return v$p.load() $c $e; });"},
    {kind::condition_notify_one, "c$o.notify_one();"},
    {kind::condition_notify_all, "c$o.notify_all();"},

    {kind::read, "a[$s] = v$o;"},
    {kind::write, "v$o = $v;"},
    {kind::add, "v$o += $v;"},

    {kind::choose, "a[$s] = heddle::choose($e);"},
    {kind::assume, "heddle::assume(a[$s] $c $e);"},
    {kind::assertion, "HEDDLE_ASSERT(a[$s] $c $e);"},
    {kind::branch, "if (a[$s] $c $e) {$b} else {$f}"},
    {kind::branch, "if (a[$s] $c $e) {$b}"},
    {kind::sleep, "fibers::this_thread::sleep_for($dms);"},
    {kind::read_clock,
     "a[$s] = static_cast<int>(fibers::steady_clock::now().time_since_epoch() / 1us);"},
    {kind::yield, "fibers::this_thread::yield();"},
    {kind::count, "++n;"},

    {kind::start, "fibers::thread t$o([&] {$T});"},
    {kind::join, "t$o.join();"},
    {kind::detach, "t$o.detach();"},
};

bool fits(const pattern& p, const statement& s) {
    const auto has = [&](std::string_view part) {
        return p.text.find(part) != std::string_view::npos;
    };
    if (p.what != s.what || has("$t") != (s.tries > 0)) return false;
    if (s.what == kind::fetch_add) return has("$s") == (s.slot >= 0);
    if (s.what == kind::branch) return has("$f") == !s.otherwise.empty();
    return true;
}

}  // namespace

std::span<const pattern> patterns() { return table; }

const pattern& pattern_of(const statement& s) {
    for (const pattern& p : table)
        if (fits(p, s)) return p;
    throw std::logic_error("a statement of kind " + std::to_string(static_cast<int>(s.what)) +
                           " has no text");
}

}  // namespace heddle::soundness
