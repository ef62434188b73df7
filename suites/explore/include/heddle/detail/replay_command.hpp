// The command line that a report tells its reader to run again.
#pragma once

#include <string>

namespace heddle::detail {

// `command` runs the test that follows, and it alone: "./queue_test
// --gtest_filter=Queue.KeepsOrder". Reports append the replay flag. Calls of `explore` are numbered
// from 1 again. Without it, reports name the environment variable instead. `name` is the folder of
// its reports below `report_dir`; empty: the name of the program.
void set_command_line(std::string command, std::string name = {});

}  // namespace heddle::detail
