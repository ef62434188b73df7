// A time of a real clock, handed to a modelled timed wait.
//
// expect: Backend::steady_clock
// expect: real clocks run on outside of the execution
#include <chrono>
#include <heddle/fibers/fibers.hpp>

#if defined(HEDDLE_WITHOUT_MISTAKE)
using clock_of_deadlines = heddle::fibers::steady_clock;
#else
using clock_of_deadlines = std::chrono::steady_clock;
#endif

bool lock_until_soon(heddle::fibers::timed_mutex& m) {
    return m.try_lock_until(clock_of_deadlines::time_point());
}
