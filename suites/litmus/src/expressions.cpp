#include "expressions.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <heddle/litmus/text.hpp>
#include <span>

namespace heddle::litmus {
namespace {

// Expressions are evaluated recursively on the small stack of a modelled thread.
constexpr int max_expression_depth = 100;

struct binary_operator {
    std::string_view symbol;
    expression_kind kind;
};

// From the loosest to the tightest, as in C. Comparisons do not chain.
constexpr int comparison_level = 2;
constexpr std::array<binary_operator, 1> or_operators{{{"or", expression_kind::logical_or}}};
constexpr std::array<binary_operator, 1> and_operators{{{"&&", expression_kind::logical_and}}};
constexpr std::array<binary_operator, 6> comparisons{{{"==", expression_kind::equal},
                                                      {"!=", expression_kind::not_equal},
                                                      {"<=", expression_kind::less_equal},
                                                      {">=", expression_kind::greater_equal},
                                                      {"<", expression_kind::less},
                                                      {">", expression_kind::greater}}};
constexpr std::array<binary_operator, 2> sums{
    {{"+", expression_kind::add}, {"-", expression_kind::subtract}}};
constexpr std::array<binary_operator, 3> products{{{"*", expression_kind::multiply},
                                                   {"/", expression_kind::divide},
                                                   {"%", expression_kind::remainder}}};
constexpr std::array<std::span<const binary_operator>, 5> levels{or_operators, and_operators,
                                                                 comparisons, sums, products};

const binary_operator* find_operator(std::span<const binary_operator> operators, const token& t) {
    for (const binary_operator& o : operators)
        if (t.is(o.symbol) || t.is_name(o.symbol)) return &o;
    return nullptr;
}

bool all_digits(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

bool is_register_name(std::string_view name) noexcept {
    if (name.substr(0, 2) == "ok") return all_digits(name.substr(2));
    if (name.empty() || std::string_view("rijkt").find(name[0]) == std::string_view::npos)
        return false;
    return all_digits(name.substr(1)) && name != "r";
}

bool is_keyword(std::string_view name) noexcept {
    constexpr std::array<std::string_view, 13> keywords{
        "if",   "else",   "while",   "repeat", "exit", "or",    "fence",
        "lock", "unlock", "trylock", "start",  "join", "assume"};
    return std::find(keywords.begin(), keywords.end(), name) != keywords.end();
}

token expression_parser::take() {
    const token t = peek();
    if (t.kind != token_kind::end) ++next_;
    return t;
}

bool expression_parser::accept(std::string_view symbol) {
    if (!peek().is(symbol)) return false;
    take();
    return true;
}

void expression_parser::expect(std::string_view symbol, std::string_view purpose) {
    if (accept(symbol)) return;
    fail(peek(), in_quotes(symbol) + (purpose.empty() ? "" : ' ' + std::string(purpose)));
}

void expression_parser::fail(const token& at, const std::string& expected,
                             const std::string& hint) {
    std::string found =
        at.is("||") ? "'||' ('|' separates threads; the logical or is written 'or')" : describe(at);
    throw parse_error(at.offset, "expected " + expected + ", found " + found + hint);
}

std::int64_t expression_parser::integer() {
    const bool negative = accept("-");
    const token digits = peek();
    if (digits.kind != token_kind::number || !all_digits(digits.text)) fail(digits, "a number");
    std::string text(negative ? 1 : 0, '-');
    text += digits.text;
    std::int64_t value = 0;
    const auto error = std::from_chars(text.data(), text.data() + text.size(), value).ec;
    if (error != std::errc()) fail(digits, "a number of at most 64 bits");
    take();
    return value;
}

std::uint64_t expression_parser::natural(std::string_view what) {
    const token digits = peek();
    if (digits.kind != token_kind::number || !all_digits(digits.text))
        fail(digits, std::string(what));
    return static_cast<std::uint64_t>(integer());
}

std::uint32_t expression_parser::register_number(const token& name) {
    std::vector<std::string>& names = thread().registers;
    const auto known = std::find(names.begin(), names.end(), name.text);
    if (known == names.end() && names.size() == max_registers)
        fail(name, "at most " + std::to_string(max_registers) + " registers in a thread",
             " as one more");
    const auto number = static_cast<std::uint32_t>(known - names.begin());
    if (known == names.end()) names.emplace_back(name.text);
    return number;
}

// What is known without registers is computed here, so that `a[1+1]` has a constant index.
expression_id expression_parser::add_node(const token& at, expression_node node) {
    int depth = 1;
    bool constant = node.kind != expression_kind::reg;
    for (const expression_id operand : {node.left, node.right}) {
        if (operand == none) continue;
        depth = std::max(depth, depth_[operand] + 1);
        constant = constant && is_constant(operand);
    }
    if (constant && node.kind != expression_kind::constant) {
        const std::int64_t right = node.right == none ? 0 : program_.expressions[node.right].value;
        node.value = apply(node.kind, program_.expressions[node.left].value, right);
        node = {expression_kind::constant, node.value, none, none};
        depth = 1;
    }
    if (depth > max_expression_depth)
        fail(at, "an expression of at most " + std::to_string(max_expression_depth) + " levels",
             " one level deeper");
    program_.expressions.push_back(node);
    depth_.push_back(static_cast<std::uint16_t>(depth));
    return static_cast<expression_id>(program_.expressions.size() - 1);
}

expression_id expression_parser::expression() { return binary(0); }

expression_id expression_parser::binary(int level) {
    if (level == static_cast<int>(levels.size())) return unary();
    const std::span<const binary_operator> operators = levels[static_cast<std::size_t>(level)];
    expression_id left = binary(level + 1);
    while (const binary_operator* found = find_operator(operators, peek())) {
        const token at = take();
        const expression_id right = binary(level + 1);
        left = add_node(at, {found->kind, 0, left, right});
        if (level == comparison_level) break;
    }
    return left;
}

expression_id expression_parser::unary() {
    if (++open_ > max_expression_depth)
        fail(peek(), "an expression of at most " + std::to_string(max_expression_depth) + " levels",
             " one level deeper");
    expression_id result = none;
    const token at = peek();
    if (accept("!")) {
        result = add_node(at, {expression_kind::logical_not, 0, unary(), none});
    } else if (at.is("-") && peek_after().kind == token_kind::number) {
        // Sign and digits together, since the smallest number has no positive counterpart.
        result = add_node(at, {expression_kind::constant, integer(), none, none});
    } else if (accept("-")) {
        result = add_node(at, {expression_kind::negate, 0, unary(), none});
    } else {
        result = primary();
    }
    --open_;
    return result;
}

expression_id expression_parser::primary() {
    const token at = peek();
    if (accept("(")) {
        const expression_id inside = expression();
        expect(")", "to close '('");
        return inside;
    }
    if (at.kind == token_kind::number)
        return add_node(at, {expression_kind::constant, integer(), none, none});
    if (at.kind == token_kind::name && is_register_name(at.text)) {
        take();
        return add_node(at, {expression_kind::reg, register_number(at), none, none});
    }
    const bool is_location = at.kind == token_kind::name && !is_keyword(at.text);
    fail(at, "a number, a register or '('",
         is_location ? " (a location has to be read into a register first)" : "");
}

}  // namespace heddle::litmus
