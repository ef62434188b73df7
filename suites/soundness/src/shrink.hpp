// Delta debugging: the smallest program that can be found which still does what is looked for.
#pragma once

#include <chrono>
#include <functional>

#include "differential.hpp"
#include "program.hpp"

namespace heddle::soundness {

// Drops threads and statements, unwraps nested ones, and weakens operands, as long as `fails` holds
// of what is left; well-formed programs only are asked for. Ends with the patience too.
program shrink(program p, const std::function<bool(const program&)>& fails,
               std::chrono::seconds patience = std::chrono::seconds(30));

// The same difference in a smaller program, where it shows in a search of that program alone; else
// as it was.
difference shrink(const difference& d, const limits& l);

}  // namespace heddle::soundness
