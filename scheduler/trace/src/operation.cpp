#include <heddle/trace/operation.hpp>

namespace heddle::trace {

std::string_view name_of(operation op) noexcept {
    switch (op) {
        case operation::load: return "load";
        case operation::store: return "store";
        case operation::exchange: return "exchange";
        case operation::fetch_add:
        case operation::fetch_add_float:
        case operation::fetch_add_double: return "fetch_add";
        case operation::fetch_sub: return "fetch_sub";
        case operation::fetch_or: return "fetch_or";
        case operation::fetch_and: return "fetch_and";
        case operation::fetch_xor: return "fetch_xor";
        case operation::compare_exchange_strong: return "compare_exchange_strong";
        case operation::compare_exchange_weak: return "compare_exchange_weak";
        case operation::await_equal:
        case operation::await_not_equal:
        case operation::await_predicate: return "await";
        case operation::await_compare_exchange: return "await_compare_exchange";
        case operation::lock:
        case operation::lock_all: return "lock";
        case operation::try_lock: return "try_lock";
        case operation::timed_try_lock:
        case operation::timed_lock: return "try_lock_for";
        case operation::unlock: return "unlock";
        case operation::wait_enqueue:
        case operation::wait_wake:
        case operation::wait_spurious: return "wait";
        case operation::wait_timed:
        case operation::wait_late:
        case operation::timed_choice: return "wait_for";
        case operation::expire: return "timeout";
        case operation::clock_read: return "now";
        case operation::notify_one: return "notify_one";
        case operation::notify_all: return "notify_all";
        case operation::fence: return "atomic_thread_fence";
        case operation::spawn: return "spawn";
        case operation::join: return "join";
        case operation::detach: return "detach";
        case operation::thread_start: return "thread_start";
        case operation::thread_end: return "thread_end";
        case operation::choose: return "choose";
        case operation::plain_read: return "read";
        case operation::plain_write: return "write";
        case operation::yield: return "yield";
        case operation::sleep: return "sleep";
        case operation::log: return "log";
    }
    return "unknown operation";
}

std::string_view name_of(object_kind kind) noexcept {
    switch (kind) {
        case object_kind::thread: return "thread";
        case object_kind::atomic: return "atomic";
        case object_kind::atomic_flag: return "atomic_flag";
        case object_kind::var: return "var";
        case object_kind::mutex: return "mutex";
        case object_kind::recursive_mutex: return "recursive_mutex";
        case object_kind::condition_variable: return "condition_variable";
    }
    return "unknown object";
}

std::string_view name_of(order o) noexcept {
    switch (o) {
        case order::relaxed: return "relaxed";
        case order::acquire: return "acquire";
        case order::release: return "release";
        case order::acq_rel: return "acq_rel";
        case order::seq_cst: return "seq_cst";
    }
    return "unknown order";
}

}  // namespace heddle::trace
