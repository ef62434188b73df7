// An atomic wider than a word of the model.
//
// expect: heddle: the modelled atomic<T> holds at most 8 bytes
#include <heddle/fibers/fibers.hpp>

struct wide {
    void* pointer;
#if !defined(HEDDLE_WITHOUT_MISTAKE)
    unsigned long version;
#endif
};

heddle::fibers::atomic<wide> head;
