#include <cxxabi.h>

#include <bit>
#include <cstdint>
#include <cstdlib>
#include <heddle/fibers/thread.hpp>
#include <string>
#include <typeinfo>

namespace heddle {

namespace hooks = scheduler::hooks;

namespace detail {

std::uint64_t descent_of(scheduler::thread_id thread) noexcept {
    if (thread == scheduler::no_thread) return 0;
    if (thread == 0) return 1;
    return descent_of(hooks::parent(thread)) << (hooks::elder_siblings(thread) + 1) | 1;
}

std::string show_descent(std::uint64_t descent) {
    if (descent == 0) return "thread::id of a non-executing thread";
    if (descent == 1) return "0";
    std::string text;
    int ordinal = 0;
    for (int bit = static_cast<int>(std::bit_width(descent)) - 2; bit >= 0; --bit) {
        ++ordinal;
        if ((descent >> bit & 1) == 0) continue;
        if (!text.empty()) text += '.';
        text += std::to_string(ordinal);
        ordinal = 0;
    }
    return text;
}

void sleep_until(std::int64_t deadline, trace::site where) {
    const hooks::timed_scope scope(deadline);
    hooks::sleep_until(deadline, where);
}

void fail_current_exception() noexcept {
    try {
        throw;
    } catch (const std::exception& e) {
        hooks::fail_exception(e.what());
    } catch (...) {
        const std::type_info* const type = abi::__cxa_current_exception_type();
        int status = -1;
        char* const name =
            type ? abi::__cxa_demangle(type->name(), nullptr, nullptr, &status) : nullptr;
        std::string what = "an exception that is no std::exception";
        if (status == 0) what += std::string(": ") + name;
        std::free(name);
        hooks::fail_exception(what);
    }
}

}  // namespace detail

namespace modelled {

void thread::join(site where) {
    if (!joinable())
        hooks::fail_misuse(trace::misuse_kind::join_not_joinable, scheduler::no_object,
                           scheduler::no_thread, where);
    if (id_ == hooks::self())
        hooks::fail_misuse(trace::misuse_kind::join_self, scheduler::no_object, id_, where);
    hooks::join(id_, where);
    id_ = scheduler::no_thread;
}

void thread::detach(site where) {
    if (!joinable())
        hooks::fail_misuse(trace::misuse_kind::detach_not_joinable, scheduler::no_object,
                           scheduler::no_thread, where);
    hooks::detach(id_, where);
    id_ = scheduler::no_thread;
}

void thread::release() noexcept {
    if (joinable())
        hooks::fail_misuse(trace::misuse_kind::thread_destroyed_joinable, scheduler::no_object, id_,
                           {});
}

}  // namespace modelled
}  // namespace heddle
