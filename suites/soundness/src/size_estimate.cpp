#include "size_estimate.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "instructions.hpp"

namespace heddle::soundness {
namespace {

bool is_seen(action a) { return a < action::join && a != action::wait_block; }

// Steps of a thread, those of a loop with each round that may be needed.
double steps_of(const code& c) {
    double steps = 0;
    for (const instruction& i : c.instructions) {
        if (!is_seen(i.what)) continue;
        const kind k = i.of->what;
        const bool loops = k == kind::poll || k == kind::poll_update || k == kind::poll_guard ||
                           k == kind::poll_var;
        steps += loops ? i.of->tries ? 0.6 * i.of->tries : 1.5 : 1;
    }
    return steps;
}

}  // namespace

double orders_of_steps(const program& p) {
    const std::vector<code> all = compile(p);
    double sum = 0, log_orders = 0;
    for (const code& c : all) {
        const double steps = steps_of(c);
        sum += steps;
        log_orders -= std::lgamma(steps + 1);
    }
    return std::exp(log_orders + std::lgamma(sum + 1));
}

}  // namespace heddle::soundness
