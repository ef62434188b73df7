// Statics of functions that are first initialised in an execution.
//
// The compiler guards such an initialiser with __cxa_guard_acquire and its kind. A modelled thread
// that is switched away inside it would leave the guard taken, and the next one to come would wait
// for ever on the OS thread that they share. So these definitions stand before those of the C++
// library: between OS threads they do the same (the layout of the guard is that of the Itanium ABI
// as libstdc++ has it), between modelled threads the engine waits.
//
// A static outlives its execution, so an initialiser takes steps in the first execution that comes
// by and in no other: that one is a warm-up, and the search begins again after it. A static that
// holds modelled objects cannot be used in the next execution at all: misuse.
#include <cxxabi.h>
#include <linux/futex.h>
#include <sys/single_threaded.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <climits>
#include <stdexcept>

#include "crash_watch.hpp"
#include "engine.hpp"
#include "engine_scope.hpp"

namespace heddle::scheduler {
namespace {

using guard_word = int;
constexpr guard_word done = 1, pending = 1 << 8, waiting = 1 << 16;

std::atomic_ref<guard_word> word(guard_word* guard) noexcept { return std::atomic_ref(*guard); }

// Undefined behaviour, which libstdc++ answers with an exception where it can.
[[noreturn]] void refuse_recursion() {
    throw std::logic_error("a static is used while its own initialiser runs");
}

// ---- between OS threads -----------------------------------------------------------------------

bool acquire_really(guard_word* guard) {
    for (;;) {
        guard_word seen = 0;
        const bool taken = word(guard).compare_exchange_strong(seen, pending);
        if (taken || seen == done) {
            sanitizer_acquire(guard);
            return taken;
        }
        if (__libc_single_threaded) refuse_recursion();
        if (seen == pending && !word(guard).compare_exchange_strong(seen, pending | waiting))
            continue;
        syscall(SYS_futex, guard, FUTEX_WAIT, pending | waiting, nullptr);
    }
}

void release_really(guard_word* guard, guard_word result) noexcept {
    sanitizer_release(guard);
    if (word(guard).exchange(result) & waiting) syscall(SYS_futex, guard, FUTEX_WAKE, INT_MAX);
}

// ---- between modelled threads -----------------------------------------------------------------

// The engine, if the caller is a modelled thread.
engine* engine_of_caller() noexcept {
    engine* const e = current_engine;
    return e && on_running_fiber(*e, __builtin_frame_address(0)) ? e : nullptr;
}

// Statics that hold modelled objects: built once, usable in no execution. Their guard is never
// `done`, so that each use comes by here.
struct refused_static {
    guard_word* guard;
    refused_static* next;
};
constinit std::atomic<refused_static*> refused{nullptr};

bool is_refused(guard_word* guard) noexcept {
    const refused_static* r = refused.load();
    while (r && r->guard != guard) r = r->next;
    return r != nullptr;
}

void refuse(guard_word* guard) {
    auto* const r = new refused_static{guard, refused.load()};  // for the life of the process
    while (!refused.compare_exchange_weak(r->next, r)) {
    }
}

}  // namespace

bool engine::acquire_static(int* guard) {
    while (!word(guard).load() || word(guard).load() & pending) {
        const auto open = std::find_if(open_statics_.begin(), open_statics_.end(),
                                       [&](const open_static& s) { return s.guard == guard; });
        modelled_thread& t = *current_;
        if (open == open_statics_.end()) {
            if (!acquire_really(guard)) return false;
            open_statics_.push_back({guard, t.slot, t.position, t.objects, t.children});
            ++t.outside_depth;  // what it allocates outlives the execution, as it does
            return true;
        }
        if (open->slot == t.slot) refuse_recursion();
        if (autopsy_) leave(ending::stuck);
        // It waits as if it joined the thread that initialises, and is woken earlier.
        const std::uint64_t bit = std::uint64_t{1} << t.slot;
        t.state = run_state::joining;
        t.joining = open->slot;
        t.blocked_at = {};
        threads_[open->slot].joiners |= bit;
        static_waiters_ |= bit;
        ready_ &= ~bit;
        if (ends_in_cycles()) look_for_cycle(t);
        schedule_away();
    }
    sanitizer_acquire(guard);
    return false;
}

void engine::release_static(int* guard, bool initialised) {
    const auto open = std::find_if(open_statics_.begin(), open_statics_.end(),
                                   [&](const open_static& s) { return s.guard == guard; });
    if (open == open_statics_.end()) return release_really(guard, initialised ? done : 0);
    modelled_thread& t = threads_[open->slot];
    --t.outside_depth;
    bool keeps_objects = false;
    for (unsigned k = open->objects; k < t.objects; ++k)
        keeps_objects = keeps_objects || objects_[t.object_ids[k]].alive;
    for (unsigned k = open->children; k < t.children; ++k)
        keeps_objects = keeps_objects || threads_[t.child_slots[k]].joinable;
    if (initialised && keeps_objects) refuse(guard);
    if (initialised && (keeps_objects || t.position != open->position ||
                        t.objects != open->objects || t.children != open->children))
        warms_up_ = true;
    open_statics_.erase(open);
    release_really(guard, initialised && !keeps_objects ? done : 0);
    for (std::uint64_t m = static_waiters_; m; m &= m - 1) {
        modelled_thread& waiter = threads_[static_cast<unsigned>(__builtin_ctzll(m))];
        if (waiter.state != run_state::joining || waiter.joining != t.slot) continue;
        const std::uint64_t bit = m & -m;
        waiter.state = run_state::runnable;
        threads_[t.slot].joiners &= ~bit;
        static_waiters_ &= ~bit;
        ready_ |= bit;
    }
}

void engine::drop_open_statics() noexcept {
    for (const open_static& s : open_statics_) release_really(s.guard, 0);
    open_statics_.clear();
    static_waiters_ = 0;
}

}  // namespace heddle::scheduler

extern "C" {

[[gnu::weak]] int __cxa_guard_acquire(__cxxabiv1::__guard* guard) {
    using namespace heddle::scheduler;
    auto* const word = reinterpret_cast<int*>(guard);
    engine* const e = engine_of_caller();
    if (!e) return is_refused(word) ? 0 : acquire_really(word);
    const engine_scope inside(*e);
    if (!is_refused(word)) return e->acquire_static(word);
    e->bad_object(no_object, {});
    return 0;
}

[[gnu::weak]] void __cxa_guard_release(__cxxabiv1::__guard* guard) noexcept {
    using namespace heddle::scheduler;
    auto* const word = reinterpret_cast<int*>(guard);
    engine* const e = engine_of_caller();
    if (!e) return release_really(word, done);
    const engine_scope inside(*e);
    e->release_static(word, true);
}

[[gnu::weak]] void __cxa_guard_abort(__cxxabiv1::__guard* guard) noexcept {
    using namespace heddle::scheduler;
    auto* const word = reinterpret_cast<int*>(guard);
    engine* const e = engine_of_caller();
    if (!e) return release_really(word, 0);
    const engine_scope inside(*e);
    e->release_static(word, false);
}

}  // extern "C"
