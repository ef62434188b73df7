// The heap of an execution: what a body allocates belongs to its execution.
//
// An execution that is dropped leaves its threads in the middle of their frames; what these own
// would leak, millions of times. And in a search that runs executions again, the address of a block
// must be the same each time, since it may be a value that a thread has read. So allocations made
// by modelled threads come from lanes, one a modelled thread, at addresses that depend on what that
// thread has allocated and freed before in this execution, and on nothing else. (That lets
// an address come back while another thread still holds the old pointer: the ABA problem is found.)
//
// - Blocks of an execution that did not end are taken back.
// - Blocks alive when an execution ends well are kept, and their memory is never used again: a body
//   may collect into a container of the caller.
// - Allocations of the engine, of GoogleTest's reports and inside `heddle::outside` come from the
//   process's heap.
//
// `operator new` and `operator delete` of heddle::heddle call these functions.
#pragma once

#include <cstddef>

namespace heddle::scheduler::heap {

// Of the running execution: 1 while a modelled thread runs code of the body, less while the engine
// works. nullptr: none runs on this OS thread.
#if defined(__GNUC__)
__attribute__((tls_model("initial-exec")))
#endif
extern constinit thread_local const int* body_level;

inline bool in_body() noexcept { return body_level && *body_level > 0; }

// A block of the running execution; nullptr: the process's heap is to serve this one.
void* allocate(std::size_t bytes, std::size_t alignment) noexcept;
// False: not a block of any execution.
bool release(void* block) noexcept;

// For as long as it lives, this modelled thread (outside of an execution: nobody) allocates from
// the process's heap.
class outside_scope {
public:
    outside_scope() noexcept;
    ~outside_scope();
    outside_scope(const outside_scope&) = delete;
    outside_scope& operator=(const outside_scope&) = delete;
};

// Memory of thrown exceptions, which the C++ runtime takes from malloc: freed with its execution.
void exception_allocated(void* exception) noexcept;
void exception_freed(void* exception) noexcept;

// Bytes and blocks of the calling OS thread that outlived their executions and are still alive.
struct outlived {
    std::size_t blocks = 0, bytes = 0;
};
outlived kept_blocks() noexcept;

}  // namespace heddle::scheduler::heap
