// exit, _exit and their kind, called in an execution: reported, and then done, but never as a
// success.
//
// These definitions stand before those of the C library, which they call. They are weak: a program
// that is linked statically keeps the library's. What ends by those all the same (the library does
// not call itself by these names: `err`) gets a brief report.
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

void find_exits() noexcept {
    if (of_library.at_once.load()) return;
    of_library.exit = library_function("exit");
    of_library.quick_exit = library_function("quick_exit");
    of_library.at_once = library_function("_exit");
}

// Destructors run outside of the execution.
void leave_execution() noexcept {
    heddle::scheduler::current_engine = nullptr;
    heddle::scheduler::heap::body_level = nullptr;
}

[[noreturn]] void go_on_to(exit_function next, int status) noexcept {
    if (next) next(status);
    syscall(SYS_exit_group, status);  // no more is done by _exit
    __builtin_unreachable();
}

[[noreturn]] void leave_process(const char* name, exit_function next, int status) noexcept {
    status = heddle::scheduler::announce_exit(name, status, __builtin_frame_address(0));
    leave_execution();
    go_on_to(next, status);
}

// In the middle of the library's exit, which goes on with the status of a second call.
void meet_exit(int status, void*) noexcept {
    const int final_status =
        heddle::scheduler::announce_exit("exit", status, __builtin_frame_address(0), false);
    leave_execution();
    if (final_status != status) go_on_to(of_library.exit, final_status);
}

}  // namespace

void heddle::scheduler::watch_exits() noexcept {
    find_exits();
    static const int watched = on_exit(meet_exit, nullptr);
    static_cast<void>(watched);
}

extern "C" {

[[gnu::weak]] void exit(int status) noexcept {
    find_exits();
    leave_process("exit", of_library.exit, status);
}
[[gnu::weak]] void quick_exit(int status) noexcept {
    find_exits();
    leave_process("quick_exit", of_library.quick_exit, status);
}
// Called after a fork, and in signal handlers: nothing may be looked up here.
[[gnu::weak]] void _exit(int status) { leave_process("_exit", of_library.at_once, status); }
[[gnu::weak]] void _Exit(int status) noexcept {
    leave_process("_Exit", of_library.at_once, status);
}

}  // extern "C"
