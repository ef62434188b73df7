#include "observation.hpp"

#include <heddle/scheduler/explore.hpp>

#include <algorithm>
#include <sstream>
#include <tuple>
#include <vector>

#include "program_text.hpp"
#include "run_body.hpp"

namespace heddle::soundness {
namespace {

// Threads record when they end, in the order of the execution: which is no part of an outcome.
std::string sorted_parts(const std::string& outcome) {
    std::istringstream in(outcome);
    std::vector<std::string> parts;
    for (std::string part; in >> part;) parts.push_back(part);
    std::sort(parts.begin(), parts.end());
    std::string text;
    for (const std::string& part : parts) text += (text.empty() ? "" : " ") + part;
    return text;
}

bool leaves_the_middle(heddle::verdict v) {
    return v != heddle::verdict::ok && v != heddle::verdict::deadlock &&
           v != heddle::verdict::lost_notification;
}

// A search that takes so long is left out: it would end at another place when it runs again.
constexpr std::chrono::milliseconds patience = std::chrono::seconds(60);

heddle::options options_of(const setting& s) {
    heddle::options o;
    o.memory_model = s.model;
    o.spurious_bound = s.limits.spurious;
    o.early_timeout_bound = s.limits.early_timeouts;
    o.keep_going = true;
    o.progress = false;
    o.time_limit = patience;
    o.step_limit = 5'000;
    return o;
}

observation observe(const body& b, const heddle::options& o, telling much) {
    observation seen;
    try {
        scheduler::search_hooks quick;
        quick.shrink = false;
        const heddle::result r =
            much == telling::report
                ? heddle::explore(o, b)
                : scheduler::search(
                      o, [](void* data) { (*static_cast<const body*>(data))(); },
                      const_cast<body*>(&b), quick);
        seen.verdict = r.verdict;
        seen.exhausted = r.exhausted;
        seen.executions = r.executions;
        seen.deadlocks = r.deadlocks;
        seen.pruned = r.pruned;
        seen.steps = r.steps;
        for (const auto& [outcome, count] : r.outcomes)
            seen.outcomes[sorted_parts(outcome)] += count;
        for (const heddle::failure& f : r.failures) seen.verdicts.insert(f.verdict);
        if (r.failure) {
            seen.replay = r.failure->replay;
            seen.replay_keeps_going = r.failure->needs_keep_going;
        }
        const bool limited =
            o.execution_limit && r.executions + r.deadlocks + r.pruned >= o.execution_limit;
        seen.out_of_time = !r.exhausted && !limited && r.elapsed >= patience;
        seen.cut = leaves_the_middle(r.verdict) || (!r.exhausted && !limited && r.failure);
    } catch (const std::exception& e) {
        seen.error = e.what();
    }
    return seen;
}

}  // namespace

std::string to_string(const setting& s) {
    return std::string(heddle::to_string(s.model)) + ", spurious_bound " +
           std::to_string(s.limits.spurious) + ", early_timeout_bound " +
           std::to_string(s.limits.early_timeouts);
}

std::string to_string(const observation& o) {
    if (!o.error.empty()) return "exception: " + o.error + '\n';
    if (o.out_of_time) return "out of time\n";
    std::string text(heddle::to_string(o.verdict));
    text += o.exhausted ? ", exhausted" : o.cut ? ", cut by a failure" : ", not exhausted";
    text += ", " + std::to_string(o.executions) + " executions, " + std::to_string(o.deadlocks) +
            " deadlocks, " + std::to_string(o.pruned) + " pruned, " + std::to_string(o.steps) +
            " steps\n";
    for (const auto& [outcome, count] : o.outcomes)
        text += "    " + outcome + "  (" + std::to_string(count) + ")\n";
    if (o.replay.size() > 200)
        text += "    replay " + o.replay.substr(0, 200) + "...\n";
    else if (!o.replay.empty())
        text += "    replay " + o.replay + '\n';
    return text;
}

std::string to_string(const state_space& s) {
    std::string text = std::to_string(s.states) + " states";
    for (const std::string& f : s.findings) text += ", " + f;
    text += '\n';
    for (const std::string& outcome : s.outcomes) text += "    " + outcome + '\n';
    return text;
}

bool observation::same_search(const observation& other) const {
    const auto tied = [](const observation& o) {
        return std::tie(o.error, o.verdict, o.exhausted, o.cut, o.executions, o.deadlocks, o.pruned,
                        o.steps, o.outcomes);
    };
    return tied(*this) == tied(other);
}

observation explore_program(const body& b, const setting& s, const heddle::strategy& how,
                            std::uint64_t execution_limit, telling much) {
    heddle::options o = options_of(s);
    o.strategy = how;
    o.execution_limit = execution_limit;
    return observe(b, o, much);
}

observation replay_program(const body& b, const setting& s, const observation& found) {
    heddle::options o = options_of(s);
    o.replay = found.replay;
    o.keep_going = found.replay_keeps_going;
    return observe(b, o, telling::verdict_only);
}

}  // namespace heddle::soundness
