// The findings `assertion` and `exception`: a check of the user failed, or an exception left a
// thread or the body.
//
//   trace::diagnostic d = checkers::explain_assertion(trace);   // trace.why == stop::assertion
//
// Why it failed only the user can say; the report shows what the failing thread had read last, who
// wrote it, reads that were not of the newest value, and a compare-exchange that succeeded although
// its object had changed in between (ABA).
#pragma once

#include <heddle/trace/diagnostic.hpp>

namespace heddle::checkers {

trace::diagnostic explain_assertion(const trace::execution_trace& trace);
trace::diagnostic explain_exception(const trace::execution_trace& trace);

}  // namespace heddle::checkers
