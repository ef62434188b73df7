#include "thread_sanitizer.hpp"

#if defined(HEDDLE_TSAN_)
#include <sys/mman.h>
#include <sys/single_threaded.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <new>
#include <string_view>

#include "engine.hpp"
#include "recorder.hpp"

extern "C" {
// The runtime's own, for debuggers; no header declares them.
int __tsan_get_report_data(void* report, const char** description, int* count, int* stacks,
                           int* accesses, int* places, int* mutexes, int* threads, int* thread_ids,
                           void** sleep_frames, unsigned long sleep_count);
int __tsan_get_report_mop(void* report, unsigned long index, int* thread, void** address, int* size,
                          int* writes, int* atomic, void** frames, unsigned long count);
int __tsan_get_report_thread(void* report, unsigned long index, int* thread, unsigned long* os_id,
                             int* running, const char** name, int* parent, void** frames,
                             unsigned long count);

// A report that is like an earlier one is a race all the same: the execution is run again. In a
// fork that reports a death it runs once more, too, with new fibers.
[[gnu::weak]] const char* __tsan_default_options() {
    return "suppress_equal_stacks=0:suppress_equal_addresses=0:die_after_fork=0";
}
}

namespace heddle::scheduler {
namespace {

constexpr std::size_t keys_of_thread = 1 << 15;  // a thread has fewer events (vector_clock.hpp)
constexpr std::size_t key_bytes = 8;             // the sanitizer's grain

// The keys of one OS thread's executions, which come one after the other.
class key_table {
public:
    key_table() : memory_(map()) {}
    ~key_table() { munmap(memory_, bytes); }
    key_table(const key_table&) = delete;
    key_table& operator=(const key_table&) = delete;

    void* of(unsigned slot, unsigned index) noexcept {
        return memory_ + (slot * keys_of_thread + index) * key_bytes;
    }
    // Not used by events, of which a thread has two fewer than keys.
    void* past() noexcept { return of(0, keys_of_thread - 1); }
    void* start() noexcept { return of(1, keys_of_thread - 1); }

private:
    static constexpr std::size_t bytes = max_threads * keys_of_thread * key_bytes;
    static std::byte* map() {
        void* const p = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (p == MAP_FAILED) throw std::bad_alloc();
        return static_cast<std::byte*>(p);
    }
    std::byte* memory_;
};

key_table& keys() {
    thread_local key_table own;
    return own;
}

constexpr unsigned unordered = 1;  // __tsan_switch_to_fiber: no edge between the two
constexpr std::string_view name_start = "heddle ";

// The slot of a fiber by the name that `renew` gave it; -1: another's.
int slot_named(const char* name) noexcept {
    if (!name || std::strncmp(name, name_start.data(), name_start.size()) != 0) return -1;
    return std::atoi(name + name_start.size());
}

bool take_access(void* report, unsigned long index, unwatched_race::access& a,
                 int& thread) noexcept {
    void* address = nullptr;
    int size = 0, writes = 0, atomic = 0;
    void* frames[unwatched_race::max_frames] = {};
    if (!__tsan_get_report_mop(report, index, &thread, &address, &size, &writes, &atomic, frames,
                               unwatched_race::max_frames))
        return false;
    a.begin = static_cast<const std::byte*>(address);
    a.writes = writes != 0;
    a.bytes = static_cast<unsigned>(size);
    a.count = 0;
    // A frame that was inlined comes with the address of the one around it.
    for (void* const f : frames)
        if (f && (a.count == 0 || a.frames[a.count - 1] != f)) a.frames[a.count++] = f;
    return true;
}

// True if it is a race of two modelled threads, which the engine then reports in its own words.
bool take_race(void* report) noexcept {
    const char* description = nullptr;
    int count, stacks, accesses = 0, places, mutexes, threads = 0, ids;
    void* sleep[1];
    if (!__tsan_get_report_data(report, &description, &count, &stacks, &accesses, &places, &mutexes,
                                &threads, &ids, sleep, 1) ||
        !description || !std::string_view(description).starts_with("data-race") || accesses < 2)
        return false;
    unwatched_race r;
    int later = 0, earlier = 0;
    if (!take_access(report, 0, r.later, later) || !take_access(report, 1, r.earlier, earlier))
        return false;
    for (int k = 0; k < threads; ++k) {
        int thread = 0, running = 0, parent = 0;
        unsigned long os_id = 0;
        const char* name = nullptr;
        void* frames[1];
        if (__tsan_get_report_thread(report, static_cast<unsigned long>(k), &thread, &os_id,
                                     &running, &name, &parent, frames, 1) &&
            thread == earlier)
            r.earlier_slot = slot_named(name);
    }
    if (r.earlier_slot < 0) return false;
    if (current_engine->sanitizer_vars_.has_raced(r)) return true;
    r.seen = true;
    if (!race_seen.seen) race_seen = r;
    return true;
}

}  // namespace

thread_local unwatched_race race_seen;

void sanitizer_fiber::renew(unsigned slot) {
    // libstdc++ leaves its atomics out while a process has one thread, which it would seem to have.
    __libc_single_threaded = false;
    drop();
    fiber_ = __tsan_create_fiber(0);
    created_ = true;
    char name[32];
    std::snprintf(name, sizeof name, "%s%u", name_start.data(), slot);
    __tsan_set_fiber_name(fiber_, name);
}

void sanitizer_fiber::drop() noexcept {
    if (!created_) return;
    if (ignoring_) {  // it may not end so
        void* const caller = __tsan_get_current_fiber();
        __tsan_switch_to_fiber(fiber_, unordered);
        end_ignoring();
        __tsan_switch_to_fiber(caller, unordered);
    }
    __tsan_destroy_fiber(fiber_);
    created_ = false;
}

void sanitizer_fiber::switch_to(sanitizer_fiber& other) noexcept {
    __tsan_release(keys().past());
    __tsan_switch_to_fiber(other.fiber_, unordered);
}

void sanitizer_fiber::begin_ignoring() noexcept {
    if (ignoring_) return;
    ignoring_ = true;
    __tsan_ignore_thread_begin();
}

void sanitizer_fiber::end_ignoring() noexcept {
    if (!ignoring_) return;
    ignoring_ = false;
    __tsan_ignore_thread_end();
}

void sanitizer_clocks::begin_execution() noexcept {
    std::memset(known_, 0, sizeof known_);
    std::memset(released_, 0, sizeof released_);
    std::memset(amid_event_, 0, sizeof amid_event_);
    race_seen.seen = false;
    __tsan_acquire(keys().past());
    __tsan_release(keys().start());
}

void sanitizer_clocks::end_execution() noexcept { __tsan_acquire(keys().past()); }

void sanitizer_clocks::begin_thread() noexcept { __tsan_acquire(keys().start()); }

void sanitizer_clocks::follow(unsigned slot, clock_ref now, unsigned threads,
                              unsigned position) noexcept {
    for (unsigned other = 0; other < threads; ++other) {
        const std::uint16_t n = now[other];
        if (other == slot || n <= known_[slot][other]) continue;
        known_[slot][other] = n;
        __tsan_acquire(keys().of(other, n - 1u));
    }
    if (amid_event_[slot]) __tsan_release(keys().of(slot, position - 1));
    amid_event_[slot] = false;
    release(slot, position);
}

// The last event is released once more when what it reads from has been acquired.
void sanitizer_clocks::release_amid_event(unsigned slot, unsigned position) noexcept {
    amid_event_[slot] = position > 0;
    release(slot, position);
}

void sanitizer_clocks::release(unsigned slot, unsigned position) noexcept {
    for (; released_[slot] < position; ++released_[slot])
        __tsan_release(keys().of(slot, released_[slot]));
}

void sanitizer_clocks::end_thread(unsigned slot, unsigned position) noexcept {
    __tsan_release(keys().of(slot, position));
}

void sanitizer_vars::made(const access_shadow& shadow, unsigned bytes) {
    constexpr std::size_t grain = alignof(access_shadow);
    const auto* const end = reinterpret_cast<const std::byte*>(&shadow);
    if (vars_.size() <= shadow.object) vars_.resize(shadow.object + 1);
    vars_[shadow.object] = {end - (bytes + grain - 1) / grain * grain, end};
}

void sanitizer_vars::ended(object_id var) noexcept {
    if (var < vars_.size()) vars_[var] = {};
}

void sanitizer_vars::raced(object_id var) noexcept {
    if (var >= vars_.size()) return;
    vars_[var].raced = true;
    if (vars_[var].holds(race_seen.later)) race_seen.seen = false;
}

bool sanitizer_vars::has_raced(const unwatched_race& r) const noexcept {
    return std::any_of(vars_.begin(), vars_.end(),
                       [&](const memory& m) { return m.holds(r.later); });
}

void engine::enter_from_body(bool stops_at_race) {
    current_->stack->sanitizer.begin_ignoring();
    if (stops_at_race && race_seen.seen) meet_unwatched_race();
}

void engine::meet_unwatched_race() {
    race_seen.seen = false;
    const auto side_of = [](const unwatched_race::access& a) {
        return a.count ? reinterpret_cast<std::uint64_t>(a.frames[0]) : 0;
    };
    finding f;
    f.why = trace::stop::data_race;
    f.slot = current_->slot;
    f.side = side_of(race_seen.later);
    f.other_side = side_of(race_seen.earlier);
    if (recorder_ && (!options_.keep_going || is_wanted(f))) recorder_->unwatched(*this, race_seen);
    if (!options_.keep_going || autopsy_) stop(std::move(f));
    note(std::move(f));
}

void engine::return_to_body() {
    if (race_seen.seen) meet_unwatched_race();
    follow_with_sanitizer();
    current_->stack->sanitizer.end_ignoring();
}

void engine::release_to_sanitizer() {
    sanitizer_clocks_.release_amid_event(current_->slot, current_->position);
}

void engine::follow_with_sanitizer() {
    sanitizer_clocks_.follow(current_->slot, now(), thread_slots_, current_->position);
}

}  // namespace heddle::scheduler

namespace __tsan {

struct ReportDesc;

// The runtime asks before it prints; true: it shall not, and the exit code stays as it is.
bool OnReport(const ReportDesc* report, bool suppressed);
bool OnReport(const ReportDesc* report, bool suppressed) {
    using namespace heddle::scheduler;
    return (current_engine && take_race(const_cast<ReportDesc*>(report))) || suppressed;
}

}  // namespace __tsan
#endif
