// Statements to instructions. Blocks become jumps while they are read; nothing is parsed twice,
// `repeat` copies the instructions of its block.
#include <algorithm>
#include <array>
#include <heddle/litmus/parser.hpp>
#include <heddle/litmus/text.hpp>
#include <span>

#include "locations.hpp"
#include "operations.hpp"

namespace heddle::litmus {
namespace {

constexpr int max_block_depth = 100;

class parser : location_parser {
public:
    using location_parser::location_parser;
    program run();

private:
    struct thread_reference {
        token number;
        std::size_t thread;  // that names it
        std::uint32_t named;
    };

    std::vector<instruction>& code() { return thread().code; }
    std::uint32_t here() { return static_cast<std::uint32_t>(code().size()); }
    void emit(const token& at, const instruction& i);

    void threads();
    void check_thread_references();

    void statements(std::string_view block);
    void statement(std::string_view block);
    void end_of_statement(std::string_view block);
    void block(std::string_view of);
    void conditional(const token& keyword);
    void loop(const token& keyword);
    void repeated(const token& keyword);
    void call(const token& keyword);
    void assignment(const token& first);
    void access(const token& name);
    void operation(instruction i, bool two_results);
    void operands(instruction& i, const operation_rule& rule);

    order order_of(std::string_view operation, std::span<const order> allowed);

    std::vector<thread_reference> references_;
    std::size_t instructions_ = 0;
    int block_depth_ = 0;
};

program parser::run() {
    if (accept("[")) initial_values();
    threads();
    check_thread_references();
    return std::move(program_);
}

void parser::threads() {
    bool any_statement = false;
    do {
        if (program_.threads.size() == max_threads)
            fail(peek(), "at most " + std::to_string(max_threads) + " threads", " in one more");
        program_.threads.emplace_back();
        const token first = peek();
        statements({});
        any_statement = any_statement || !code().empty() || first.offset != peek().offset;
        emit(peek(), {});
    } while (accept("|"));
    if (peek().kind != token_kind::end) fail(peek(), "a statement, '|' or the end of the program");
    if (!any_statement) fail(peek(), "a statement");
}

void parser::check_thread_references() {
    const std::size_t count = program_.threads.size();
    for (const thread_reference& r : references_) {
        if (r.named >= count) fail(r.number, "a thread from 0 to " + std::to_string(count - 1));
        if (r.named == r.thread) fail(r.number, "another thread than this one");
    }
    for (const thread_code& t : program_.threads)
        for (const instruction& i : t.code)
            if (i.code == opcode::start) program_.threads[i.target].late = true;
}

void parser::emit(const token& at, const instruction& i) {
    if (++instructions_ > max_instructions)
        fail(at, "a program of at most " + std::to_string(max_instructions) + " instructions",
             " beyond them");
    code().push_back(i);
}

// Up to the `}` or `|` that ends them; `block` is the keyword they belong to, empty for those of a
// thread.
void parser::statements(std::string_view block) {
    for (;;) {
        while (accept(";")) {
        }
        const token& next = peek();
        if (next.kind == token_kind::end || next.is("}") || next.is("|")) return;
        statement(block);
    }
}

void parser::statement(std::string_view block) {
    const token first = peek();
    if (first.kind != token_kind::name || first.text == "else" || first.text == "or")
        fail(first, "a statement");
    take();
    if (first.text == "if") return conditional(first);
    if (first.text == "while") return loop(first);
    if (first.text == "repeat") return repeated(first);
    if (is_keyword(first.text))
        call(first);
    else if (is_register_name(first.text))
        assignment(first);
    else
        access(first);
    end_of_statement(block);
}

void parser::end_of_statement(std::string_view block) {
    const token& next = peek();
    if (next.is(";") || next.is("}") || next.is("|") || next.kind == token_kind::end) return;
    fail(next, block.empty() ? "';', '|' or the end of the program" : "';' or '}'");
}

void parser::block(std::string_view of) {
    const token open = peek();
    expect("{", "to begin the block of " + in_quotes(of));
    if (++block_depth_ > max_block_depth)
        fail(open, "at most " + std::to_string(max_block_depth) + " blocks in each other",
             " to begin one more");
    statements(of);
    expect("}", "to end the block of " + in_quotes(of));
    --block_depth_;
}

void parser::conditional(const token& keyword) {
    const std::size_t test = code().size();
    instruction i{.code = opcode::jump_if_zero, .operand = expression()};
    emit(keyword, i);
    block(keyword.text);
    if (peek().is_name("else")) {
        const token otherwise = take();
        const std::size_t skip = code().size();
        emit(otherwise, {.code = opcode::jump});
        code()[test].target = here();
        block(otherwise.text);
        code()[skip].target = here();
    } else {
        code()[test].target = here();
    }
}

void parser::loop(const token& keyword) {
    const std::uint32_t test = here();
    instruction i{.code = opcode::jump_if_zero, .operand = expression()};
    emit(keyword, i);
    block(keyword.text);
    emit(keyword, {.code = opcode::jump, .target = test});
    code()[test].target = here();
}

void parser::repeated(const token& keyword) {
    const std::uint64_t times = natural("how often to repeat");
    const std::size_t begin = code().size();
    block(keyword.text);
    const std::vector<instruction> once(code().begin() + static_cast<std::ptrdiff_t>(begin),
                                        code().end());
    if (times == 0) {
        code().resize(begin);
        instructions_ -= once.size();
    }
    for (std::uint64_t copy = 1; copy < times && !once.empty(); ++copy) {
        const auto shift = static_cast<std::uint32_t>(copy * once.size());
        for (instruction i : once) {
            if (i.code == opcode::jump || i.code == opcode::jump_if_zero) i.target += shift;
            emit(keyword, i);
        }
    }
}

// exit, and the statements that look like a call.
void parser::call(const token& keyword) {
    instruction i;
    if (keyword.text == "exit") return emit(keyword, i);
    if (keyword.text == "trylock")
        fail(keyword, "a register for its result, as in 'r0=trylock(m)'");
    expect("(");
    if (keyword.text == "fence") {
        i.code = opcode::fence;
        i.success = order_of(keyword.text, fence_orders);
    } else if (keyword.text == "assume") {
        i.code = opcode::assume;
        i.operand = expression();
        program_.has_assume = true;
    } else if (keyword.text == "start" || keyword.text == "join") {
        i.code = keyword.text == "start" ? opcode::start : opcode::join;
        const token number = peek();
        const std::uint64_t named =
            std::min<std::uint64_t>(natural("the number of a thread"), max_threads);
        i.target = static_cast<std::uint32_t>(named);
        references_.push_back({number, program_.threads.size() - 1, i.target});
    } else {
        i.code = keyword.text == "lock" ? opcode::lock : opcode::unlock;
        name_location(i, take(), true);
    }
    expect(")", "to close '('");
    emit(keyword, i);
}

// A statement that begins with a register.
void parser::assignment(const token& first) {
    instruction i{.destination = register_number(first)};
    const bool two_results = accept(",");
    if (two_results) {
        const token second = take();
        if (second.kind != token_kind::name || !is_register_name(second.text))
            fail(second, "a second register");
        if (second.text == first.text) fail(second, "another register than the first");
        i.ok_destination = register_number(second);
    }
    expect("=");
    const token right = peek();
    const bool trylock = right.is_name("trylock");
    const bool of_location =
        right.kind == token_kind::name && !is_keyword(right.text) && !is_register_name(right.text);
    if (two_results && !of_location) fail(right, "the name of a location, then '.cas' or '.wcas'");
    if (trylock) {
        take();
        expect("(");
        i.code = opcode::trylock;
        name_location(i, take(), true);
        expect(")", "to close '('");
        emit(right, i);
    } else if (of_location) {
        take();
        name_location(i, right, false);
        if (accept(".")) return operation(i, two_results);
        if (two_results) fail(peek(), "'.cas' or '.wcas' after two registers");
        used_as_data(i.base, true);
        i.code = opcode::load;
        i.success = order::na;
        emit(right, i);
    } else {
        i.code = opcode::set_register;
        i.operand = expression();
        emit(right, i);
    }
}

// A statement that begins with a location.
void parser::access(const token& name) {
    instruction i;
    name_location(i, name, false);
    if (accept(".")) return operation(i, false);
    if (!accept("="))
        fail(peek(), "'.' and an operation, or '=' and a value, after the location " +
                         in_quotes(name.text));
    used_as_data(i.base, true);
    i.code = opcode::store;
    i.success = order::na;
    i.operand = expression();
    emit(name, i);
}

// What follows the '.'.
void parser::operation(instruction i, bool two_results) {
    const token word = take();
    const operation_rule* rule = find_operation(word.text);
    if (word.kind != token_kind::name || rule == nullptr)
        fail(word, "an operation (" + operation_names() + ")", operation_suggestion(word.text));
    const bool cas = rule->code == opcode::cas || rule->code == opcode::wcas;
    if (two_results && !cas) fail(word, "cas or wcas after two registers");
    if (i.destination != none && rule->code == opcode::store)
        fail(word, "an operation that gives a value");
    i.code = rule->code;
    i.rmw = rule->rmw;
    i.equal = rule->equal;
    expect("(");
    operands(i, *rule);
    expect(")", "to close '('");
    used_as_data(i.base, i.success == order::na);
    emit(word, i);
}

void parser::operands(instruction& i, const operation_rule& rule) {
    if (rule.values > 0) {
        i.operand = expression();
        expect(",");
    }
    if (rule.values > 1) {
        i.desired = expression();
        expect(",");
    }
    i.success = order_of(rule.name, rule.orders);
    if (rule.failure_orders.empty()) return;
    expect(",", "and the order of a failure");
    i.failure = order_of("a failing " + std::string(rule.name), rule.failure_orders);
}

order parser::order_of(std::string_view operation, std::span<const order> allowed) {
    const token word = take();
    std::vector<std::string_view> names;
    for (const order o : allowed) {
        if (word.text == to_string(o)) return o;
        names.push_back(to_string(o));
    }
    fail(word, "an order for " + std::string(operation) + " (" + listed(names) + ")",
         order_suggestion(word.text));
}

}  // namespace

program parse(std::string_view text) { return parser(text).run(); }

}  // namespace heddle::litmus
