// What to say of two operations on an atomic that would have ordered more than themselves, had they
// synchronized: where they stand, what they lack, what would mend it.
#pragma once

#include <string>

#include "causality.hpp"
#include "report_writer.hpp"

namespace heddle::checkers {

// Labels the write whose value reached the read, and the read unless its line says so already.
void label_missed(report_writer& w, const near_miss& m);

// "`main` sees the new `sent` (races.cpp:19, step 5), but need not see what `sender` did before it:
// the load acquires, but the store it reads from is relaxed, so it synchronizes with nothing".
std::string missed_text(const report_writer& w, const near_miss& m);

// "store with `std::memory_order_release` at races.cpp:17"; empty if a place is not known.
std::string advice_on(const report_writer& w, const near_miss& m);

}  // namespace heddle::checkers
