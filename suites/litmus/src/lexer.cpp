#include "lexer.hpp"

#include <array>
#include <heddle/litmus/text.hpp>

namespace heddle::litmus {
namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || is_digit(c);
}

std::size_t symbol_length(std::string_view rest) {
    // `||` is no operator of the notation; as one token it can be told from two threads with
    // nothing between.
    constexpr std::array<std::string_view, 6> pairs{"==", "!=", "<=", ">=", "&&", "||"};
    for (const std::string_view pair : pairs)
        if (rest.substr(0, 2) == pair) return 2;
    // A character beyond ASCII is several bytes; it is shown whole.
    std::size_t length = 1;
    while (length < rest.size() && (static_cast<unsigned char>(rest[length]) & 0xC0U) == 0x80U)
        ++length;
    return length;
}

}  // namespace

std::string describe(const token& t) {
    return t.kind == token_kind::end ? "the end of the program" : in_quotes(t.text);
}

std::vector<token> tokenize(std::string_view text) {
    std::vector<token> tokens;
    std::size_t at = 0;
    for (;;) {
        while (at < text.size() && is_space(text[at])) ++at;
        if (at == text.size()) break;
        token t{token_kind::symbol, {}, at};
        std::size_t length = 0;
        if (is_word(text[at])) {
            t.kind = is_digit(text[at]) ? token_kind::number : token_kind::name;
            while (at + length < text.size() && is_word(text[at + length])) ++length;
        } else {
            length = symbol_length(text.substr(at));
        }
        t.text = text.substr(at, length);
        tokens.push_back(t);
        at += length;
    }
    tokens.push_back({token_kind::end, {}, text.size()});
    return tokens;
}

}  // namespace heddle::litmus
