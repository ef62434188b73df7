#include "source_scan.hpp"

#include <algorithm>

namespace heddle::trace {
namespace {

constexpr char closer_of(char open) noexcept {
    switch (open) {
        case '(': return ')';
        case '[': return ']';
        case '{': return '}';
        case '<': return '>';
        default: return 0;
    }
}

constexpr char opener_of(char close) noexcept { return close == ')' ? '(' : '['; }

constexpr bool quote(char c) noexcept { return c == '"' || c == '\''; }

// Digit separators (1'000) are no character literals.
constexpr bool literal_at(std::string_view text, std::size_t at) noexcept {
    if (!quote(text[at])) return false;
    return text[at] == '"' || at == 0 || !is_identifier(text[at - 1]);
}

}  // namespace

std::size_t literal_end(std::string_view text, std::size_t at) noexcept {
    const char end = text[at];
    for (std::size_t i = at + 1; i < text.size(); ++i) {
        if (text[i] == '\\') {
            ++i;
        } else if (text[i] == end) {
            return i + 1;
        }
    }
    return text.size();
}

std::size_t code_end(std::string_view line) noexcept {
    std::size_t end = 0;  // past the last character of code
    for (std::size_t i = 0; i < line.size();) {
        const std::string_view two = line.substr(i, 2);
        if (two == "//") break;
        if (two == "/*") {
            const std::size_t close = line.find("*/", i + 2);
            if (close == line.npos) break;
            i = close + 2;
            continue;
        }
        if (literal_at(line, i)) {
            i = end = literal_end(line, i);
            continue;
        }
        if (line[i] != ' ') end = i + 1;
        ++i;
    }
    return end;
}

int closed_brackets(std::string_view line) noexcept {
    const std::string_view code = line.substr(0, code_end(line));
    int closed = 0;
    for (std::size_t i = 0; i < code.size();) {
        if (literal_at(code, i)) {
            i = literal_end(code, i);
            continue;
        }
        if (code[i] == '(' || code[i] == '[' || code[i] == '{') --closed;
        if (code[i] == ')' || code[i] == ']' || code[i] == '}') ++closed;
        ++i;
    }
    return closed;
}

std::size_t find_word(std::string_view code, std::string_view word, std::size_t from) noexcept {
    for (std::size_t i = 0; i < code.size();) {
        if (literal_at(code, i)) {
            i = literal_end(code, i);
        } else if (is_identifier(code[i])) {
            const std::size_t begin = i;
            while (i < code.size() && is_identifier(code[i])) ++i;
            if (begin >= from && code.substr(begin, i - begin) == word) return begin;
        } else {
            ++i;
        }
    }
    return code.npos;
}

std::size_t closing(std::string_view code, std::size_t open) noexcept {
    const char begin = code[open];
    const char end = closer_of(begin);
    int depth = 0;
    for (std::size_t i = open; i < code.size();) {
        if (literal_at(code, i)) {
            i = literal_end(code, i);
            continue;
        }
        if (code[i] == begin) ++depth;
        if (code[i] == end && --depth == 0) return i + 1;
        ++i;
    }
    return code.size();
}

std::size_t top_level_comma(std::string_view code, std::size_t begin, std::size_t end) noexcept {
    end = std::min(end, code.size());
    for (std::size_t i = begin; i < end;) {
        if (literal_at(code, i)) {
            i = literal_end(code, i);
        } else if (code[i] == ',') {
            return i;
        } else if (code[i] == '(' || code[i] == '[' || code[i] == '{') {
            i = closing(code, i);
        } else {
            ++i;
        }
    }
    return code.npos;
}

std::size_t postfix_begin(std::string_view code, std::size_t end) noexcept {
    std::size_t i = end;
    bool operand = false;  // whether code[i, end) begins with an operand
    while (i > 0) {
        const char c = code[i - 1];
        if (c == ')' || c == ']') {
            int depth = 0;
            std::size_t k = i;
            while (k > 0) {
                --k;
                if (code[k] == c) ++depth;
                if (code[k] == opener_of(c) && --depth == 0) break;
            }
            if (depth != 0 || operand) return operand ? i : end;
            i = k;
            // `f(x)`, `a[i]`: the operand is still to come; `(*p)`: this is it.
            operand =
                i == 0 || !(is_identifier(code[i - 1]) || code[i - 1] == ')' || code[i - 1] == ']');
            if (operand && c == ']') return end;
        } else if (is_identifier(c)) {
            if (operand) return i;
            while (i > 0 && is_identifier(code[i - 1])) --i;
            operand = true;
        } else if (operand && c == '.') {
            --i;
            operand = false;
        } else if (operand && i >= 2 &&
                   (code.substr(i - 2, 2) == "->" || code.substr(i - 2, 2) == "::")) {
            i -= 2;
            operand = false;
        } else {
            break;
        }
    }
    return operand ? i : end;
}

}  // namespace heddle::trace
