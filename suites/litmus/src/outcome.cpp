#include <algorithm>
#include <charconv>
#include <heddle/litmus/outcome.hpp>

namespace heddle::litmus {
namespace {

void append_entry(std::string& text, std::string_view prefix, std::int64_t value) {
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    if (!text.empty()) text += ' ';
    text += prefix;
    text.append(digits, end);
}

}  // namespace

outcome_formatter::outcome_formatter(const program& p, const location_table& table)
    : program_(p), table_(table) {
    for (std::size_t t = 0; t < p.threads.size(); ++t) {
        const std::vector<std::string>& names = p.threads[t].registers;
        std::map<std::string_view, std::size_t> sorted;
        for (std::size_t r = 0; r < names.size(); ++r)
            if (names[r][0] == 'r' || names[r][0] == 'o') sorted.emplace(names[r], r);
        for (const auto& [name, number] : sorted)
            registers_.push_back({t, number, std::to_string(t) + ':' + std::string(name) + '='});
    }
    add_locations();
}

void outcome_formatter::add_locations() {
    for (; known_locations_ < table_.size(); ++known_locations_) {
        const auto number = static_cast<location_index>(known_locations_);
        const location& l = table_[number];
        if (!program_.is_mutex(l))
            locations_.push_back({number, program_.always_shown(l), l.name + '='});
    }
    // By name, not by prefix: '=' is greater than a digit, so that "a1=" would come before "a=".
    std::sort(locations_.begin(), locations_.end(),
              [this](const shown_location& a, const shown_location& b) {
                  return table_[a.number].name < table_[b.number].name;
              });
}

const std::string& outcome_formatter::format(std::span<const register_file> registers,
                                             std::span<const std::int64_t> final_values,
                                             std::span<const std::uint8_t> touched) {
    if (known_locations_ != table_.size()) add_locations();
    text_.clear();
    for (const shown_register& r : registers_)
        append_entry(text_, r.prefix, registers[r.thread].values[r.number]);
    for (const shown_location& l : locations_) {
        if (!l.always && (l.number >= touched.size() || touched[l.number] == 0)) continue;
        const bool given = l.number < final_values.size();
        append_entry(text_, l.prefix, given ? final_values[l.number] : table_[l.number].initial);
    }
    return text_;
}

std::string format_outcome(const program& p, const location_table& table,
                           std::span<const register_file> registers,
                           std::span<const std::int64_t> final_values,
                           std::span<const std::uint8_t> touched) {
    return outcome_formatter(p, table).format(registers, final_values, touched);
}

std::uint64_t hash_outcomes(const std::map<std::string, std::uint64_t>& outcomes) noexcept {
    std::uint64_t hash = 14695981039346656037ULL;
    const auto add = [&hash](char c) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    };
    for (const auto& [outcome, count] : outcomes) {
        for (const char c : outcome) add(c);
        add('\n');
    }
    return hash;
}

std::string format_hash(std::uint64_t hash) {
    std::string text(16, '0');
    for (std::size_t i = 16; i-- > 0; hash >>= 4) text[i] = "0123456789abcdef"[hash & 15];
    return text;
}

}  // namespace heddle::litmus
