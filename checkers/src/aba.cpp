#include "aba.hpp"

#include "stuck_threads.hpp"

namespace heddle::checkers {
namespace {

bool is_exchange(const event& e) {
    return e.writes && e.reads &&
           (e.op == operation::compare_exchange_strong || e.op == operation::compare_exchange_weak);
}

}  // namespace

void note_aba(report_writer& w) {
    const execution_trace& trace = w.trace();
    for (auto exchange = trace.events.rbegin(); exchange != trace.events.rend(); ++exchange) {
        if (!is_exchange(*exchange)) continue;
        // The read that the expected value came from: the last of this thread with that value.
        const event* const read = last_event(trace, [&](const event& e) {
            return e.thread == exchange->thread && e.object == exchange->object && e.reads &&
                   e.step < exchange->step && e.before == exchange->before && !e.blocked;
        });
        if (!read || (read->writes && read->after != read->before)) continue;
        // In between another thread wrote a different value.
        const event* const change = last_event(trace, [&](const event& e) {
            return e.thread != exchange->thread && e.object == exchange->object && e.writes &&
                   e.step > read->step && e.step < exchange->step && e.after != exchange->before;
        });
        if (!change) continue;
        w.involve(*exchange);
        w.involve(*change);
        w.note("ABA: " + w.thread(exchange->thread) + " read " +
               w.value(exchange->object, exchange->before) + " from " + w.object(exchange->object) +
               " (" + w.at(*read) + ") and exchanged it (" + w.at(*exchange) +
               "), but in between " + w.thread(change->thread) + " had changed it to " +
               w.value(change->object, change->after) + " (" + w.at(*change) + ") and back");
        return;
    }
}

}  // namespace heddle::checkers
