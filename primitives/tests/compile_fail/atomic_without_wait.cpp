// A backend whose atomic cannot wait, handed to a primitive that asks for `has_atomic`.
//
// expect: has_atomic
// expect: c.wait(value)
#include <atomic>
#include <heddle/primitives/backend.hpp>
#include <heddle/primitives/real_threads.hpp>

template <class T>
struct poor_atomic : std::atomic<T> {
    using std::atomic<T>::atomic;
    using std::atomic<T>::operator=;
#if !defined(HEDDLE_WITHOUT_MISTAKE)
    void wait() const = delete;
#endif
};

struct poor_backend : heddle::real_threads {
    template <class T>
    using atomic = poor_atomic<T>;
};

template <class Backend>
requires heddle::has_atomic<Backend>
class primitive {
};

primitive<poor_backend> p;
