// What is said of a search that ends with its process, where no more can be done: text by `write`
// alone, from signal handlers and exit functions.
#pragma once

#include <heddle/trace/execution_trace.hpp>

#include <cstdint>
#include <string_view>

namespace heddle::scheduler {

class engine;
struct watched_search;

// The report of a death that is not explained: nobody could, or it was tried in vain. `detail`
// names the signal of `death::signalled`.
void report_briefly(const engine& e, const watched_search& search, trace::death death,
                    std::string_view detail, bool tried) noexcept;

// One line: which signal from outside ends the process, in which execution, and its replay.
void tell_of_signal(const watched_search& search, std::string_view name) noexcept;

// That the search was cut off by `function(status)`, and what the process will not do therefore.
void tell_of_exit(const watched_search& search, std::string_view function, int status,
                  int final_status) noexcept;

}  // namespace heddle::scheduler
