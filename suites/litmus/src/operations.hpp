// The operations on a location and the orders each of them may have.
#pragma once

#include <heddle/litmus/program.hpp>
#include <span>
#include <string>
#include <string_view>

namespace heddle::litmus {

struct operation_rule {
    std::string_view name;
    opcode code;
    rmw_operation rmw;
    bool equal;  // await or await_ne
    int values;  // before the orders
    std::span<const order> orders;
    std::span<const order> failure_orders;  // empty: the operation has none
};

// As for std::atomic: a load cannot release, a store cannot acquire, a failing CAS only reads. Only
// a load and a store can be plain. A fence of order rlx has no effect.
extern const std::span<const order> fence_orders;

const operation_rule* find_operation(std::string_view name) noexcept;
std::string operation_names();

// "; did you mean 'store'?" or nothing.
std::string operation_suggestion(std::string_view word);
// The same for orders; knows the names of std::memory_order too.
std::string order_suggestion(std::string_view word);

}  // namespace heddle::litmus
