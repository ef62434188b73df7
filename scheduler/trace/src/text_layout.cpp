#include "text_layout.hpp"

#include <algorithm>

namespace heddle::trace {
namespace {

constexpr std::size_t longest_unbroken = 60;
constexpr std::size_t least_call = 8;  // columns of a call that is cut

constexpr bool begins_code_point(char c) noexcept {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
}

// The next word from `at`: up to a blank outside of back quotes; up to any blank if the quoted part
// is long or does not end.
std::string_view next_word(std::string_view text, std::size_t at) noexcept {
    std::size_t end = at;
    while (end < text.size() && text[end] != ' ') {
        if (text[end] == '`') {
            const std::size_t close = text.find('`', end + 1);
            if (close != text.npos && close - end <= longest_unbroken) end = close;
        }
        ++end;
    }
    return text.substr(at, end - at);
}

// Where the result of a step begins: " -> 7", "  woken by step 3". A log has none: it is all text.
std::size_t result_begin(std::string_view step) noexcept {
    if (step.starts_with("log: ")) return step.size();
    return std::min({step.find(" -> "), step.find("  "), step.size()});
}

}  // namespace

std::size_t display_width(std::string_view text) noexcept {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins_code_point));
}

std::string padded(std::string_view text, std::size_t width) {
    std::string out(text);
    const std::size_t have = display_width(text);
    if (have < width) out.append(width - have, ' ');
    return out;
}

std::string right_aligned(std::string_view text, std::size_t width) {
    const std::size_t have = display_width(text);
    return std::string(have < width ? width - have : 0, ' ') + std::string(text);
}

std::string shortened(std::string_view text, std::size_t width) {
    if (display_width(text) <= width) return std::string(text);
    if (width <= 3) return std::string(width, '.');
    std::size_t bytes = 0;
    for (std::size_t columns = 0; bytes < text.size(); ++bytes)
        if (begins_code_point(text[bytes]) && columns++ == width - 3) break;
    return std::string(text.substr(0, bytes)) + "...";
}

std::size_t least_width_of_step(std::string_view text) noexcept {
    const std::size_t result = result_begin(text);
    return std::min(least_call, display_width(text.substr(0, result))) +
           display_width(text.substr(result));
}

std::string shortened_step(std::string_view text, std::size_t width) {
    if (display_width(text) <= width) return std::string(text);
    const std::size_t at = result_begin(text);
    if (at == text.size() || least_width_of_step(text) > width) return shortened(text, width);
    std::string call(text.substr(0, at));
    const std::string_view result = text.substr(at);
    const std::size_t open = call.find('('), close = call.rfind(')');
    if (open != call.npos && close != call.npos && close > open + 4)
        call.replace(open + 1, close - open - 1, "...");
    return shortened(call, width - display_width(result)).append(result);
}

std::vector<std::string> wrapped(std::string_view text, std::size_t width) {
    std::size_t at = std::min(text.find_first_not_of(' '), text.size());
    const std::string indent(at, ' ');
    std::vector<std::string> lines;
    std::string line = indent;
    while (at < text.size()) {
        const std::string_view word = next_word(text, at);
        const std::size_t gap_begin = at + word.size();
        const std::size_t gap_end = std::min(text.find_first_not_of(' ', gap_begin), text.size());
        if (line.size() > indent.size() && display_width(line) + display_width(word) > width) {
            line.erase(line.find_last_not_of(' ') + 1);
            lines.push_back(std::move(line));
            line = indent;
        }
        line += word;
        line += text.substr(gap_begin, gap_end - gap_begin);  // wide gaps are meant: aligned tables
        at = gap_end;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    if (!line.empty() || lines.empty()) lines.push_back(std::move(line));
    return lines;
}

}  // namespace heddle::trace
