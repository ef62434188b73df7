#include "stuck_threads.hpp"

#include <algorithm>

namespace heddle::checkers {
namespace {

constexpr std::size_t most_described = 4;

}  // namespace

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
