// A compare-exchange that succeeded although its object had been changed and changed back: ABA.
#pragma once

#include "report_writer.hpp"

namespace heddle::checkers {

// Notes the last such exchange of the execution, if there is one. It is legal; whether it is the
// cause only the user can say.
void note_aba(report_writer& w);

}  // namespace heddle::checkers
