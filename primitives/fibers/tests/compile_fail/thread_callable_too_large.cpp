// A callable that does not fit at the base of a modelled thread's stack.
//
// expect: heddle: a modelled thread's callable and arguments take at most 4 KiB
#include <array>
#include <heddle/fibers/fibers.hpp>

#if defined(HEDDLE_WITHOUT_MISTAKE)
using payload = std::array<char, 4000>;
#else
using payload = std::array<char, 5000>;
#endif

void start(const payload& p) {
    heddle::fibers::thread([p] { static_cast<void>(p); }).join();
}
