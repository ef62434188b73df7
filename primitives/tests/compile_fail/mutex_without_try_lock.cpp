// A backend whose mutex lacks try_lock, handed to a primitive that asks for `has_mutex`.
//
// expect: has_mutex
// expect: m.try_lock()
#include <heddle/primitives/backend.hpp>
#include <heddle/primitives/real_threads.hpp>

struct poor_mutex {
    poor_mutex() = default;
    poor_mutex(const poor_mutex&) = delete;
    void lock();
    void unlock();
#if defined(HEDDLE_WITHOUT_MISTAKE)
    bool try_lock();
#endif
};

struct poor_backend : heddle::real_threads {
    using mutex = poor_mutex;
};

template <class Backend>
requires heddle::has_mutex<Backend>
class primitive {
};

primitive<poor_backend> p;
