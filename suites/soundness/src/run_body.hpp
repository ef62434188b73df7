// Runs a program as a user's test would: on the types of `heddle::fibers`, through the public API.
#pragma once

#include <vector>

#include "program.hpp"

namespace heddle::soundness {

// The body for `explore`. Its objects lie in one storage of the OS thread: a detached thread uses
// them after the body has returned.
class body {
public:
    explicit body(program p);

    void operator()() const;

private:
    class interpreter;
    struct objects;

    program program_;
    std::vector<unsigned> slots_;       // of each thread
    std::vector<unsigned> last_looks_;  // the atomics whose final values main records
    bool outlives_main_;
};

}  // namespace heddle::soundness
