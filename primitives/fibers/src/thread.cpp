#include <cxxabi.h>

#include <cstdlib>
#include <heddle/fibers/thread.hpp>
#include <string>
#include <typeinfo>

namespace heddle {

namespace hooks = scheduler::hooks;

namespace detail {

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
