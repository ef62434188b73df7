// What a search says of itself, in one line.
#include "campaign.hpp"

namespace heddle::scheduler {

void campaign::summarise() {
    std::string& s = result_.summary;
    if (!how_.empty())
        s = how_;
    else if (!findings_.empty())
        s = "failed";
    else if (result_.exhausted)
        s = "proved: every behaviour visited";
    else if (only_)
        s = "replayed one execution";
    else
        s = sampled_ ? "sampled" : "stopped before the search was complete";
    if (!findings_.empty()) {
        if (options_.keep_going) s += findings_.summary();
        if (result_.exhausted) s += ", every behaviour visited";
    }
    s += ", " + std::to_string(result_.executions) +
         (result_.executions == 1 ? " execution" : " executions");
    if (result_.deadlocks) s += ", " + std::to_string(result_.deadlocks) + " blocked for good";
    if (result_.pruned) s += ", " + std::to_string(result_.pruned) + " dropped";
    s += ", " + std::string(to_string(options_.memory_model)) + " memory model";
    if (options_.preemption_bound &&
        std::holds_alternative<strategies::depth_first>(options_.strategy))
        s += ", at most " + std::to_string(*options_.preemption_bound) +
             (*options_.preemption_bound == 1 ? " preemption" : " preemptions");
    const unsigned spurious = proved_spurious_ ? 1 : spurious_bound_;
    s += ", " + std::to_string(spurious) +
         (spurious == 1 ? " spurious wakeup" : " spurious wakeups");
    if (cut_)
        s += ", " + std::to_string(cut_) + " cut at " + std::to_string(options_.step_limit) +
             " steps";
    if (sites_.bounds())
        s += ", endless loops bounded at " + std::to_string(options_.unproductive_bound) +
             (options_.unproductive_bound == 1 ? " unproductive round" : " unproductive rounds");
    if (has_timed_waits_)
        s += ", " + std::to_string(options_.early_timeout_bound) +
             (options_.early_timeout_bound == 1 ? " early timeout" : " early timeouts") +
             " a thread";
    const heap::outlived kept = heap::kept_blocks();
    if (kept.blocks > kept_before_.blocks) {
        const std::size_t blocks = kept.blocks - kept_before_.blocks;
        s += ", " + std::to_string(blocks) +
             (blocks == 1 ? " block outlives its execution" : " blocks outlive their executions");
    }
}

}  // namespace heddle::scheduler
