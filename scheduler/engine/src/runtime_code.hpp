// Where the code of the C and C++ runtimes lies in this process.
#pragma once

#include <cstdint>

namespace heddle::scheduler {

// Requires: called once before it is called in a signal handler.
bool in_runtime_code(std::uintptr_t address);

}  // namespace heddle::scheduler
