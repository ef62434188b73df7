// A time of a real clock, handed to a modelled sleep.
//
// expect: Backend::steady_clock
#include <chrono>
#include <heddle/fibers/fibers.hpp>

#if defined(HEDDLE_WITHOUT_MISTAKE)
using clock_of_deadlines = heddle::fibers::system_clock;
#else
using clock_of_deadlines = std::chrono::system_clock;
#endif

void sleep_until_soon() {
    heddle::fibers::this_thread::sleep_until(clock_of_deadlines::time_point());
}
