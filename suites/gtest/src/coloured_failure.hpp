// Adds a failure whose text has colours on a terminal, and none in XML and JSON files.
#pragma once

#include <string>

namespace heddle::detail {

// GoogleTest's own flag `--gtest_color` decides; `auto` means a terminal, and NO_COLOR not set.
void add_failure(const char* file, int line, const std::string& report);

}  // namespace heddle::detail
