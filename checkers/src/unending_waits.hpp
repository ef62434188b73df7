// Waits that no cycle explains and that no thread is left to end.
#pragma once

#include "report_writer.hpp"
#include "wait_for_graph.hpp"

namespace heddle::checkers {

// Labels a wait: "`worker` waits for `mutex` since step 7".
void label_wait(report_writer& w, const wait_edge& edge, bool primary);

// Headline, labels and reasons for the threads at the ends of all chains of waits. Nothing can run,
// there is no cycle, and the search has found that a further notification would not help.
void explain_unending_waits(report_writer& w, const wait_for_graph& graph);

}  // namespace heddle::checkers
