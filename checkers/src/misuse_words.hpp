// What the kinds of misuse are called: as a reason, and as the last row of a trace.
#pragma once

#include <string>

#include "report_writer.hpp"

namespace heddle::checkers {

// "unlock-not-owner": stable, for programs that read reports.
std::string word_of(trace::misuse_kind kind);

// The call that stopped the execution, `changed.wait()`; empty where it is a step of it.
std::string call_of(const report_writer& w);

}  // namespace heddle::checkers
