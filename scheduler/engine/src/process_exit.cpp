// exit, _exit and their kind, called in an execution: reported, and then done.
//
// These definitions stand before those of the C library, which they call. They are weak: a program
// that is linked statically keeps the library's, and ends without a report.
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>

#include "crash_watch.hpp"
#include "engine.hpp"

namespace {

using exit_function = void (*)(int);

struct exits {
    std::atomic<exit_function> exit{nullptr}, quick_exit{nullptr}, at_once{nullptr};
};
constinit exits of_library;

exit_function library_function(const char* name) noexcept {
    return reinterpret_cast<exit_function>(dlsym(RTLD_NEXT, name));
}

[[noreturn]] void leave_process(exit_function next, int status) noexcept {
    heddle::scheduler::announce_death(heddle::trace::death::exited, __builtin_frame_address(0));
    // Destructors run outside of the execution.
    heddle::scheduler::current_engine = nullptr;
    heddle::scheduler::heap::body_level = nullptr;
    if (next) next(status);
    syscall(SYS_exit_group, status);  // no more is done by _exit
    __builtin_unreachable();
}

}  // namespace

void heddle::scheduler::find_exits() noexcept {
    if (of_library.at_once.load()) return;
    of_library.exit = library_function("exit");
    of_library.quick_exit = library_function("quick_exit");
    of_library.at_once = library_function("_exit");
}

extern "C" {

[[gnu::weak]] void exit(int status) noexcept {
    heddle::scheduler::find_exits();
    leave_process(of_library.exit, status);
}
[[gnu::weak]] void quick_exit(int status) noexcept {
    heddle::scheduler::find_exits();
    leave_process(of_library.quick_exit, status);
}
// Called after a fork, and in signal handlers: nothing may be looked up here.
[[gnu::weak]] void _exit(int status) { leave_process(of_library.at_once, status); }
[[gnu::weak]] void _Exit(int status) noexcept { leave_process(of_library.at_once, status); }

}  // extern "C"
