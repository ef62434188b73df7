// The labelled places of a finding, as lines of source with the marks under them.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <heddle/trace/diagnostic.hpp>

namespace heddle::trace {

// Columns of the line numbers: what everything below the headline is indented by.
std::size_t gutter_width(const std::vector<label>& labels);

// The place of the primary label first, with `-->`; places far from it or in other files follow
// with `:::`. A line that cannot be read is shown as `file:line: text of the label`.
std::string render_snippets(const std::vector<label>& labels, std::size_t gutter);

}  // namespace heddle::trace
