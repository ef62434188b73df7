// A backend without fences is no backend: the compiler says which part is missing.
//
// expect: has_fence
// expect: B::atomic_thread_fence(order)
#include <atomic>
#include <heddle/primitives/backend.hpp>
#include <heddle/primitives/real_threads.hpp>

struct poor_backend : heddle::real_threads {
#if !defined(HEDDLE_WITHOUT_MISTAKE)
    static void atomic_thread_fence() = delete;
#endif
};

template <class Backend>
requires heddle::backend<Backend>
class primitive {
};

primitive<poor_backend> p;
