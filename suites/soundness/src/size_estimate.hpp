// How long a search of all orders of steps would take.
#pragma once

#include "program.hpp"

namespace heddle::soundness {

// About so many executions of `depth_first` under sc: the orders of the steps that threads see of
// each other, as if nobody waited for anybody. Loops count with a few rounds.
double orders_of_steps(const program& p);

}  // namespace heddle::soundness
