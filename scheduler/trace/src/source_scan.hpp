// Small scanners over one line of C++: enough to find a call and its parentheses, no more.
#pragma once

#include <cstddef>
#include <string_view>

namespace heddle::trace {

constexpr bool is_identifier(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

constexpr std::size_t skip_blanks(std::string_view text, std::size_t at) noexcept {
    while (at < text.size() && text[at] == ' ') ++at;
    return at;
}

constexpr std::string_view trimmed(std::string_view text) noexcept {
    text.remove_prefix(skip_blanks(text, 0));
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

// Past the end of a string or character literal that begins at `at`.
std::size_t literal_end(std::string_view text, std::size_t at) noexcept;

// The end of the code of a line: before a trailing comment and the blanks in front of it.
std::size_t code_end(std::string_view line) noexcept;

// How many more brackets the line closes than it opens; negative: opens.
int closed_brackets(std::string_view line) noexcept;

// The next occurrence of a whole identifier outside of literals, from `from`; npos: none.
std::size_t find_word(std::string_view code, std::string_view word, std::size_t from) noexcept;

// Past the bracket that closes the one at `open`; the end of the line if none does.
std::size_t closing(std::string_view code, std::size_t open) noexcept;

// The first comma in [begin, end) outside of brackets and literals; npos: none.
std::size_t top_level_comma(std::string_view code, std::size_t begin, std::size_t end) noexcept;

// Where the postfix expression that ends at `end` begins: `b->m[i].x` as a whole; `end`: none.
std::size_t postfix_begin(std::string_view code, std::size_t end) noexcept;

}  // namespace heddle::trace
