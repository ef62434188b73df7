// A failure as files and as data, for programs that read reports.
//
//   heddle::result r = heddle::explore(body);
//   if (r.failure) heddle::write_report("heddle-failures/queue", *r.failure);
//
// The JSON has a schema, docs/report.schema.json; docs/reports.md explains it. With the option
// `report_dir` every failing exploration writes its report below that folder by itself.
#pragma once

#include <filesystem>
#include <string>

#include <heddle/scheduler/result.hpp>

namespace heddle {

// Changes when a field is renamed, removed or means something else; new fields leave it.
inline constexpr int report_version = 1;

// The failure as JSON, with a newline at its end. Text that is no UTF-8 has its bad bytes replaced.
// Cost: all steps of the failing execution.
std::string report_json(const failure& f);

// Writes `report.txt` and `report.json` to the folder, which is made if need be, and `wait_for.dot`
// if the finding is that threads wait. Files of an earlier report are replaced. Fails:
// std::filesystem::filesystem_error.
void write_report(const std::filesystem::path& folder, const failure& f);

// Whether text for this file descriptor may have colours: it is a terminal, and NO_COLOR
// (https://no-color.org) is not set. `trace::coloured(f.message)` is the report in colours.
bool colours_wanted(int descriptor);

}  // namespace heddle
