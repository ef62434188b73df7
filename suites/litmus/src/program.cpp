#include <heddle/litmus/program.hpp>

namespace heddle::litmus {
namespace {

// Signed overflow is undefined; the notation wraps around instead, as std::atomic's operations do.
std::int64_t wrapping_add(std::int64_t a, std::int64_t b) noexcept {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}
std::int64_t wrapping_subtract(std::int64_t a, std::int64_t b) noexcept {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}
std::int64_t wrapping_multiply(std::int64_t a, std::int64_t b) noexcept {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(b));
}

// The one quotient that does not fit is that of the smallest number and -1, so -1 is treated apart.
std::int64_t total_divide(std::int64_t a, std::int64_t b) noexcept {
    if (b == 0) return 0;
    return b == -1 ? wrapping_subtract(0, a) : a / b;
}
std::int64_t total_remainder(std::int64_t a, std::int64_t b) noexcept {
    return b == 0 || b == -1 ? 0 : a % b;
}

}  // namespace

std::string_view to_string(order o) noexcept {
    constexpr std::array<std::string_view, 6> names{"na", "rlx", "acq", "rel", "acqrel", "sc"};
    return names[static_cast<std::size_t>(o)];
}

std::int64_t apply(rmw_operation operation, std::int64_t seen, std::int64_t operand) noexcept {
    switch (operation) {
        case rmw_operation::add: return wrapping_add(seen, operand);
        case rmw_operation::sub: return wrapping_subtract(seen, operand);
        case rmw_operation::bit_or: return seen | operand;
        case rmw_operation::bit_and: return seen & operand;
        case rmw_operation::bit_xor: return seen ^ operand;
        case rmw_operation::exchange: break;
    }
    return operand;
}

std::int64_t apply(expression_kind kind, std::int64_t left, std::int64_t right) noexcept {
    switch (kind) {
        case expression_kind::constant:
        case expression_kind::reg: break;
        case expression_kind::logical_not: return left == 0;
        case expression_kind::negate: return wrapping_subtract(0, left);
        case expression_kind::add: return wrapping_add(left, right);
        case expression_kind::subtract: return wrapping_subtract(left, right);
        case expression_kind::multiply: return wrapping_multiply(left, right);
        case expression_kind::divide: return total_divide(left, right);
        case expression_kind::remainder: return total_remainder(left, right);
        case expression_kind::equal: return left == right;
        case expression_kind::not_equal: return left != right;
        case expression_kind::less: return left < right;
        case expression_kind::less_equal: return left <= right;
        case expression_kind::greater: return left > right;
        case expression_kind::greater_equal: return left >= right;
        case expression_kind::logical_and: return left != 0 && right != 0;
        case expression_kind::logical_or: return left != 0 || right != 0;
    }
    return 0;
}

std::int64_t evaluate_operator(const program& p, const expression_node& node,
                               const register_file& registers) noexcept {
    const std::int64_t left = evaluate(p, node.left, registers);
    const std::int64_t right = node.right == none ? 0 : evaluate(p, node.right, registers);
    return apply(node.kind, left, right);
}

location make_location(const program& p, base_index base, std::optional<std::int64_t> index) {
    const location_base& b = p.bases[base];
    location l{b.name, base, index, b.initial};
    if (index) {
        l.name += '[' + std::to_string(*index) + ']';
        if (auto own = b.initial_elements.find(*index); own != b.initial_elements.end())
            l.initial = own->second;
    }
    return l;
}

location_table::location_table(const program& p)
    : program_(p), locations_(p.locations), elements_(p.bases.size()) {
    for (std::size_t i = 0; i < locations_.size(); ++i) {
        const location& l = locations_[i];
        if (l.index) elements_[l.base].push_back({*l.index, static_cast<location_index>(i)});
    }
}

location_index location_table::find(base_index base, std::int64_t index) const noexcept {
    for (const element& e : elements_[base])
        if (e.index == index) return e.location;
    return none;
}

location_index location_table::add(base_index base, std::int64_t index) {
    const auto added = static_cast<location_index>(locations_.size());
    locations_.push_back(make_location(program_, base, index));
    elements_[base].push_back({index, added});
    grew_ = true;
    return added;
}

}  // namespace heddle::litmus
