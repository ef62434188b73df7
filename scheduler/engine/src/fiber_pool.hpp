// Fibers that run modelled threads: pooled, guarded, parked, switched directly from one to the
// next.
//
// The only user of Boost.Context. A thread that ends leaves its fiber parked at its base, ready to
// run another thread (6.7 ns against 4.1 us for a fresh guarded stack). An abandoned execution
// drops stacks in the middle of frames: `reset` makes such a fiber enter from its base again;
// nothing is unwound.
#pragma once

#include <cxxabi.h>

#include <boost/context/detail/fcontext.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "thread_sanitizer.hpp"

#if defined(__SANITIZE_ADDRESS__)
#define HEDDLE_ASAN_ 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HEDDLE_ASAN_ 1
#endif
#endif
#if defined(HEDDLE_ASAN_)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

namespace heddle::scheduler {

// Bytes at the base of each stack where the thread's callable lives.
inline constexpr std::size_t callable_bytes = 4096;

// Address space below each stack that nobody can touch: eight times the stack of a real thread, so
// that a frame too large for its stack ends in it, and not in the stack of another thread. It is
// never backed by memory, and costs no system call of its own.
inline constexpr std::size_t guard_bytes = std::size_t{64} * 1024 * 1024;

// What the C++ runtime keeps for each thread about exceptions in flight: a fiber carries its own.
struct exception_globals {
    void* caught = nullptr;
    unsigned uncaught = 0;
};

struct fiber {
    void* context = nullptr;
    bool fresh = true;   // never entered since reset: the first entry must be a plain jump
    bool parked = true;  // at its base, holding no frames of a thread
    exception_globals exceptions;
    void (*entry)(fiber&) = nullptr;
    fiber* successor = nullptr;  // the fresh fiber being entered from this one
    std::byte* stack = nullptr;  // lowest usable byte
    std::size_t stack_bytes = 0;
    const void* frames_end = nullptr;  // above the frames of the user's code
    unsigned slot = 0;
    unsigned valgrind_id = 0;
    sanitizer_fiber sanitizer;
#if defined(HEDDLE_ASAN_)
    void* fake_stack = nullptr;
#endif
    std::byte* callable_storage() const noexcept { return stack + stack_bytes - callable_bytes; }
    std::byte* base() const noexcept { return callable_storage(); }
    bool is_in_guard(const void* address) const noexcept {
        const auto at = reinterpret_cast<std::uintptr_t>(address);
        const auto bottom = reinterpret_cast<std::uintptr_t>(stack);
        return at < bottom && bottom - at <= guard_bytes;
    }
    // On the stack, or below it in a frame that is too large for it.
    bool reaches(const void* address) const noexcept {
        const auto at = reinterpret_cast<std::uintptr_t>(address);
        const auto bottom = reinterpret_cast<std::uintptr_t>(stack);
        return is_in_guard(address) || (at >= bottom && at - bottom < stack_bytes);
    }
};

namespace detail {

inline boost::context::detail::transfer_t pass_on(boost::context::detail::transfer_t t) {
    return t;
}

// The far side of a switch: completes what the near side began.
inline void arrive(fiber& self, boost::context::detail::transfer_t t) noexcept {
    auto* from = static_cast<fiber*>(t.data);
    from->context = t.fctx;
#if defined(HEDDLE_ASAN_)
    const void* bottom = nullptr;
    std::size_t size = 0;
    __sanitizer_finish_switch_fiber(self.fake_stack, &bottom, &size);
    if (!from->stack) {  // the controller runs on the thread's own stack
        from->stack = static_cast<std::byte*>(const_cast<void*>(bottom));
        from->stack_bytes = size;
    }
#else
    (void)self;
#endif
}

}  // namespace detail

// `ontop_fcontext` with an empty function keeps the return-address predictor balanced when switches
// happen deep in calls: 10 ns against 91 ns at depth 11.
inline void switch_fiber(fiber& from, fiber& to, exception_globals* globals) noexcept {
    namespace context = boost::context::detail;
    from.exceptions = *globals;
    *globals = to.exceptions;
#if defined(HEDDLE_ASAN_)
    __sanitizer_start_switch_fiber(&from.fake_stack, to.stack, to.stack_bytes);
#endif
    from.sanitizer.switch_to(to.sanitizer);
    context::transfer_t t;
    if (to.fresh) [[unlikely]] {
        to.fresh = false;
        from.successor = &to;
        t = context::jump_fcontext(to.context, &from);
    } else {
        t = context::ontop_fcontext(to.context, &from, detail::pass_on);
    }
    detail::arrive(from, t);
}

class fiber_pool {
public:
    // `entry` is what each fiber runs, for ever; it is given the fiber it runs on. It must call
    // nothing of the pool.
    fiber_pool(void (*entry)(fiber&), std::size_t stack_bytes);
    ~fiber_pool();
    fiber_pool(const fiber_pool&) = delete;
    fiber_pool& operator=(const fiber_pool&) = delete;

    fiber& at(unsigned slot) {
        if (slot >= fibers_.size() || !fibers_[slot]) [[unlikely]]
            grow(slot);
        return *fibers_[slot];
    }
    // Drops whatever the fiber was doing.
    void reset(fiber& f) noexcept;
    std::size_t stack_bytes() const noexcept { return stack_bytes_; }

private:
    void grow(unsigned slot);

    std::vector<std::unique_ptr<fiber>> fibers_;
    void (*entry_)(fiber&);
    std::size_t stack_bytes_;
};

inline exception_globals* this_thread_exception_globals() noexcept {
    return reinterpret_cast<exception_globals*>(abi::__cxa_get_globals());
}

}  // namespace heddle::scheduler
