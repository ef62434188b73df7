// The part of the parser under the statements: the token stream, errors, numbers, registers and
// expressions.
#pragma once

#include <cstdint>
#include <heddle/litmus/parser.hpp>
#include <heddle/litmus/program.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "lexer.hpp"

namespace heddle::litmus {

// `r0 r1 .. ok ok1 ..` and the scratch ones `i j k t` with or without digits; `r` alone is a
// location.
bool is_register_name(std::string_view name) noexcept;

// Words with a meaning of their own, which cannot name a location.
bool is_keyword(std::string_view name) noexcept;

class expression_parser {
public:
    explicit expression_parser(std::string_view text) : tokens_(tokenize(text)) {}

protected:
    const token& peek() const { return tokens_[next_]; }
    const token& peek_after() const { return tokens_[std::min(next_ + 1, tokens_.size() - 1)]; }
    token take();
    bool accept(std::string_view symbol);
    void expect(std::string_view symbol, std::string_view purpose = {});

    [[noreturn]] static void fail(const token& at, const std::string& expected,
                                  const std::string& hint = {});

    std::int64_t integer();
    std::uint64_t natural(std::string_view what);
    std::uint32_t register_number(const token& name);

    expression_id expression();
    bool is_constant(expression_id id) const {
        return program_.expressions[id].kind == expression_kind::constant;
    }

    thread_code& thread() { return program_.threads.back(); }

    program program_;

private:
    expression_id binary(int level);
    expression_id unary();
    expression_id primary();
    expression_id add_node(const token& at, expression_node node);

    std::vector<token> tokens_;
    std::size_t next_ = 0;
    int open_ = 0;  // parentheses and signs around the current place
    std::vector<std::uint16_t>
        depth_;  // of each expression: the recursion that evaluating it takes
};

}  // namespace heddle::litmus
