#include "fiber_pool.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <new>

#if __has_include(<valgrind/valgrind.h>)
#include <valgrind/valgrind.h>
#else
#define VALGRIND_STACK_REGISTER(begin, end) 0
#define VALGRIND_STACK_DEREGISTER(id) static_cast<void>(id)
#endif

namespace heddle::scheduler {
namespace {

namespace context = boost::context::detail;

void enter(context::transfer_t t) {
    fiber& self = *static_cast<fiber*>(t.data)->successor;
    detail::arrive(self, t);
    self.entry(self);
}

}  // namespace

fiber_pool::fiber_pool(void (*entry)(fiber&), std::size_t stack_bytes)
    : entry_(entry), stack_bytes_(stack_bytes) {}

fiber_pool::~fiber_pool() {
    for (const auto& f : fibers_)
        if (f) {
            VALGRIND_STACK_DEREGISTER(f->valgrind_id);
#if defined(HEDDLE_ASAN_)
            // Who gets these addresses next knows nothing of the frames that were here.
            __asan_unpoison_memory_region(f->stack, f->stack_bytes);
#endif
            munmap(f->stack - guard_bytes, guard_bytes + f->stack_bytes);
        }
}

void fiber_pool::grow(unsigned slot) {
    if (slot >= fibers_.size()) fibers_.resize(slot + 1);
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    const std::size_t usable = (stack_bytes_ + callable_bytes + page - 1) / page * page;
    auto f = std::make_unique<fiber>();
    // All of it is guard at first: what cannot be written is not counted as memory of the process.
    void* const memory = mmap(nullptr, guard_bytes + usable, PROT_NONE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    f->stack = static_cast<std::byte*>(memory) + guard_bytes;
    if (mprotect(f->stack, usable, PROT_READ | PROT_WRITE) != 0) {
        munmap(memory, guard_bytes + usable);
        throw std::bad_alloc();
    }
    f->stack_bytes = usable;
    f->slot = slot;
    // Else Valgrind takes a switch for a very large frame.
    f->valgrind_id = VALGRIND_STACK_REGISTER(f->stack, f->stack + f->stack_bytes);
    reset(*f);
    fibers_[slot] = std::move(f);
}

void fiber_pool::reset(fiber& f) noexcept {
#if defined(HEDDLE_ASAN_)
    __asan_unpoison_memory_region(f.stack, f.stack_bytes);
    f.fake_stack = nullptr;
#endif
    f.sanitizer.renew(f.slot);
    f.entry = entry_;
    f.context =
        context::make_fcontext(f.base(), static_cast<std::size_t>(f.base() - f.stack), enter);
    f.fresh = true;
    f.parked = true;
    f.exceptions = {};
}

}  // namespace heddle::scheduler
