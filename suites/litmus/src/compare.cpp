#include <algorithm>
#include <heddle/litmus/outcome.hpp>
#include <heddle/litmus/table.hpp>
#include <heddle/litmus/text.hpp>

namespace heddle::litmus {
namespace {

constexpr std::size_t listed_outcomes = 10;  // differing ones, before "and N more"

class comparison {
public:
    comparison(const row_result& found, bool graphs_counted)
        : found_(found), graphs_counted_(graphs_counted) {}

    std::vector<std::string> differences;

    void number(const std::string& what, std::optional<std::uint64_t> expected,
                std::uint64_t found) {
        if (!expected) return;
        if (graphs_counted_ ? *expected != found : (*expected == 0) != (found == 0))
            differ(what, std::to_string(*expected), std::to_string(found));
    }

    void race(bool expected) {
        differ("race", expected ? "yes" : "no", found_.race ? "yes" : "no");
    }

    void outcomes(const expectation& e) {
        if (e.outcome_count && *e.outcome_count != found_.outcomes.size())
            differ("outcomes", std::to_string(*e.outcome_count),
                   std::to_string(found_.outcomes.size()));
        if (e.outcome_hash) {
            const std::string hash = format_hash(hash_outcomes(found_.outcomes));
            if (hash != *e.outcome_hash) differ("hash of the outcomes", *e.outcome_hash, hash);
        }
        if (e.outcomes) outcome_list(*e.outcomes);
    }

    void condition(const std::string& condition, bool allowed) {
        const auto holds = [&](const auto& entry) { return contains(entry.first, condition); };
        const bool seen = std::any_of(found_.outcomes.begin(), found_.outcomes.end(), holds);
        if (seen != allowed)
            differ("condition " + in_quotes(condition), allowed ? "allowed" : "forbidden",
                   seen ? "allowed" : "forbidden");
    }

private:
    void differ(const std::string& what, const std::string& expected, const std::string& found) {
        differences.push_back(what + ": expected " + expected + ", found " + found);
    }

    void outcome_list(const std::map<std::string, std::optional<std::uint64_t>>& expected) {
        std::vector<std::string> lines;
        for (const auto& [outcome, graphs] : expected) {
            const auto match = found_.outcomes.find(outcome);
            const std::string wanted = graphs ? counted(*graphs, "graph") : "it";
            if (match == found_.outcomes.end())
                lines.push_back("outcome " + in_quotes(outcome) + ": expected " + wanted +
                                ", found none");
            else if (graphs_counted_ && graphs && *graphs != match->second)
                lines.push_back("outcome " + in_quotes(outcome) + ": expected " + wanted +
                                ", found " + std::to_string(match->second));
        }
        for (const auto& [outcome, graphs] : found_.outcomes)
            if (!expected.contains(outcome))
                lines.push_back("outcome " + in_quotes(outcome) + ": expected none, found " +
                                std::to_string(graphs));
        const std::size_t shown = std::min(lines.size(), listed_outcomes);
        differences.insert(differences.end(), lines.begin(),
                           lines.begin() + static_cast<std::ptrdiff_t>(shown));
        if (shown < lines.size())
            differences.push_back("and " + counted(lines.size() - shown, "more outcome"));
    }

    // Every entry of the condition is an entry of the outcome.
    static bool contains(const std::string& outcome, const std::string& condition) {
        const std::string entries = ' ' + outcome + ' ';
        std::size_t begin = 0;
        while ((begin = condition.find_first_not_of(' ', begin)) != std::string::npos) {
            const std::size_t end = std::min(condition.find(' ', begin), condition.size());
            if (entries.find(' ' + condition.substr(begin, end - begin) + ' ') == std::string::npos)
                return false;
            begin = end;
        }
        return true;
    }

    const row_result& found_;
    const bool graphs_counted_;
};

}  // namespace

std::vector<std::string> compare(const table_row& row, const row_result& found,
                                 const run_options& options) {
    const expectation& e = row.expected[static_cast<std::size_t>(options.model)];
    comparison c(found, options.strategy == search_strategy::exhaustive);
    if (e.race && *e.race != found.race) {
        c.race(*e.race);
        return c.differences;  // what a search counted that met, or missed, a race says no more
    }
    if (e.race && *e.race) return {};
    if (!found.exhausted) {
        c.differences.push_back("the search did not end: " +
                                (found.note.empty() ? "no reason given" : found.note));
        return c.differences;
    }
    c.number("graphs", e.graphs, found.graphs);
    c.number("deadlocks", e.deadlocks, found.deadlocks);
    c.outcomes(e);
    if (e.condition_allowed && !row.condition.empty())
        c.condition(row.condition, *e.condition_allowed);
    return c.differences;
}

}  // namespace heddle::litmus
