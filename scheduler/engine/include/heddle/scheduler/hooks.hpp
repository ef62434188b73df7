// What a backend may call: the one narrow door into the engine.
//
// Every operation of every modelled type is one of these calls. Each says what it does (operation,
// object, orders, operands) and where it stands in the user's code; the engine replays it, or
// chooses and records it. All of them need a running execution on the calling OS thread
// (`active()`), except where stated.
//
// A call that finds an error does not return: the execution stops there, its stacks are dropped.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <heddle/trace/execution_trace.hpp>
#include <heddle/trace/operation.hpp>
#include <heddle/trace/site.hpp>

namespace heddle::scheduler {

using trace::object_kind;
using trace::operation;
using trace::order;
using trace::site;
using trace::value_format;

// A modelled object of the running execution: an index, or `no_object` if it was built outside of
// one.
using object_id = std::uint32_t;
inline constexpr object_id no_object = 0xffff'ffff;

// A modelled thread of the running execution.
using thread_id = std::uint32_t;
inline constexpr thread_id no_thread = 0xffff'ffff;

// What the race check remembers of one plain object. Lives inside the object; no allocation.
// An epoch is thread << 16 | number of events the thread had done; FastTrack (Flanagan and Freund,
// PLDI 2009).
struct access_shadow {
    object_id object = no_object;
    std::uint32_t last_write = 0;
    std::uint32_t last_read =
        0;  // epoch of the last read, or index of a read clock when `shared_read`
    bool was_read = false;
    bool shared_read = false;
};

namespace hooks {

// True on a modelled thread of a running execution.
bool active() noexcept;

// ---- objects
// ------------------------------------------------------------------------------------------------
// A new object whose identity is (constructing thread, n-th construction of that thread). `value`
// is what an atomic or lock word holds at first. Outside an execution: returns `no_object`.
object_id make_object(object_kind kind, std::uint64_t value, unsigned bytes, value_format format,
                      site where) noexcept;
// Ends the lifetime of an object; destroying a held mutex or a condition variable with waiters is
// misuse.
void destroy_object(object_id object, site where) noexcept;
void name_object(object_id object, std::string_view name);
// The value an object holds now, without a step: for the engine's own users (litmus outcomes), not
// for models.
std::uint64_t peek(object_id object) noexcept;

// ---- atomics
// ------------------------------------------------------------------------------------------------
// Values are the object representation of T, zero-extended to 64 bits.
std::uint64_t load(object_id object, order o, site where);
void store(object_id object, std::uint64_t value, order o, site where);
// exchange, fetch_*: returns the value before.
std::uint64_t read_modify_write(object_id object, operation op, std::uint64_t operand, order o,
                                site where);
// On failure `expected` receives the value read.
bool compare_exchange(object_id object, operation strong_or_weak, std::uint64_t& expected,
                      std::uint64_t desired, order success, order failure, site where);
// A read that blocks until the value satisfies a predicate; reads only such a value.
std::uint64_t await_equal(object_id object, std::uint64_t value, order o, site where);
std::uint64_t await_not_equal(object_id object, std::uint64_t value, order o, site where);
// The predicate is called on values with a copy of its 16 bytes of state, also while the awaiting
// thread is not running.
using predicate = bool (*)(std::uint64_t value, const std::uint64_t (&state)[2]);
std::uint64_t await_predicate(object_id object, predicate p, const std::uint64_t (&state)[2],
                              order o, site where);
// Blocks until a compare-exchange succeeds; returns the value before.
std::uint64_t await_compare_exchange(object_id object, std::uint64_t expected,
                                     std::uint64_t desired, order o, site where);
void fence(order o, site where);

// ---- lock words: objects of kind mutex or recursive_mutex
// -----------------------------------------------------
void lock(object_id object, site where);
bool try_lock(object_id object, site where);
void unlock(object_id object, site where);
// Takes it, or returns false once the virtual time may be `deadline`.
bool try_lock_until(object_id object, std::int64_t deadline, site where);
// Takes all, each in a step of its own. While others hold some it holds none, or the first of them:
// no two of these wait for each other.
void lock_all(const object_id* objects, std::size_t count, site where);
// The thread that holds the word now, or `no_thread`.
thread_id holder(object_id object) noexcept;

// ---- waiter sets: objects of kind condition_variable, and the waiter set beside an atomic
// ----------------------- Joins the set of waiters / blocks until a notification (or a spurious
// wakeup) takes the thread out of it.
void wait_enqueue(object_id object, site where);
void wait_wake(object_id object, site where);
void notify_one(object_id object, site where);
void notify_all(object_id object, site where);
// The number of threads in the set now, without a step.
unsigned waiter_count(object_id object) noexcept;
// A timed wait, between `wait_enqueue` and taking the lock back: how it ended. Spurious wakeups are
// no timeouts.
enum class wait_result { notified, spurious, timed_out };
wait_result wait_wake_until(object_id object, std::int64_t deadline, site where);
// After it was notified: whether the time ran out as well before the waiter could go on. A choice,
// as a timeout; to be asked only where that makes a difference.
bool notified_late(object_id object, std::int64_t deadline, site where);
// Whole atomic wait: blocks while the value equals `old`, as [atomics.wait] says. `waiters` is the
// waiter set of the atomic: an object made with it, of kind condition_variable.
void atomic_wait(object_id object, object_id waiters, std::uint64_t old, order o, site where);

// ---- plain data
// ---------------------------------------------------------------------------------------------
// Made once for each plain object; the constructing thread has written it.
void make_plain(access_shadow& shadow, unsigned bytes, value_format format, site where) noexcept;
// A read or write of it. `bits` is the value read or to be written where it fits 64 bits, else 0:
// for the trace only. Outside an execution: no effect.
void plain_read(access_shadow& shadow, std::uint64_t bits, site where);
void plain_write(access_shadow& shadow, std::uint64_t bits, site where);
// The race check alone, for an object that is accessed both plainly and atomically (its operations
// are events of their own): plain against plain and plain against atomic conflict, atomic against
// atomic does not.
void mixed_access(access_shadow& plain, access_shadow& atomic, bool is_write, bool is_atomic,
                  site where);

// ---- threads
// ------------------------------------------------------------------------------------------------
thread_id self() noexcept;
// Begins a spawn: a thread identified as (parent, k-th child), with `bytes` of storage for its
// callable at the base of its stack. The caller constructs the callable there, then starts it: the
// spawn is the step.
struct new_thread {
    thread_id id;
    void* storage;
};
new_thread reserve_thread(std::size_t bytes, std::size_t alignment, site where);
void start_thread(thread_id id, void (*entry)(void* storage), site where);
void join(thread_id id, site where);
void detach(thread_id id, site where);
bool has_exited(thread_id id) noexcept;
void name_thread(thread_id id, std::string_view name);
thread_id parent(thread_id id) noexcept;  // not for main
unsigned elder_siblings(thread_id id) noexcept;

// ---- virtual time, in nanoseconds since the start of the execution
// ---------------------------------------------------------
// What the calling thread's clock shows. Never less than what precedes the call in program order
// and reads-from has shown or waited for; runs a little with each call. No schedule point.
std::int64_t read_clock(site where);
// The deadline of a wait that begins now and is to last so long; saturates.
std::int64_t deadline_after(std::int64_t nanoseconds) noexcept;
void sleep_until(std::int64_t deadline, site where);
// For the trace: the calling thread is in a timed wait of this length, until the end of the scope.
class timed_scope {
public:
    explicit timed_scope(std::int64_t deadline) noexcept;
    ~timed_scope();
    timed_scope(const timed_scope&) = delete;
    timed_scope& operator=(const timed_scope&) = delete;
};

// ---- the rest
// ---------------------------------------------------------------------------------------------------
// Hints that the thread has nothing to do for now: other threads go first.
void yield(operation op, site where);
std::uint32_t choose(std::uint32_t n, site where);  // a value in [0, n), explored; n >= 1
[[noreturn]] void
drop_thread();  // a failed assumption: only this thread stops, the execution is dropped
void record(
    std::string_view outcome);  // one outcome of this execution; several are joined by a space
void log(std::string_view text, site where);
bool explaining() noexcept;  // true on the explained re-run only

// ---- failures: none of them returns
// ---------------------------------------------------------------------------
[[noreturn]] void fail_assertion(std::string_view message, site where);
[[noreturn]] void fail_exception(std::string_view what);
[[noreturn]] void fail_misuse(trace::misuse_kind kind, object_id object, thread_id other,
                              site where);
// Of a primitive that is built from modelled objects: what was done wrong, as a sentence.
[[noreturn]] void fail_precondition(std::string_view what, site where);
// Marks the execution as failed by an assertion and lets the thread go on: for EXPECT-like checks.
// The first message is kept; the execution ends as `assertion`.
void note_assertion(std::string_view message, site where);

}  // namespace hooks
}  // namespace heddle::scheduler
