#include "report_schema.hpp"

#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/utils/nlohmann_json_utils.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

namespace heddle {

std::string schema_errors(const nlohmann::json& report) {
    nlohmann::json text;
    if (!valijson::utils::loadDocument(HEDDLE_REPORT_SCHEMA, text)) return "no schema\n";
    valijson::Schema schema;
    valijson::SchemaParser().populateSchema(valijson::adapters::NlohmannJsonAdapter(text), schema);
    valijson::ValidationResults results;
    valijson::Validator().validate(schema, valijson::adapters::NlohmannJsonAdapter(report),
                                   &results);
    std::string errors;
    for (valijson::ValidationResults::Error error; results.popError(error);) {
        for (const std::string& part : error.context) errors += part;
        errors += ": " + error.description + '\n';
    }
    return errors;
}

}  // namespace heddle
