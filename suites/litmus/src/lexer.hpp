// The notation cut into names, numbers and symbols.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace heddle::litmus {

enum class token_kind { name, number, symbol, end };

struct token {
    token_kind kind = token_kind::end;
    std::string_view text;   // into the text given to `tokenize`
    std::size_t offset = 0;  // of its first character

    bool is(std::string_view symbol_text) const {
        return kind == token_kind::symbol && text == symbol_text;
    }
    bool is_name(std::string_view name_text) const {
        return kind == token_kind::name && text == name_text;
    }
};

// As a message says it: 'x', or "the end of the program".
std::string describe(const token& t);

// Ends with a token of kind `end`. A character that the notation does not know becomes a symbol of
// its own, so that the parser can say what it expected in its place.
std::vector<token> tokenize(std::string_view text);

}  // namespace heddle::litmus
