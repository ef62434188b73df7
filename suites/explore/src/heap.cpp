// `operator new` and `operator delete`, and the memory of thrown exceptions, for the heap of an
// execution (heddle/scheduler/heap.hpp). All are weak: a program's own take their place.
#include <dlfcn.h>
#include <heddle/scheduler/heap.hpp>

#include <cstdlib>
#include <new>

extern "C" const char heddle_heap_of_an_execution = 0;

namespace {

namespace heap = heddle::scheduler::heap;

void* from_process(std::size_t bytes, std::size_t alignment) noexcept {
    if (bytes == 0) bytes = 1;
    if (alignment <= __STDCPP_DEFAULT_NEW_ALIGNMENT__) return std::malloc(bytes);
    return std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
}

void* allocate_or_null(std::size_t bytes, std::size_t alignment) {
    if (heap::in_body())
        if (void* const p = heap::allocate(bytes, alignment)) return p;
    for (;;) {
        if (void* const p = from_process(bytes, alignment)) return p;
        const std::new_handler handler = std::get_new_handler();
        if (!handler) return nullptr;
        handler();
    }
}

void* allocate(std::size_t bytes, std::size_t alignment) {
    if (void* const p = allocate_or_null(bytes, alignment)) return p;
    throw std::bad_alloc();
}

void* allocate_nothrow(std::size_t bytes, std::size_t alignment) noexcept {
    try {
        return allocate_or_null(bytes, alignment);
    } catch (const std::bad_alloc&) {
        return nullptr;
    }
}

void release(void* p) noexcept {
    if (p && !heap::release(p)) std::free(p);
}

constexpr std::size_t usual = __STDCPP_DEFAULT_NEW_ALIGNMENT__;
std::size_t bytes_of(std::align_val_t a) { return static_cast<std::size_t>(a); }

}  // namespace

#define HEDDLE_WEAK_ __attribute__((weak))

HEDDLE_WEAK_ void* operator new(std::size_t n) { return allocate(n, usual); }
HEDDLE_WEAK_ void* operator new[](std::size_t n) { return allocate(n, usual); }
HEDDLE_WEAK_ void* operator new(std::size_t n, std::align_val_t a) {
    return allocate(n, bytes_of(a));
}
HEDDLE_WEAK_ void* operator new[](std::size_t n, std::align_val_t a) {
    return allocate(n, bytes_of(a));
}
HEDDLE_WEAK_ void* operator new(std::size_t n, const std::nothrow_t&) noexcept {
    return allocate_nothrow(n, usual);
}
HEDDLE_WEAK_ void* operator new[](std::size_t n, const std::nothrow_t&) noexcept {
    return allocate_nothrow(n, usual);
}
HEDDLE_WEAK_ void* operator new(std::size_t n, std::align_val_t a, const std::nothrow_t&) noexcept {
    return allocate_nothrow(n, bytes_of(a));
}
HEDDLE_WEAK_ void* operator new[](std::size_t n, std::align_val_t a,
                                  const std::nothrow_t&) noexcept {
    return allocate_nothrow(n, bytes_of(a));
}
HEDDLE_WEAK_ void operator delete(void* p) noexcept { release(p); }
HEDDLE_WEAK_ void operator delete[](void* p) noexcept { release(p); }
HEDDLE_WEAK_ void operator delete(void* p, std::size_t) noexcept { release(p); }
HEDDLE_WEAK_ void operator delete[](void* p, std::size_t) noexcept { release(p); }
HEDDLE_WEAK_ void operator delete(void* p, std::align_val_t) noexcept { release(p); }
HEDDLE_WEAK_ void operator delete[](void* p, std::align_val_t) noexcept { release(p); }
HEDDLE_WEAK_ void operator delete(void* p, std::size_t, std::align_val_t) noexcept { release(p); }
HEDDLE_WEAK_ void operator delete[](void* p, std::size_t, std::align_val_t) noexcept { release(p); }
HEDDLE_WEAK_ void operator delete(void* p, const std::nothrow_t&) noexcept { release(p); }
HEDDLE_WEAK_ void operator delete[](void* p, const std::nothrow_t&) noexcept { release(p); }
HEDDLE_WEAK_ void operator delete(void* p, std::align_val_t, const std::nothrow_t&) noexcept {
    release(p);
}
HEDDLE_WEAK_ void operator delete[](void* p, std::align_val_t, const std::nothrow_t&) noexcept {
    release(p);
}

// The C++ runtime takes thrown exceptions from malloc. Those of a dropped execution are freed with
// it (Itanium C++ ABI: Exception Handling, 2.4.2).
extern "C" {

HEDDLE_WEAK_ void* __cxa_allocate_exception(std::size_t bytes) noexcept {
    static const auto next =
        reinterpret_cast<void* (*)(std::size_t)>(dlsym(RTLD_NEXT, "__cxa_allocate_exception"));
    void* const exception = next(bytes);
    heap::exception_allocated(exception);
    return exception;
}

HEDDLE_WEAK_ void __cxa_free_exception(void* exception) noexcept {
    static const auto next =
        reinterpret_cast<void (*)(void*)>(dlsym(RTLD_NEXT, "__cxa_free_exception"));
    heap::exception_freed(exception);
    next(exception);
}
}
