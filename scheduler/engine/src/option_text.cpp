#include "option_text.hpp"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <string>
#include <vector>

namespace heddle::scheduler {
namespace {

char lower(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }

// Insertions, deletions, replacements and swaps of neighbours, each at most once a place: the
// optimal string alignment distance. Upper and lower case count as equal.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before_last(b.size() + 1), last(b.size() + 1), current(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        current[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const bool same = lower(a[i - 1]) == lower(b[j - 1]);
            current[j] =
                std::min({last[j] + 1, current[j - 1] + 1, last[j - 1] + (same ? 0U : 1U)});
            const bool swapped = i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                                 lower(a[i - 2]) == lower(b[j - 1]);
            if (swapped) current[j] = std::min(current[j], before_last[j - 2] + 1);
        }
        before_last.swap(last);
        last.swap(current);
    }
    return last[b.size()];
}

}  // namespace

std::string quoted(std::string_view text) {
    constexpr std::size_t longest = 120;
    constexpr char digits[] = "0123456789abcdef";
    std::string out = "`";
    for (const char c : text.substr(0, longest)) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte != 0x7f) {
            out += c;
        } else {
            out += "\\x";
            out += digits[byte >> 4];
            out += digits[byte & 15];
        }
    }
    out += text.size() > longest ? "...`" : "`";
    return out;
}

std::string one_of(std::span<const std::string_view> names) {
    std::string out;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (i > 0) out += i + 1 == names.size() ? " or " : ", ";
        out += names[i];
    }
    return out;
}

std::string nearest_hint(std::string_view text, std::span<const std::string_view> names) {
    // A long text is no typo of a short name, and its distance would cost its length times theirs.
    const std::string_view start = text.substr(0, 64);
    std::string_view best = names.front();
    std::size_t fewest = distance(start, best);
    for (const std::string_view name : names.subspan(1)) {
        const std::size_t edits = distance(start, name);
        if (edits < fewest) {
            best = name;
            fewest = edits;
        }
    }
    if (fewest <= std::min<std::size_t>(3, (best.size() + 1) / 3))
        return "did you mean " + quoted(best) + "?";
    return "the nearest known is " + quoted(best);
}

}  // namespace heddle::scheduler
