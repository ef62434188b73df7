// The strategies that sample: an execution depends on its seed and its number.
#include <algorithm>

#include "campaign.hpp"
#include "search_limits.hpp"

namespace heddle::scheduler {

void campaign::prepare_sample(std::uint64_t execution) {
    engine& e = *engine_;
    const bool pct = is_of_pct(execution);
    e.learns_ = e.watch_spins_ = false;
    e.begin_forward(pct ? mode::pct : mode::random);
    e.random_.reseed(options_.seed, execution);
    if (!pct) return;
    e.change_points_.clear();
    const unsigned depth =
        pct_ && pct_->depth ? pct_->depth : 1 + static_cast<unsigned>(execution / 2 % 3);
    for (unsigned k = 1; k < depth; ++k)
        e.change_points_.push_back(1 + e.random_.below(learnt_steps_));
    std::sort(e.change_points_.begin(), e.change_points_.end());
    e.next_change_ = 0;
    e.lowest_priority_ = 0x7fff'ffff;
    e.threads_[0].priority = 0x8000'0000U + e.random_.below(0x4000'0000U);
}

bool campaign::sample_one(engine::next_run next) {
    for (;;) {
        engine& e = *engine_;
        const std::uint64_t execution = number_ - phase_begin_;
        prepare_sample(execution);
        const ending how = e.run(next);
        if (how == ending::restart) {
            ++result_.warm_ups;
            restart_needed(how);
            continue;
        }
        if (execution < learning_executions && is_of_pct(execution))
            learnt_steps_ = std::max(learnt_steps_, e.steps_);
        return book(how) && !(how == ending::complete && departs()) &&
               !(how == ending::cut && fails_when_fair());
    }
}

// Samples until the budget of steps is spent (0: until a limit, or 10,000 executions).
void campaign::sample(std::uint64_t budget, const strategy& s, bool alternate) {
    sampled_ = true;
    const std::uint64_t steps_end = budget ? sum_or_forever(result_.steps, budget) : forever;
    pct_ = std::get_if<strategies::pct>(&s);
    alternates_ = alternate;
    if (only_ && *only_ >= phase_begin_ + learning_executions) {
        // A sampler's execution depends on its number and on what was learnt, not on those between.
        const auto target = *only_;
        only_ = forever;  // none of them
        const result before = result_;
        while (number_ < phase_begin_ + learning_executions)
            if (!sample_one() && !options_.keep_going) break;
        result_ = before;
        only_ = target;
        number_ = target;
    }
    const bool limited = budget || options_.execution_limit || options_.time_limit.count();
    const std::uint64_t end = limited ? forever : phase_begin_ + 10'000;
    const auto next = [&] {
        return pct_ || alternate
                   ? engine::next_run{}
                   : run_on([](void* self) { return static_cast<campaign*>(self)->next_sample(); },
                            end, steps_end);
    };
    while (sample_one(next()) && !limits_reached() && number_ < end && result_.steps < steps_end) {
    }
}

bool campaign::next_sample() {
    if (!book_quietly()) return false;
    prepare_sample(number_ - phase_begin_);
    return true;
}

}  // namespace heddle::scheduler
