// The finding `lost-notification`: a thread waits for a state that holds; only the notification
// that would have woken it is missing.
//
//   trace::diagnostic d = checkers::explain_lost_notification(trace);
//
// That the state holds is decided by the search, which wakes the waiter once more and sees whether
// it goes on. The report says where the notification went: it came before the wait; it woke a
// waiter that could not use it and went back to sleep; it woke one thread where two could go on; or
// the state was changed and nobody notified.
#pragma once

#include <heddle/trace/diagnostic.hpp>

namespace heddle::checkers {

// Requires: `trace.passing_waiter` waits on a condition variable or an atomic when the trace ends.
trace::diagnostic explain_lost_notification(const trace::execution_trace& trace);

}  // namespace heddle::checkers
