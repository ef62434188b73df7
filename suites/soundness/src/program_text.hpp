// Programs as C++ text, which can be pasted into a test and read back.
//
// The text is the body of an `explore`: declarations, threads as nested lambdas, and what each
// thread records. White space does not matter to `parse`, so the text on one line is the compact
// form, for a command line.
#pragma once

#include <string>
#include <string_view>

#include "program.hpp"

namespace heddle::soundness {

std::string to_text(const program& p);
std::string to_line(const program& p);

// Throws: std::invalid_argument, which says where the text stops making sense.
program parse(std::string_view text);

// The place in std's order of enumerators and its name.
const char* to_string(order o) noexcept;

}  // namespace heddle::soundness
