#include "operations.hpp"

#include <array>
#include <heddle/litmus/text.hpp>
#include <utility>
#include <vector>

namespace heddle::litmus {
namespace {

constexpr std::array load_orders{order::na, order::rlx, order::acq, order::sc};
constexpr std::array store_orders{order::na, order::rlx, order::rel, order::sc};
constexpr std::array read_orders{order::rlx, order::acq, order::sc};
constexpr std::array all_orders{order::rlx, order::acq, order::rel, order::acqrel, order::sc};

constexpr operation_rule rmw_rule(std::string_view name, rmw_operation operation) {
    return {name, opcode::rmw, operation, true, 1, all_orders, {}};
}

constexpr auto add = rmw_operation::add;  // what an operation without one carries

constexpr std::array<operation_rule, 13> operations{{
    {"load", opcode::load, add, true, 0, load_orders, {}},
    {"store", opcode::store, add, true, 1, store_orders, {}},
    rmw_rule("fetch_add", rmw_operation::add),
    rmw_rule("fetch_sub", rmw_operation::sub),
    rmw_rule("fetch_or", rmw_operation::bit_or),
    rmw_rule("fetch_and", rmw_operation::bit_and),
    rmw_rule("fetch_xor", rmw_operation::bit_xor),
    rmw_rule("exchange", rmw_operation::exchange),
    {"cas", opcode::cas, add, true, 2, all_orders, read_orders},
    {"wcas", opcode::wcas, add, true, 2, all_orders, read_orders},
    {"await", opcode::await, add, true, 1, read_orders, {}},
    {"await_ne", opcode::await, add, false, 1, read_orders, {}},
    {"await_cas", opcode::await_cas, add, true, 2, all_orders, {}},
}};

std::vector<std::string_view> names() {
    std::vector<std::string_view> result;
    for (const operation_rule& rule : operations) result.push_back(rule.name);
    return result;
}

}  // namespace

const std::span<const order> fence_orders{all_orders};

const operation_rule* find_operation(std::string_view name) noexcept {
    for (const operation_rule& rule : operations)
        if (rule.name == name) return &rule;
    return nullptr;
}

std::string operation_names() { return listed(names()); }

std::string operation_suggestion(std::string_view word) { return suggestion(word, names()); }

std::string order_suggestion(std::string_view word) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 5> standard{
        {{"relaxed", "rlx"},
         {"acquire", "acq"},
         {"release", "rel"},
         {"acq_rel", "acqrel"},
         {"seq_cst", "sc"}}};
    for (const auto& [long_name, name] : standard)
        if (word == long_name) return "; did you mean " + in_quotes(name) + '?';
    constexpr std::array<std::string_view, 6> known{"na", "rlx", "acq", "rel", "acqrel", "sc"};
    for (const std::string_view name : known)
        if (word == name) return {};  // an order, but not for this operation: the list says it all
    return suggestion(word, known);
}

}  // namespace heddle::litmus
