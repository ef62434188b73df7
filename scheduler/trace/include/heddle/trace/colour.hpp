// A report in the colours of a terminal.
//
//   std::string text = coloured(render(trace, d));
//
// Only escape sequences are added: without them the text is that of the report.
#pragma once

#include <string>
#include <string_view>

namespace heddle::trace {

// Severity red or yellow, the marks of the primary label likewise and those of others blue, names
// of parts bold, gutter and hidden steps dim.
std::string coloured(std::string_view report);

}  // namespace heddle::trace
