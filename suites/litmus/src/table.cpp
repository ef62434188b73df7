#include <heddle/litmus/parser.hpp>
#include <heddle/litmus/table.hpp>
#include <heddle/litmus/text.hpp>

namespace heddle::litmus {
namespace {

using expected_outcomes = std::map<std::string, std::optional<std::uint64_t>>;

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool is_hash(std::string_view text) {
    return text.size() == 16 &&
           text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// The cells of one row by the names of their columns.
class row_view {
public:
    row_view(const std::map<std::string, std::size_t>& columns, const csv_row& row)
        : columns_(columns), row_(row) {}

    const csv_cell* cell(const std::string& column) const {
        const auto found = columns_.find(column);
        return found == columns_.end() || row_[found->second].text.empty() ? nullptr
                                                                           : &row_[found->second];
    }
    std::string text(const std::string& column) const {
        const csv_cell* c = cell(column);
        return c == nullptr ? std::string() : c->text;
    }

    std::optional<std::uint64_t> number(const std::string& column) const {
        const csv_cell* c = cell(column);
        if (c == nullptr) return {};
        std::uint64_t value = 0;
        if (!parse_unsigned(c->text, value)) wrong(*c, column, "a number");
        return value;
    }

    std::optional<bool> flag(const std::string& column, std::string_view yes,
                             std::string_view no) const {
        const csv_cell* c = cell(column);
        if (c == nullptr) return {};
        if (c->text == yes || c->text == "1") return true;
        if (c->text == no || c->text == "0") return false;
        wrong(*c, column, std::string(yes) + " or " + std::string(no));
    }

    [[noreturn]] static void wrong(const csv_cell& c, const std::string& column,
                                   const std::string& expected) {
        throw input_error(c.start, "expected " + expected + " in column " + column + ", found " +
                                       in_quotes(c.text));
    }

private:
    const std::map<std::string, std::size_t>& columns_;
    const csv_row& row_;
};

// "outcome#graphs ; outcome#graphs"
expected_outcomes read_outcome_list(const csv_cell& cell, const std::string& column) {
    expected_outcomes result;
    std::string_view rest = cell.text;
    for (bool more = true; more;) {
        const std::size_t end = rest.find(" ; ");
        std::string_view entry = trimmed(rest.substr(0, end));
        more = end != std::string_view::npos;
        if (more) rest.remove_prefix(end + 3);
        std::optional<std::uint64_t> graphs;
        if (const std::size_t hash = entry.rfind('#'); hash != std::string_view::npos) {
            std::uint64_t value = 0;
            if (!parse_unsigned(entry.substr(hash + 1), value))
                row_view::wrong(cell, column, "outcome#graphs, separated by ' ; ',");
            graphs = value;
            entry = trimmed(entry.substr(0, hash));
        }
        result[std::string(entry)] = graphs;
    }
    return result;
}

void read_outcomes(const row_view& row, const std::string& column, expectation& e) {
    const csv_cell* cell = row.cell(column);
    if (cell == nullptr) return;
    const std::string_view text = cell->text;
    const std::string_view separator = " outcomes, hash ";
    const std::size_t at = text.find(separator);
    std::uint64_t count = 0;
    if (at != std::string_view::npos && parse_unsigned(text.substr(0, at), count)) {
        const std::string_view hash = text.substr(at + separator.size());
        if (!is_hash(hash)) row_view::wrong(*cell, column, "sixteen hexadecimal digits of a hash");
        e.outcome_count = count;
        e.outcome_hash = std::string(hash);
    } else if (parse_unsigned(text, count)) {
        e.outcome_count = count;
    } else {
        e.outcomes = read_outcome_list(*cell, column);
    }
}

expectation read_expectation(const row_view& row, const std::string& model) {
    expectation e;
    e.graphs = row.number(model + "_graphs");
    e.deadlocks = row.number(model + "_deadlocks");
    e.race = row.flag(model + "_race", "yes", "no");
    e.condition_allowed = row.flag(model + "_condition", "allowed", "forbidden");
    read_outcomes(row, model + "_outcomes", e);
    if (const csv_cell* hash = row.cell(model + "_hash")) {
        if (!is_hash(hash->text))
            row_view::wrong(*hash, model + "_hash", "sixteen hexadecimal digits");
        e.outcome_hash = hash->text;
    }
    return e;
}

std::string row_name(const row_view& row, position where) {
    if (row.cell("name") != nullptr) return row.text("name");
    if (row.cell("family") == nullptr) return "line " + std::to_string(where.line);
    return row.text("family") + (row.cell("n") == nullptr ? "" : '(' + row.text("n") + ')');
}

std::map<std::string, std::size_t> read_header(const csv_row& header) {
    std::map<std::string, std::size_t> columns;
    for (std::size_t i = 0; i < header.size(); ++i) {
        const bool added = columns.emplace(header[i].text, i).second;
        if (!added)
            throw input_error(header[i].start, "expected each column once, found " +
                                                   in_quotes(header[i].text) + " again");
    }
    if (!columns.contains("program"))
        throw input_error(header[0].start,
                          "expected a column 'program' in the first row, found none");
    return columns;
}

bool is_about(const std::string& column, std::string_view model) {
    constexpr std::array<std::string_view, 6> kinds{"graphs",   "deadlocks", "race",
                                                    "outcomes", "hash",      "condition"};
    for (const std::string_view kind : kinds)
        if (column == std::string(model) + '_' + std::string(kind)) return true;
    return false;
}

}  // namespace

bool expectation::says_something() const {
    return graphs || deadlocks || race || outcome_count || outcome_hash || outcomes ||
           condition_allowed;
}

table read_table(std::string_view csv) {
    const std::vector<csv_row> rows = read_csv(csv);
    if (rows.empty())
        throw input_error({}, "expected a first row that names the columns, found an empty file");
    const std::map<std::string, std::size_t> columns = read_header(rows[0]);
    table result;
    for (const auto& [column, number] : columns)
        for (std::size_t m = 0; m < all_models.size(); ++m)
            result.has_model[m] = result.has_model[m] || is_about(column, model_names[m]);
    for (std::size_t i = 1; i < rows.size(); ++i) {
        if (rows[i].size() != rows[0].size())
            throw input_error(rows[i][0].start, "expected " + counted(rows[0].size(), "cell") +
                                                    " as in the first row, found " +
                                                    std::to_string(rows[i].size()));
        const row_view view(columns, rows[i]);
        table_row row;
        row.where = {rows[i][0].start.line, 1};
        row.name = row_name(view, row.where);
        row.program = rows[i][columns.at("program")];
        row.condition = view.text("condition");
        for (std::size_t m = 0; m < all_models.size(); ++m)
            row.expected[m] = read_expectation(view, std::string(model_names[m]));
        result.rows.push_back(std::move(row));
    }
    return result;
}

program parse_program(const table_row& row) {
    try {
        return parse(row.program.text);
    } catch (const parse_error& e) {
        throw input_error(row.program.place_of(e.offset()), e.what());
    }
}

}  // namespace heddle::litmus
