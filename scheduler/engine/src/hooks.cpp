#include <heddle/scheduler/hooks.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "engine.hpp"
#include "engine_scope.hpp"
#include "execution_heap.hpp"
#include "machine_state.hpp"
#include "recorder.hpp"

namespace heddle::scheduler::hooks {
namespace {

std::uint8_t bits_of(order o) noexcept { return static_cast<std::uint8_t>(o); }
std::uint8_t both(order success, order failure) noexcept {
    return static_cast<std::uint8_t>(bits_of(success) | bits_of(failure) << 4);
}
std::uint8_t both(order o) noexcept { return static_cast<std::uint8_t>(bits_of(o) * 0x11U); }

[[noreturn]] void outside(const char* what, site where) {
    std::fprintf(stderr,
                 "heddle: %s (%s:%u) outside of an execution: modelled types work only inside the "
                 "body given to "
                 "heddle::explore or HEDDLE_TEST\n",
                 what, where.file ? where.file : "?", where.line);
    std::abort();
}

// The running engine, entered for the length of a call.
class entered {
public:
    entered(const char* what, site where, engine_scope::entry how = engine_scope::entry::step)
        : scope_(running(what, where), how) {}
    entered(object_id object, const char* what, site where) : entered(what, where) {
        scope_.owner().check_object(object, where);
    }
    engine* operator->() const noexcept { return &scope_.owner(); }
    engine& operator*() const noexcept { return scope_.owner(); }

private:
    static engine& running(const char* what, site where) {
        if (!current_engine) [[unlikely]]
            outside(what, where);
        return *current_engine;
    }
    const engine_scope scope_;
};

void enter_waiters(engine& e, object_id object, site where) {
    e.has_waits_ = true;
    e.read(object, operation::wait_enqueue, 0, std::uint64_t{1} << e.self().slot, 0, where,
           nullptr);
    ++e.objects_[object].waiting;
}

}  // namespace

bool active() noexcept { return current_engine != nullptr; }

object_id make_object(object_kind kind, std::uint64_t value, unsigned bytes, value_format format,
                      site where) noexcept {
    engine* const e = current_engine;
    if (!e) return no_object;
    const engine_scope inside(*e);
    return e->new_object(kind, value, bytes, format, where);
}

void destroy_object(object_id object, site where) noexcept {
    engine* const e = current_engine;
    if (!e || object >= e->object_count_) return;
    const engine_scope inside(*e);
    modelled_object& o = e->objects_[object];
    if (!o.alive) return;
    if ((o.kind == object_kind::mutex || o.kind == object_kind::recursive_mutex) && o.holder >= 0)
        e->stop_misuse(trace::misuse_kind::mutex_destroyed_held, object, o.holder, where);
    if (o.kind == object_kind::mutex || o.kind == object_kind::recursive_mutex ||
        o.kind == object_kind::condition_variable)
        for (unsigned s = 0; s < e->thread_slots_; ++s) {
            const modelled_thread& t = e->threads_[s];
            if (t.state != run_state::blocked || t.pending.object != object) continue;
            e->stop_misuse(o.kind == object_kind::condition_variable
                               ? trace::misuse_kind::condition_variable_destroyed_waited_on
                               : trace::misuse_kind::mutex_destroyed_waited_on,
                           object, static_cast<int>(s), where);
        }
    o.alive = false;
    e->sanitizer_vars_.ended(object);
}

void name_object(object_id object, std::string_view name) {
    if (!explaining()) return;
    const engine_scope inside(*current_engine);
    current_engine->recorder_->name_object(object, name);
}

std::uint64_t peek(object_id object) noexcept {
    engine& e = *current_engine;
    return e.value_of(e.newest(object), object);
}

}  // namespace heddle::scheduler::hooks

// The reads that a loop may repeat for ever; entered through `HEDDLE_WATCHED_ENTRY_` below.
extern "C" {

std::uint64_t heddle_load_(heddle::scheduler::object_id object, heddle::trace::order o,
                           heddle::trace::site where) {
    using namespace heddle::scheduler;
    const hooks::entered running(object, "atomic load", where);
    engine& e = *running;
    if (e.probes_states_) [[unlikely]]
        probe_machine_state(operation::load, object, where);
    return e.read(object, operation::load, hooks::both(o), 0, 0, where, nullptr);
}
bool heddle_compare_exchange_(heddle::scheduler::object_id object, heddle::trace::operation op,
                              std::uint64_t& expected, std::uint64_t desired,
                              heddle::trace::order success, heddle::trace::order failure,
                              heddle::trace::site where) {
    using namespace heddle::scheduler;
    const hooks::entered running(object, "atomic compare-exchange", where);
    engine& e = *running;
    if (e.probes_states_) [[unlikely]]
        probe_machine_state(op, object, where);
    bool wrote = false;
    e.has_waits_ = e.has_waits_ || op == operation::compare_exchange_weak;
    const std::uint64_t seen =
        e.read(object, op, hooks::both(success, failure), desired, expected, where, &wrote);
    if (!wrote) expected = seen;
    return wrote;
}
std::uint64_t heddle_read_modify_write_(heddle::scheduler::object_id object,
                                        heddle::trace::operation op, std::uint64_t operand,
                                        heddle::trace::order o, heddle::trace::site where) {
    using namespace heddle::scheduler;
    const hooks::entered running(object, "atomic read-modify-write", where);
    engine& e = *running;
    if (e.probes_states_) [[unlikely]]
        probe_machine_state(op, object, where);
    return e.read(object, op, hooks::both(o), operand, 0, where, nullptr);
}
bool heddle_try_lock_(heddle::scheduler::object_id object, heddle::trace::site where) {
    using namespace heddle::scheduler;
    const hooks::entered running(object, "mutex try_lock", where);
    engine& e = *running;
    if (e.objects_[object].holder == e.self().slot) [[unlikely]]
        e.stop_misuse(heddle::trace::misuse_kind::relock_by_owner_try, object, -1, where);
    if (e.probes_states_) [[unlikely]]
        probe_machine_state(operation::try_lock, object, where);
    bool wrote = false;
    e.read(object, operation::try_lock, hooks::both(order::acquire, order::relaxed), 1, 0, where,
           &wrote);
    if (wrote && e.woken_) e.yield_lock_to(object);
    return wrote;
}
void heddle_lock_(heddle::scheduler::object_id object, heddle::trace::site where) {
    using namespace heddle::scheduler;
    const hooks::entered running(object, "mutex lock", where);
    engine& e = *running;
    if (e.objects_[object].holder == e.self().slot && !e.options_.keep_going) [[unlikely]]
        e.stop_relock(object, operation::lock, where);
    if (e.probes_states_) [[unlikely]]
        probe_machine_state(operation::lock, object, where);
    e.lock(object, operation::lock, true, where);
}
}

namespace heddle::scheduler::hooks {

#if defined(HEDDLE_WATCHED_ENTRY_)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wreturn-type"
__attribute__((naked)) std::uint64_t load(object_id, order, site) {
    HEDDLE_WATCHED_ENTRY_("heddle_load_");
}
__attribute__((naked)) bool compare_exchange(object_id, operation, std::uint64_t&, std::uint64_t,
                                             order, order, site) {
    HEDDLE_WATCHED_ENTRY_("heddle_compare_exchange_");
}
__attribute__((naked)) std::uint64_t read_modify_write(object_id, operation, std::uint64_t, order,
                                                       site) {
    HEDDLE_WATCHED_ENTRY_("heddle_read_modify_write_");
}
__attribute__((naked)) bool try_lock(object_id, site) { HEDDLE_WATCHED_ENTRY_("heddle_try_lock_"); }
__attribute__((naked)) void lock(object_id, site) { HEDDLE_WATCHED_ENTRY_("heddle_lock_"); }
#pragma GCC diagnostic pop
#else
std::uint64_t load(object_id object, order o, site where) { return heddle_load_(object, o, where); }
bool compare_exchange(object_id object, operation op, std::uint64_t& expected,
                      std::uint64_t desired, order success, order failure, site where) {
    return heddle_compare_exchange_(object, op, expected, desired, success, failure, where);
}
std::uint64_t read_modify_write(object_id object, operation op, std::uint64_t operand, order o,
                                site where) {
    return heddle_read_modify_write_(object, op, operand, o, where);
}
bool try_lock(object_id object, site where) { return heddle_try_lock_(object, where); }
void lock(object_id object, site where) { heddle_lock_(object, where); }
#endif

void store(object_id object, std::uint64_t value, order o, site where) {
    const entered running(object, "atomic store", where);
    running->write(object, operation::store, value, bits_of(o), where);
}

std::uint64_t await_equal(object_id object, std::uint64_t value, order o, site where) {
    const entered running(object, "await", where);
    return running->await(object, operation::await_equal, both(o), 0, 0, value, where);
}
std::uint64_t await_not_equal(object_id object, std::uint64_t value, order o, site where) {
    const entered running(object, "await", where);
    return running->await(object, operation::await_not_equal, both(o), 0, 0, value, where);
}
std::uint64_t await_predicate(object_id object, predicate p, const std::uint64_t (&state)[2],
                              order o, site where) {
    const entered running(object, "await", where);
    return running->await(object, operation::await_predicate, both(o),
                          reinterpret_cast<std::uint64_t>(p), state[0], state[1], where);
}
std::uint64_t await_compare_exchange(object_id object, std::uint64_t expected,
                                     std::uint64_t desired, order o, site where) {
    const entered running(object, "await", where);
    return running->await(object, operation::await_compare_exchange, both(o), 0, desired, expected,
                          where);
}

void fence(order o, site where) {
    const entered running("fence", where);
    running->fence(bits_of(o), where);
}

void unlock(object_id object, site where) {
    const entered running(object, "mutex unlock", where);
    engine& e = *running;
    const int holder = e.objects_[object].holder;
    if (holder != e.self().slot) [[unlikely]]
        e.stop_misuse(trace::misuse_kind::unlock_not_owner, object, holder, where);
    e.write(object, operation::unlock, 0, bits_of(order::release), where);
}

bool try_lock_until(object_id object, std::int64_t deadline, site where) {
    const entered running(object, "mutex try_lock_for", where);
    engine& e = *running;
    if (e.objects_[object].holder == e.self().slot) [[unlikely]]
        e.stop_misuse(trace::misuse_kind::relock_by_owner_try, object, -1, where);
    return e.try_lock_until(object, deadline, where);
}

void lock_all(const object_id* objects, std::size_t count, site where) {
    const entered running("lock", where);
    engine& e = *running;
    for (std::size_t k = 0; k < count; ++k) e.check_object(objects[k], where);
    if (count) e.lock_all(objects, count, where);
}

thread_id holder(object_id object) noexcept {
    const engine* const e = current_engine;
    if (!e || object >= e->object_count_ || e->objects_[object].holder < 0) return no_thread;
    return static_cast<thread_id>(e->objects_[object].holder);
}

void wait_enqueue(object_id object, site where) {
    const entered running(object, "wait", where);
    enter_waiters(*running, object, where);
}
void wait_wake(object_id object, site where) {
    const entered running(object, "wait", where);
    running->wake(object, where);
}
wait_result wait_wake_until(object_id object, std::int64_t deadline, site where) {
    const entered running(object, "wait", where);
    return running->wake_until(object, deadline, where);
}
bool notified_late(object_id object, std::int64_t deadline, site where) {
    const entered running(object, "wait", where);
    const timed_scope scope(deadline);
    return running->notified_late(object, deadline, where);
}
void notify_one(object_id object, site where) {
    const entered running(object, "notify_one", where);
    running->read(object, operation::notify_one, 0, 0, 0, where, nullptr);
}
void notify_all(object_id object, site where) {
    const entered running(object, "notify_all", where);
    running->read(object, operation::notify_all, 0, 0, 0, where, nullptr);
}
unsigned waiter_count(object_id object) noexcept {
    return current_engine && object < current_engine->object_count_
               ? current_engine->objects_[object].waiting
               : 0;
}

void atomic_wait(object_id object, object_id waiters, std::uint64_t old, order o, site where) {
    const entered running(object, "atomic wait", where);
    running->atomic_wait(object, waiters, old, both(o), where);
}

void make_plain(access_shadow& shadow, unsigned bytes, value_format format, site where) noexcept {
    engine* const e = current_engine;
    if (!e) return;
    const engine_scope inside(*e);
    shadow = access_shadow{};
    shadow.object = e->new_object(object_kind::var, 0, bytes, format, where);
    shadow.last_write = std::uint32_t{e->self().slot} << 16 | e->self().position;
    e->sanitizer_vars_.made(shadow, bytes);
}

void plain_read(access_shadow& shadow, std::uint64_t bits, site where) {
    engine* const e = current_engine;
    if (!e) return;
    const engine_scope inside(*e, engine_scope::entry::plain_access);
    e->plain_access(shadow, false, bits, where);
}
void plain_write(access_shadow& shadow, std::uint64_t bits, site where) {
    engine* const e = current_engine;
    if (!e) return;
    const engine_scope inside(*e, engine_scope::entry::plain_access);
    e->plain_access(shadow, true, bits, where);
}

void mixed_access(access_shadow& plain, access_shadow& atomic, bool is_write, bool is_atomic,
                  site where) {
    engine* const e = current_engine;
    if (!e) return;
    const engine_scope inside(*e, engine_scope::entry::plain_access);
    e->mixed_access(plain, atomic, is_write, is_atomic, where);
}

thread_id self() noexcept { return current_engine ? current_engine->self().slot : no_thread; }

new_thread reserve_thread(std::size_t bytes, std::size_t alignment, site where) {
    const entered running("thread", where);
    engine& e = *running;
    if (bytes > callable_bytes || alignment > 64)
        outside("a thread's callable of more than 4 KiB", where);
    const unsigned slot = e.reserve_child(where);
    return {slot, e.threads_[slot].stack->callable_storage()};
}
void start_thread(thread_id id, void (*entry)(void*), site where) {
    const entered running("thread", {});
    running->start(id, entry, where);
}
void join(thread_id id, site where) {
    const entered running("join", where);
    engine& e = *running;
    e.threads_[id].joinable = false;
    e.join(id, where);
}
void detach(thread_id id, site where) {
    const entered running("detach", where);
    engine& e = *running;
    e.threads_[id].joinable = false;
    if (e.recorder_)
        e.recorder_->other(e, operation::detach, no_object, static_cast<int>(id), 0, where);
}
bool has_exited(thread_id id) noexcept {
    return current_engine->threads_[id].state == run_state::exited;
}
void name_thread(thread_id id, std::string_view name) {
    if (!explaining()) return;
    const engine_scope inside(*current_engine);
    current_engine->recorder_->name_thread(*current_engine, id, name);
}
thread_id parent(thread_id id) noexcept {
    return current_engine ? static_cast<thread_id>(current_engine->threads_[id].parent) : 0;
}
unsigned elder_siblings(thread_id id) noexcept {
    return current_engine ? current_engine->threads_[id].child_number : 0;
}

std::int64_t read_clock(site where) {
    const entered running("clock", where);
    return running->read_clock(where);
}
std::int64_t deadline_after(std::int64_t nanoseconds) noexcept {
    if (!current_engine) return nanoseconds;
    const engine_scope inside(*current_engine);
    return current_engine->deadline_after(nanoseconds);
}
void sleep_until(std::int64_t deadline, site where) {
    const entered running("sleep", where);
    engine& e = *running;
    e.sleep_until(deadline, where);
    if (e.probes_states_) e.clear_stack_below();
}
timed_scope::timed_scope(std::int64_t deadline) noexcept {
    if (!explaining()) return;
    engine& e = *current_engine;
    e.recorder_->begin_timed_wait(e.self(), std::max<std::int64_t>(0, deadline - e.virtual_time()));
}
timed_scope::~timed_scope() {
    if (explaining()) current_engine->recorder_->end_timed_wait(current_engine->self());
}

void yield(operation op, site where) {
    if (!current_engine) return;
    const engine_scope inside(*current_engine);
    current_engine->yield(op, where);
}

std::uint32_t choose(std::uint32_t n, site where) {
    const entered running("choose", where);
    engine& e = *running;
    if (n == 0) e.stop_misuse(trace::misuse_kind::choose_zero, no_object, -1, where);
    return e.choose_value(n, where, false);
}

void drop_thread() {
    const entered running("assume", {});
    running->drop_thread();
}

void record(std::string_view outcome) {
    const entered running("record", {});
    engine& e = *running;
    if (e.watch_spins_) e.note_deed(operation::choose, 1, {});
    if (!e.autopsy_) e.outcome_parts_.emplace_back(outcome);
}
void log(std::string_view text, site where) {
    const entered running("log", where);
    engine& e = *running;
    if (e.recorder_ && !e.autopsy_) e.recorder_->log(e, text, where);
}
bool explaining() noexcept { return current_engine && current_engine->recorder_; }

void fail_assertion(std::string_view message, site where) {
    const entered running("assertion", where);
    finding f;
    f.why = trace::stop::assertion;
    f.message = std::string(message);
    f.where = where;
    running->stop(std::move(f));
}
void fail_exception(std::string_view what) {
    const entered running("exception", {});
    finding f;
    f.why = trace::stop::exception;
    f.message = std::string(what);
    running->stop(std::move(f));
}
void fail_misuse(trace::misuse_kind kind, object_id object, thread_id other, site where) {
    const entered running("misuse", where);
    running->stop_misuse(kind, object, other == no_thread ? -1 : static_cast<int>(other), where);
}
void fail_precondition(std::string_view what, site where) {
    const entered running("misuse", where);
    finding f;
    f.why = trace::stop::misuse;
    f.misuse = trace::misuse_kind::violated_precondition;
    f.message = std::string(what);
    f.where = where;
    if (running->recorder_) running->recorder_->misuse(*running, where);
    running->stop(std::move(f));
}
void note_assertion(std::string_view message, site where) {
    const entered running("assertion", where);
    engine& e = *running;
    if (e.autopsy_) return;
    finding f;
    f.why = trace::stop::assertion;
    f.message = std::string(message);
    f.where = where;
    f.slot = e.self().slot;
    e.note(std::move(f));
}

}  // namespace heddle::scheduler::hooks
