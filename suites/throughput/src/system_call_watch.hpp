// Notices the system calls of a thread, in its own process, without tracing it from another one.
//
//   system_call_watch w;   // w.works() is false where the kernel cannot
//   w.arm();               // the next system call is counted, and disarms
//   work();
//   w.disarm();            // w.caught(), w.last()
//
// Syscall user dispatch: Linux 5.11 and x86-64. One watch at a time, used on one OS thread.
#pragma once

#include <cstdint>

namespace heddle::throughput {

class system_call_watch {
public:
    system_call_watch();
    ~system_call_watch();
    system_call_watch(const system_call_watch&) = delete;
    system_call_watch& operator=(const system_call_watch&) = delete;

    bool works() const { return works_; }
    void arm();
    void disarm();
    // Times that a system call, other than the end of a signal handler, disarmed it.
    std::uint64_t caught() const;
    int last() const;  // the number of the last one, as in <sys/syscall.h>

private:
    bool works_ = false;
};

}  // namespace heddle::throughput
