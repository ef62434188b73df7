#include "misuse_words.hpp"

namespace heddle::checkers {

using trace::misuse_kind;

std::string word_of(misuse_kind kind) {
    switch (kind) {
        case misuse_kind::not_misuse: break;
        case misuse_kind::unlock_not_owner: return "unlock-not-owner";
        case misuse_kind::relock_by_owner_try: return "relock-by-owner-try";
        case misuse_kind::mutex_destroyed_held: return "mutex-destroyed-held";
        case misuse_kind::mutex_destroyed_waited_on: return "mutex-destroyed-waited-on";
        case misuse_kind::wait_without_lock: return "wait-without-lock";
        case misuse_kind::wait_two_mutexes: return "wait-two-mutexes";
        case misuse_kind::condition_variable_destroyed_waited_on:
            return "condition-variable-destroyed-waited-on";
        case misuse_kind::join_self: return "join-self";
        case misuse_kind::join_not_joinable: return "join-not-joinable";
        case misuse_kind::detach_not_joinable: return "detach-not-joinable";
        case misuse_kind::thread_destroyed_joinable: return "thread-destroyed-joinable";
        case misuse_kind::invalid_memory_order: return "invalid-memory-order";
        case misuse_kind::outside_execution: return "outside-execution";
        case misuse_kind::too_many_threads: return "too-many-threads";
        case misuse_kind::choose_zero: return "choose-zero";
        case misuse_kind::recursion_limit: return "recursion-limit";
        case misuse_kind::body_left_threads: return "body-left-threads";
        case misuse_kind::violated_precondition: return "violated-precondition";
    }
    return "other";
}

std::string call_of(const report_writer& w) {
    const execution_trace& trace = w.trace();
    const std::string object = w.names().object(trace.object);
    switch (trace.misuse) {
        case misuse_kind::unlock_not_owner: return object + ".unlock()";
        case misuse_kind::relock_by_owner_try: return object + ".try_lock()";
        case misuse_kind::mutex_destroyed_held:
        case misuse_kind::mutex_destroyed_waited_on:
        case misuse_kind::condition_variable_destroyed_waited_on: return "destroys " + object;
        case misuse_kind::wait_without_lock: return object + ".wait()";
        case misuse_kind::join_self:
        case misuse_kind::join_not_joinable: return "join()";
        case misuse_kind::detach_not_joinable: return "detach()";
        case misuse_kind::thread_destroyed_joinable: return "destroys a joinable thread";
        case misuse_kind::invalid_memory_order: return "uses " + object + " with a wrong order";
        case misuse_kind::too_many_threads: return "starts one thread too many";
        case misuse_kind::choose_zero: return "choose(0)";
        case misuse_kind::recursion_limit: return object + ".lock()";
        case misuse_kind::body_left_threads: return "returns";
        case misuse_kind::wait_two_mutexes:  // its entry into the set of waiters
        case misuse_kind::outside_execution:
        case misuse_kind::violated_precondition:
        case misuse_kind::not_misuse: break;
    }
    return {};
}

}  // namespace heddle::checkers
