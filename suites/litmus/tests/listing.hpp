// A program as text, so that tests of the parser read like the programs they compare with.
#pragma once

#include <array>
#include <heddle/litmus/program.hpp>
#include <string>
#include <vector>

namespace heddle::litmus {

inline std::string show_expression(const program& p, std::size_t thread, expression_id id) {
    constexpr std::array<const char*, 17> symbols{"",   "",   "!", "-",  "+", "-",  "*",  "/", "%",
                                                  "==", "!=", "<", "<=", ">", ">=", "&&", "or"};
    const expression_node& e = p.expressions[id];
    if (e.kind == expression_kind::constant) return std::to_string(e.value);
    if (e.kind == expression_kind::reg)
        return p.threads[thread].registers[static_cast<std::size_t>(e.value)];
    const std::string symbol = symbols[static_cast<std::size_t>(e.kind)];
    const std::string left = show_expression(p, thread, e.left);
    if (e.right == none) return symbol + left;
    return '(' + left + ' ' + symbol + ' ' + show_expression(p, thread, e.right) + ')';
}

inline std::string show_instruction(const program& p, std::size_t thread, const instruction& i) {
    constexpr std::array<const char*, 6> rmw_names{"add", "sub", "or", "and", "xor", "exchange"};
    const auto expression = [&](expression_id id) { return show_expression(p, thread, id); };
    std::string at;
    if (i.location != none) at = p.locations[i.location].name;
    if (i.index != none) at = p.bases[i.base].name + '[' + expression(i.index) + ']';
    std::string result;
    if (i.destination != none) result = p.threads[thread].registers[i.destination];
    if (i.ok_destination != none) result += ',' + p.threads[thread].registers[i.ok_destination];
    if (!result.empty()) result += " = ";
    const std::string ord(to_string(i.success));
    const std::string failure(to_string(i.failure));
    switch (i.code) {
        case opcode::load: return result + "load " + at + ' ' + ord;
        case opcode::store: return "store " + at + ' ' + expression(i.operand) + ' ' + ord;
        case opcode::rmw:
            return result + rmw_names[static_cast<std::size_t>(i.rmw)] + ' ' + at + ' ' +
                   expression(i.operand) + ' ' + ord;
        case opcode::cas:
        case opcode::wcas:
            return result + (i.code == opcode::cas ? "cas " : "wcas ") + at + ' ' +
                   expression(i.operand) + "->" + expression(i.desired) + ' ' + ord + ' ' + failure;
        case opcode::await:
            return result + "await " + at + (i.equal ? " == " : " != ") + expression(i.operand) +
                   ' ' + ord;
        case opcode::await_cas:
            return result + "await_cas " + at + ' ' + expression(i.operand) + "->" +
                   expression(i.desired) + ' ' + ord;
        case opcode::fence: return "fence " + ord;
        case opcode::lock: return "lock " + at;
        case opcode::unlock: return "unlock " + at;
        case opcode::trylock: return result + "trylock " + at;
        case opcode::set_register: return result + expression(i.operand);
        case opcode::jump_if_zero:
            return "unless " + expression(i.operand) + " go " + std::to_string(i.target);
        case opcode::jump: return "go " + std::to_string(i.target);
        case opcode::assume: return "assume " + expression(i.operand);
        case opcode::start: return "start " + std::to_string(i.target);
        case opcode::join: return "join " + std::to_string(i.target);
        case opcode::end: return "end";
    }
    return "?";
}

inline std::vector<std::string> listing(const program& p, std::size_t thread = 0) {
    std::vector<std::string> lines;
    for (const instruction& i : p.threads.at(thread).code)
        lines.push_back(show_instruction(p, thread, i));
    return lines;
}

}  // namespace heddle::litmus
