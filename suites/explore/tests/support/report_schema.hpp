// Compares `report.json` with docs/report.schema.json.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace heddle {

// What of `report` the schema does not allow, one line each; empty: nothing.
std::string schema_errors(const nlohmann::json& report);

}  // namespace heddle
