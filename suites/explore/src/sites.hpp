// Code addresses of the explained re-run resolved to file, line and function.
#pragma once

#include <cstddef>
#include <heddle/trace/execution_trace.hpp>
#include <vector>

namespace heddle::detail {

// Appends the places of each address, inlined calls included, innermost first. Appends nothing for
// an address that has no line information.
void resolve_places(void* const* addresses, std::size_t count, std::vector<trace::place>& out);

}  // namespace heddle::detail
