// std's memory orders as the engine's, and the preconditions that std puts on them.
#pragma once

#include <atomic>
#include <heddle/scheduler/hooks.hpp>

namespace heddle::detail {

// `consume` counts as acquire, as every compiler treats it.
constexpr trace::order to_order(std::memory_order o) noexcept {
    switch (o) {
        case std::memory_order_relaxed: return trace::order::relaxed;
        case std::memory_order_consume:
        case std::memory_order_acquire: return trace::order::acquire;
        case std::memory_order_release: return trace::order::release;
        case std::memory_order_acq_rel: return trace::order::acq_rel;
        case std::memory_order_seq_cst: break;
    }
    return trace::order::seq_cst;
}

// The order of a failed compare-exchange for which only one order is given: the same, without what
// only a write can have ([atomics.types.operations]).
constexpr std::memory_order failure_order_of(std::memory_order success) noexcept {
    if (success == std::memory_order_acq_rel) return std::memory_order_acquire;
    if (success == std::memory_order_release) return std::memory_order_relaxed;
    return success;
}

[[noreturn]] inline void refuse_order(scheduler::object_id object, trace::site where) {
    scheduler::hooks::fail_misuse(trace::misuse_kind::invalid_memory_order, object,
                                  scheduler::no_thread, where);
}

// The order of something that only reads. Fails: misuse, for release and acq_rel.
inline trace::order read_order(std::memory_order o, scheduler::object_id object,
                               trace::site where) {
    if (o == std::memory_order_release || o == std::memory_order_acq_rel)
        refuse_order(object, where);
    return to_order(o);
}

// The order of something that only writes. Fails: misuse, for consume, acquire and acq_rel.
inline trace::order write_order(std::memory_order o, scheduler::object_id object,
                                trace::site where) {
    if (o == std::memory_order_consume || o == std::memory_order_acquire ||
        o == std::memory_order_acq_rel)
        refuse_order(object, where);
    return to_order(o);
}

}  // namespace heddle::detail
