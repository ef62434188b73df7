// Loops in the rows of a column trace: of many rounds the first and the last are shown.
#pragma once

#include <vector>

#include <heddle/trace/diagnostic.hpp>

#include "trace_rows.hpp"

namespace heddle::trace {

// Of rows that are shown and repeat themselves four times or more, hides all rounds but the first,
// the last, and those of which `d` speaks. Rows in between that are hidden already belong to the
// round before. A round does the same if the same threads do the same to the same objects, at the
// same places and with the same effects; the values may differ, as counters do.
// Cost: linear in the number of rows.
void fold_loops(const execution_trace& trace, const diagnostic& d, std::vector<trace_row>& rows);

// Shows again what `fold_loops` has hidden; or only where neither the round before nor the one
// after is shown, so that "rounds like this" would be like nothing.
void unfold_loops(std::vector<trace_row>& rows);
void drop_unshown_loops(std::vector<trace_row>& rows);

}  // namespace heddle::trace
