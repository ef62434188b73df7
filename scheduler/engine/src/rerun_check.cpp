#include "rerun_check.hpp"

#include <heddle/trace/operation.hpp>

#include <algorithm>

namespace heddle::scheduler {
namespace {

void take_prints(const engine& e, std::vector<event_print>& prints) {
    prints.clear();
    for (event_index i = 0; i < e.graph_->size; ++i) {
        const event& x = (*e.graph_)[i];
        // That a thread goes on to poll where nothing else can run: a replay is just told to.
        if (x.kind != barrier_event || x.op != operation::yield) prints.push_back(print_of(x));
    }
}

}  // namespace

event_print print_of(const event& e) noexcept {
    return {e.op, e.thread, e.kind, e.orders, e.object};
}

std::string difference_of(const event_print& before, const event_print& now) {
    if (before.op != now.op)
        return std::string(name_of(now.op)) + " instead of " + std::string(name_of(before.op));
    if (before.thread != now.thread) return std::string(name_of(now.op)) + " by another thread";
    if (before.object != now.object) return std::string(name_of(now.op)) + " on another object";
    if (before.orders != now.orders)
        return std::string(name_of(now.op)) + " with another memory order";
    return std::string(name_of(now.op)) + " with another outcome";
}

bool rerun_check::did_the_same(const engine& e) {
    take_prints(e, again_);
    return again_ == events_;
}

bool rerun_check::passes(engine& e) {
    if (!steps_.capacity()) {  // once: a search that goes on allocates nothing
        steps_.reserve(e.step_limit_);
        choices_.reserve(e.step_limit_);
        events_.reserve(e.step_limit_ + graph_slack);
        again_.reserve(e.step_limit_ + graph_slack);
    }
    steps_.clear();
    choices_.clear();
    for (unsigned k = 0; k < e.steps_; ++k)
        steps_.push_back(static_cast<std::uint8_t>(e.threads_[e.order_[k]].created_as));
    for (const made_choice& c : e.choices_) choices_.push_back({c.step, c.ordinal, c.value});
    take_prints(e, events_);

    e.replay_steps_ = &steps_;
    e.replay_choices_ = &choices_;
    e.begin_forward(mode::replay);
    const ending how = e.run();
    // A static that came into being in this very run says nothing.
    if (how == ending::restart) return true;
    take_prints(e, again_);
    if (how == ending::complete && again_ == events_) return true;
    const auto [before, now] =
        std::mismatch(events_.begin(), events_.end(), again_.begin(), again_.end());
    if (before != events_.end() && now != again_.end())
        difference_ = difference_of(*before, *now);
    else if (how == ending::complete)
        difference_ = "it ended after " + std::to_string(again_.size()) + " events instead of " +
                      std::to_string(events_.size());
    else
        difference_ = "it did not come to its end";
    return false;
}

}  // namespace heddle::scheduler
