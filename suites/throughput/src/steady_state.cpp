#include "steady_state.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <ctime>

#include <heddle/heddle.hpp>

#include "system_call_watch.hpp"

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && defined(__GLIBC__)
#define HEDDLE_COUNT_ALLOCATIONS_ 1
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#undef HEDDLE_COUNT_ALLOCATIONS_
#endif
#endif
#endif

#if defined(HEDDLE_COUNT_ALLOCATIONS_)

namespace {
std::uint64_t allocation_count = 0;  // of a process with one OS thread
}

// operator new is built on malloc, so these see every allocation of C++ too.
extern "C" {

void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);

void* malloc(std::size_t bytes) noexcept {
    ++allocation_count;
    return __libc_malloc(bytes);
}
void* calloc(std::size_t count, std::size_t bytes) noexcept {
    ++allocation_count;
    return __libc_calloc(count, bytes);
}
void* realloc(void* old, std::size_t bytes) noexcept {
    ++allocation_count;
    return __libc_realloc(old, bytes);
}
void* aligned_alloc(std::size_t alignment, std::size_t bytes) noexcept {
    ++allocation_count;
    return __libc_memalign(alignment, bytes);
}
int posix_memalign(void** out, std::size_t alignment, std::size_t bytes) noexcept {
    ++allocation_count;
    *out = __libc_memalign(alignment, bytes);
    return *out ? 0 : ENOMEM;
}

}  // extern "C"

#endif

namespace heddle::throughput {
namespace {

std::optional<std::uint64_t> allocations_so_far() {
#if defined(HEDDLE_COUNT_ALLOCATIONS_)
    return allocation_count;
#else
    return std::nullopt;
#endif
}

// By plain reads: a stream would allocate in the middle of what is measured.
std::size_t resident_bytes() {
    const int file = open("/proc/self/statm", O_RDONLY);
    if (file < 0) return 0;
    char text[128] = {};
    const auto length = read(file, text, sizeof text - 1);
    close(file);
    if (length <= 0) return 0;
    char* after_size = nullptr;
    std::strtoull(text, &after_size, 10);
    return std::strtoull(after_size, nullptr, 10) * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

// Runs on the main modelled thread at the start of each execution.
class window {
public:
    explicit window(std::uint64_t executions) : last_(executions) {}

    void next_execution() {
        if (++number_ == warm_up_executions + 1) {
            figures.resident_before = resident_bytes();
            allocations_ = allocations_so_far();
            begin_ = std::clock();
        }
        if (number_ == last_) {
            watch_.disarm();
            const double seconds = static_cast<double>(std::clock() - begin_) / CLOCKS_PER_SEC;
            if (allocations_) figures.allocations = *allocations_so_far() - *allocations_;
            if (watch_.works()) figures.executions_with_system_calls = watch_.caught();
            figures.last_system_call = watch_.last();
            figures.executions = last_ - warm_up_executions - 1;
            figures.executions_per_second = static_cast<double>(figures.executions) / seconds;
            figures.resident_after = resident_bytes();
        } else if (number_ > warm_up_executions) {
            watch_.arm();
        }
    }

    steady_state_figures figures;

private:
    system_call_watch watch_;
    std::uint64_t last_, number_ = 0;
    std::optional<std::uint64_t> allocations_;
    std::clock_t begin_ = 0;
};

}  // namespace

steady_state_figures measure_steady_state(void (*body)(), std::uint64_t executions) {
    window w(executions);
    options o;
    o.strategy = strategies::random{};
    o.execution_limit = executions;
    o.progress = false;  // writes once a second
    const result r = explore(o, [&] {
        w.next_execution();
        body();
    });
    if (!r || r.executions != executions || r.warm_ups != 0) w.figures.failure = r.summary;
    return w.figures;
}

}  // namespace heddle::throughput
