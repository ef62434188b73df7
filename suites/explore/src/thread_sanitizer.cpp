// ThreadSanitizer of GCC 12 and Clang 14 does not know pthread_mutex_clocklock, by which
// std::timed_mutex waits: it would report each unlock after it. In programs that it checks, the
// call becomes one that it knows.
#include <pthread.h>

#include <cerrno>
#include <ctime>

#if defined(HEDDLE_TSAN_)
namespace {

constexpr long long second = 1'000'000'000;

long long nanoseconds(const timespec& t) { return t.tv_sec * second + t.tv_nsec; }

long long now(clockid_t clock) {
    timespec t{};
    clock_gettime(clock, &t);
    return nanoseconds(t);
}

}  // namespace

extern "C" int pthread_mutex_clocklock(pthread_mutex_t* mutex, clockid_t clock,
                                       const timespec* until) noexcept {
    for (;;) {
        const long long left = nanoseconds(*until) - now(clock);
        const long long end = now(CLOCK_REALTIME) + left;
        const timespec t{end / second, end % second};
        const int error = pthread_mutex_timedlock(mutex, &t);
        if (error != ETIMEDOUT || now(clock) >= nanoseconds(*until)) return error;
    }
}
#endif
