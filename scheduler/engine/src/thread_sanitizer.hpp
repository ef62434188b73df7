// Tells ThreadSanitizer what the engine decides: which thread runs, and what happens before what.
//
// Each fiber is one of ThreadSanitizer's, and switching orders nothing. After each of its events a
// thread releases a key of that event; where its clock has grown, it acquires the keys of the
// events it grew by. So ThreadSanitizer knows of the order that the memory model gives, and of no
// other: plain memory of the body is checked as `var` is. The engine itself is not instrumented,
// and what the sanitizer sees of it by other ways (allocation, `memcpy`) is ignored.
//
// All of it is empty in builds without ThreadSanitizer.
#pragma once

#include <heddle/scheduler/hooks.hpp>

#include <cstddef>
#include <cstdint>

#include "vector_clock.hpp"

#if defined(HEDDLE_TSAN_)
#include <sanitizer/tsan_interface.h>

#include <vector>

extern "C" void __tsan_ignore_thread_begin();
extern "C" void __tsan_ignore_thread_end();
extern "C" void __tsan_write_range(void* begin, unsigned long bytes);
#endif

namespace heddle::scheduler {

#if defined(HEDDLE_TSAN_)
inline constexpr bool thread_sanitizer = true;
#else
inline constexpr bool thread_sanitizer = false;
#endif

// Two accesses of plain memory that ThreadSanitizer saw race: the later one, of the thread that
// runs, and the earlier one.
struct unwatched_race {
    static constexpr int max_frames = 24;
    struct access {
        const std::byte* begin = nullptr;
        bool writes = false;
        unsigned bytes = 0;
        int count = 0;
        void* frames[max_frames];
    };
    bool seen = false;
    int earlier_slot = -1;
    access later, earlier;
};

#if defined(HEDDLE_TSAN_)
// Of the running OS thread's engine, until it stops at it.
extern thread_local unwatched_race race_seen;

class sanitizer_fiber {
public:
    sanitizer_fiber() = default;
    ~sanitizer_fiber() { drop(); }
    sanitizer_fiber(const sanitizer_fiber&) = delete;
    sanitizer_fiber& operator=(const sanitizer_fiber&) = delete;

    // Instead of what it was: frames of a dropped stack are never left one by one.
    void renew(unsigned slot);
    // The OS thread that calls.
    void be_the_caller() noexcept { fiber_ = __tsan_get_current_fiber(); }
    void switch_to(sanitizer_fiber& other) noexcept;
    // What this fiber does between the two is not looked at.
    void begin_ignoring() noexcept;
    void end_ignoring() noexcept;

private:
    void drop() noexcept;

    void* fiber_ = nullptr;
    bool created_ = false;
    bool ignoring_ = false;
};

class sanitizer_clocks {
public:
    // By the controller: all that came before happens before the execution, and it before the rest.
    void begin_execution() noexcept;
    void end_execution() noexcept;
    // By the thread of the slot.
    void begin_thread() noexcept;
    void follow(unsigned slot, clock_ref now, unsigned threads, unsigned position) noexcept;
    void release_amid_event(unsigned slot, unsigned position) noexcept;
    void end_thread(unsigned slot, unsigned position) noexcept;

private:
    void release(unsigned slot, unsigned position) noexcept;

    std::uint16_t known_[max_threads][max_threads] = {};  // by slot
    std::uint16_t released_[max_threads] = {};
    bool amid_event_[max_threads] = {};
};

// The memory of each `var`. A race on it is found by the engine, which knows more of it. With
// `keep_going` the access is made all the same: what the sanitizer then sees is the same race.
class sanitizer_vars {
public:
    void begin_execution() noexcept { vars_.clear(); }
    // The value of a var stands right before its shadow.
    void made(const access_shadow& shadow, unsigned bytes);
    void ended(object_id var) noexcept;
    // By the engine's knowledge. What the sanitizer saw already of an access that is to come, of
    // its value for the trace, is forgotten.
    void raced(object_id var) noexcept;
    bool has_raced(const unwatched_race& r) const noexcept;

private:
    struct memory {
        const std::byte *begin = nullptr, *end = nullptr;
        bool raced = false;
        bool holds(const unwatched_race::access& a) const noexcept {
            return raced && a.begin < end && begin < a.begin + a.bytes;
        }
    };
    std::vector<memory> vars_;  // by object
};

inline void sanitizer_acquire(void* key) noexcept { __tsan_acquire(key); }
inline void sanitizer_release(void* key) noexcept { __tsan_release(key); }
// As if the thread that runs wrote all of it.
inline void sanitizer_write(void* p, std::size_t n) noexcept { __tsan_write_range(p, n); }
#else
class sanitizer_fiber {
public:
    void renew(unsigned) noexcept {}
    void be_the_caller() noexcept {}
    void switch_to(sanitizer_fiber&) noexcept {}
    void begin_ignoring() noexcept {}
    void end_ignoring() noexcept {}
};
class sanitizer_clocks {
public:
    void begin_execution() noexcept {}
    void end_execution() noexcept {}
    void begin_thread() noexcept {}
    void follow(unsigned, clock_ref, unsigned, unsigned) noexcept {}
    void release_amid_event(unsigned, unsigned) noexcept {}
    void end_thread(unsigned, unsigned) noexcept {}
};
class sanitizer_vars {
public:
    void begin_execution() noexcept {}
    void made(const access_shadow&, unsigned) noexcept {}
    void ended(object_id) noexcept {}
    void raced(object_id) noexcept {}
};
inline void sanitizer_acquire(void*) noexcept {}
inline void sanitizer_release(void*) noexcept {}
inline void sanitizer_write(void*, std::size_t) noexcept {}
#endif

}  // namespace heddle::scheduler
