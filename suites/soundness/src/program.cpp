#include "program.hpp"

#include <algorithm>

namespace heddle::soundness {

bool holds(comparison c, int value, int expected) noexcept {
    switch (c) {
        case comparison::equal: return value == expected;
        case comparison::not_equal: return value != expected;
        case comparison::at_least: return value >= expected;
        case comparison::below: return value < expected;
    }
    return false;
}

unsigned slots_of(const block& thread) {
    int last = -1;
    for_each(thread, [&](const statement& s) {
        const bool two =
            s.what == kind::compare_exchange_strong || s.what == kind::compare_exchange_weak;
        last = std::max({last, s.slot + (two && s.slot >= 0), s.value.slot});
    });
    return static_cast<unsigned>(last + 1);
}

std::size_t size_of(const program& p) {
    std::size_t n = 0;
    for_each_statement(p, [&](const statement&) { ++n; });
    return n;
}

}  // namespace heddle::soundness
