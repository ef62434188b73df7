// What a failing thread went by: its last reads, where their values came from, and whether they
// were the newest.
#pragma once

#include "report_writer.hpp"

namespace heddle::checkers {

// Labels the last reads of `thread` up to the step of `last` (nullptr: all), each object once, and
// involves whoever wrote what was read.
void label_reads(report_writer& w, const event* last, int thread);

// Notes a read that did not return the newest value: of `thread` if it has one, else of any.
void note_stale_reads(report_writer& w, int thread);

}  // namespace heddle::checkers
