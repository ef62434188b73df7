#include "stuck_threads.hpp"

#include <algorithm>

namespace heddle::checkers {
namespace {

constexpr std::size_t most_described = 4;

}  // namespace

unsigned first_step_of_wait(const execution_trace& trace, int t) {
    const trace::thread_end& end = trace.ends[t];
    if (!is_wait(end.waiting_in)) return end.since;
    const event* const entry = last_event(trace, [&](const event& e) {
        return e.thread == t && e.object == end.object && e.step <= end.since &&
               e.op == operation::wait_enqueue;
    });
    if (!entry) return end.since;
    const int atomic = trace::atomic_waited_on(trace, end.object);
    const event* const before =
        last_event(trace, [&](const event& e) { return e.thread == t && e.step < entry->step; });
    const bool looked = before && atomic != none && before->object == atomic &&
                        before->op == operation::load && before->where == entry->where;
    return looked ? before->step : entry->step;
}

void note_other_threads(report_writer& w, const std::vector<int>& explained,
                        const std::string& lead) {
    const execution_trace& trace = w.trace();
    std::vector<std::string> waiting, ended;
    std::size_t left_out = 0;
    for (int t = 0; t < static_cast<int>(trace.ends.size()); ++t) {
        if (std::find(explained.begin(), explained.end(), t) != explained.end()) continue;
        const trace::thread_end& end = trace.ends[t];
        if (end.state == trace::thread_state::exited) {
            ended.push_back(w.thread(t));
        } else if (const std::string what = w.waiting(t); !what.empty()) {
            if (waiting.size() == most_described) {
                ++left_out;
            } else {
                w.mention(t);
                waiting.push_back(w.thread(t) + ' ' + what +
                                  (end.where.known() ? " (" + w.at(end.where) + ')' : ""));
            }
        } else {
            waiting.push_back(w.thread(t) + " can still run");
        }
    }
    if (left_out > 0) waiting.push_back(std::to_string(left_out) + " other threads wait too");
    if (!ended.empty() && ended.size() <= most_described) {
        waiting.push_back(listed(ended) + (ended.size() == 1 ? " has ended" : " have ended"));
    } else if (!ended.empty()) {
        waiting.push_back(std::to_string(ended.size()) + " threads have ended");
    }
    std::string text;
    for (const std::string& part : waiting) text += (text.empty() ? "" : "; ") + part;
    if (!text.empty()) w.note(lead + text);
}

}  // namespace heddle::checkers
