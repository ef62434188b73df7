// The names of the enumerations: those of the enumerators.
#include <heddle/trace/diagnostic.hpp>

namespace heddle::trace {

std::string_view name_of(value_format value) noexcept {
    switch (value) {
        case value_format::unsigned_integer: return "unsigned_integer";
        case value_format::signed_integer: return "signed_integer";
        case value_format::boolean: return "boolean";
        case value_format::pointer: return "pointer";
        case value_format::floating: return "floating";
        case value_format::bits: return "bits";
    }
    return "unknown";
}

std::string_view name_of(switch_reason value) noexcept {
    switch (value) {
        case switch_reason::same_thread: return "same_thread";
        case switch_reason::preemption: return "preemption";
        case switch_reason::blocked: return "blocked";
        case switch_reason::exited: return "exited";
        case switch_reason::yielded: return "yielded";
    }
    return "unknown";
}

std::string_view name_of(thread_state value) noexcept {
    switch (value) {
        case thread_state::runnable: return "runnable";
        case thread_state::blocked: return "blocked";
        case thread_state::exited: return "exited";
    }
    return "unknown";
}

std::string_view name_of(stop value) noexcept {
    switch (value) {
        case stop::completed: return "completed";
        case stop::assertion: return "assertion";
        case stop::exception: return "exception";
        case stop::data_race: return "data_race";
        case stop::deadlock: return "deadlock";
        case stop::lost_notification: return "lost_notification";
        case stop::livelock: return "livelock";
        case stop::misuse: return "misuse";
        case stop::step_limit: return "step_limit";
        case stop::nondeterminism: return "nondeterminism";
        case stop::crash: return "crash";
        case stop::endless_loop: return "endless_loop";
        case stop::leak: return "leak";
        case stop::starvation: return "starvation";
    }
    return "unknown";
}

std::string_view name_of(misuse_kind value) noexcept {
    switch (value) {
        case misuse_kind::not_misuse: return "not_misuse";
        case misuse_kind::unlock_not_owner: return "unlock_not_owner";
        case misuse_kind::relock_by_owner_try: return "relock_by_owner_try";
        case misuse_kind::mutex_destroyed_held: return "mutex_destroyed_held";
        case misuse_kind::mutex_destroyed_waited_on: return "mutex_destroyed_waited_on";
        case misuse_kind::wait_without_lock: return "wait_without_lock";
        case misuse_kind::wait_two_mutexes: return "wait_two_mutexes";
        case misuse_kind::condition_variable_destroyed_waited_on:
            return "condition_variable_destroyed_waited_on";
        case misuse_kind::join_self: return "join_self";
        case misuse_kind::join_not_joinable: return "join_not_joinable";
        case misuse_kind::detach_not_joinable: return "detach_not_joinable";
        case misuse_kind::thread_destroyed_joinable: return "thread_destroyed_joinable";
        case misuse_kind::invalid_memory_order: return "invalid_memory_order";
        case misuse_kind::outside_execution: return "outside_execution";
        case misuse_kind::too_many_threads: return "too_many_threads";
        case misuse_kind::choose_zero: return "choose_zero";
        case misuse_kind::recursion_limit: return "recursion_limit";
        case misuse_kind::body_left_threads: return "body_left_threads";
        case misuse_kind::violated_precondition: return "violated_precondition";
    }
    return "unknown";
}

std::string_view name_of(death value) noexcept {
    switch (value) {
        case death::unknown: return "unknown";
        case death::segmentation_fault: return "segmentation_fault";
        case death::null_access: return "null_access";
        case death::stack_overflow: return "stack_overflow";
        case death::bus_error: return "bus_error";
        case death::arithmetic_error: return "arithmetic_error";
        case death::illegal_instruction: return "illegal_instruction";
        case death::aborted: return "aborted";
        case death::terminated: return "terminated";
        case death::exited: return "exited";
        case death::signalled: return "signalled";
        case death::sanitized: return "sanitized";
        case death::killed: return "killed";
    }
    return "unknown";
}

std::string_view name_of(severity value) noexcept {
    switch (value) {
        case severity::error: return "error";
        case severity::warning: return "warning";
    }
    return "unknown";
}

}  // namespace heddle::trace
