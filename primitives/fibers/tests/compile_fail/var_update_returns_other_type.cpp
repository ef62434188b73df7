// What update calls returns neither nothing nor a new value.
//
// expect: heddle: what var<T>::update calls returns the new value, or nothing
#include <heddle/fibers/fibers.hpp>

void change(heddle::fibers::var<int>& v) {
#if defined(HEDDLE_WITHOUT_MISTAKE)
    v.update([](int n) { return n + 1; });
#else
    v.update([](int&) { return "done"; });
#endif
}
