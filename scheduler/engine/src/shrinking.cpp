#include "shrinking.hpp"

#include <algorithm>
#include <array>

namespace heddle::scheduler {

wished_schedule schedule_of(const engine& e) {
    wished_schedule s;
    std::array<std::uint16_t, max_threads> counts{};
    std::vector<std::uint16_t> number;  // of each step, among those of its thread
    for (unsigned k = 0; k < e.steps_; ++k) {
        const auto thread = static_cast<std::uint8_t>(e.threads_[e.order_[k]].created_as);
        s.steps.push_back(thread);
        number.push_back(++counts[thread]);
    }
    for (const made_choice& c : e.choices_)
        if (c.step < s.steps.size())
            s.choices.push_back({s.steps[c.step], number[c.step], c.ordinal, c.value});
    return s;
}

shrinker::shrinker(const options& o, body_function body, void* data, unsigned words,
                   bool unlimited_weak_failures, polled_sites* sites, failure_signature wanted,
                   double share)
    : most_runs_(static_cast<unsigned>(most_runs * share)),
      most_steps_(static_cast<std::uint64_t>(most_steps * share)),
      engine_(o, body, data, words),
      wanted_(std::move(wanted)) {
    engine_.unlimited_weak_failures_ = unlimited_weak_failures;
    engine_.watch_spins_ = true;
    engine_.sites_ = sites;
    engine_.speculates_ = true;
    if (o.keep_going) engine_.passed_.wanted = &wanted_;
}

std::optional<wished_schedule> shrinker::shrink(const wished_schedule& from) {
    if (!improves(from)) return std::nullopt;
    const score first = *best_score_;
    search_with_fewer_preemptions();
    while (!spent() && (cut_short() || draw_together() || drop_choices())) {
    }
    if (!(*best_score_ < first)) return std::nullopt;
    return best_;
}

ending shrinker::run(mode m) {
    ++runs_;
    engine_.begin_forward(m);
    const ending how = engine_.run();
    steps_ += engine_.steps_;
    // Where a schedule that was only tried ends like that, no more are tried.
    const trace::stop why = engine_.finding_.why;
    if (how == ending::failed && why != wanted_.why &&
        (why == trace::stop::crash || why == trace::stop::endless_loop))
        runs_ = most_runs_;
    return how;
}

bool shrinker::fails_as_wanted(ending how) const {
    return (how == ending::failed || how == ending::stuck) && has_found(engine_, wanted_);
}

bool shrinker::improves(const wished_schedule& s) {
    engine_.wish_ = &s;
    if (!fails_as_wanted(run(mode::tolerant))) return false;
    wished_schedule done = schedule_of(engine_);
    score now{engine_.preemptions_ + engine_.disguised_preemptions_, engine_.disguised_preemptions_,
              0, done.steps.size(), done.choices.size()};
    for (std::size_t k = 1; k < done.steps.size(); ++k)
        now.switches += done.steps[k] != done.steps[k - 1];
    if (best_score_ && !(now < *best_score_)) return false;
    best_score_ = now;
    best_ = std::move(done);
    return true;
}

// The first failure that a search with the least bound finds; the whole search, where it is small,
// shows that there is none with fewer. Interleavings first: a failure that needs no older value
// reads best without.
void shrinker::search_with_fewer_preemptions() {
    const memory_model model = engine_.options_.memory_model;
    for (unsigned bound = 0; bound <= best_score_->preemptions; ++bound) {
        const bool fewer = bound < best_score_->preemptions;
        if ((fewer || best_score_->disguised) && model != memory_model::sc &&
            search_within(bound, memory_model::sc))
            return;
        if (!fewer || search_within(bound, model)) return;
    }
}

// True if there is no need, or no budget, to look further.
bool shrinker::search_within(unsigned bound, memory_model model) {
    const memory_model own = engine_.options_.memory_model;
    engine_.options_.preemption_bound = bound;
    engine_.dfs_.clear();
    do {
        engine_.rules_.set_model(model);
        const ending how = run(mode::depth_first);
        engine_.rules_.set_model(own);
        if (how == ending::restart) return true;
        if (fails_as_wanted(how) && improves(schedule_of(engine_))) return true;
        // Half of the budget is left to what comes after.
        if (runs_ >= most_runs_ / 2 || steps_ >= most_steps_ / 2) return true;
    } while (engine_.next_depth_first());
    return false;
}

namespace {

struct block {
    std::uint8_t thread;
    std::size_t length;
};

std::vector<block> blocks_of(const std::vector<std::uint8_t>& steps) {
    std::vector<block> blocks;
    for (const std::uint8_t t : steps) {
        if (blocks.empty() || blocks.back().thread != t) blocks.push_back({t, 0});
        ++blocks.back().length;
    }
    return blocks;
}

std::vector<std::uint8_t> steps_of(const std::vector<block>& blocks) {
    std::vector<std::uint8_t> steps;
    for (const block& b : blocks) steps.insert(steps.end(), b.length, b.thread);
    return steps;
}

}  // namespace

// Two runs of steps of one thread become one: the later comes earlier, or the earlier waits.
bool shrinker::draw_together() {
    const std::vector<block> blocks = blocks_of(best_.steps);
    for (std::size_t i = 0; i + 2 < blocks.size(); ++i) {
        std::size_t j = i + 2;
        while (j < blocks.size() && blocks[j].thread != blocks[i].thread) ++j;
        if (j == blocks.size()) continue;
        for (const bool earlier : {true, false}) {
            if (spent()) return false;
            std::vector<block> moved = blocks;
            const auto at = [&](std::size_t k) {
                return moved.begin() + static_cast<std::ptrdiff_t>(k);
            };
            if (earlier)
                std::rotate(at(i + 1), at(j), at(j + 1));
            else
                std::rotate(at(i), at(i + 1), at(j));
            if (improves({steps_of(moved), best_.choices})) return true;
        }
    }
    return false;
}

// The least beginning after which every thread may run until it waits.
bool shrinker::cut_short() {
    const std::vector<block> blocks = blocks_of(best_.steps);
    std::size_t kept = 0;
    for (std::size_t k = 0; k + 1 < blocks.size(); ++k) {
        if (spent()) return false;
        kept += blocks[k].length;
        if (improves(
                {{best_.steps.begin(), best_.steps.begin() + static_cast<std::ptrdiff_t>(kept)},
                 best_.choices}))
            return true;
    }
    return false;
}

bool shrinker::drop_choices() {
    for (std::size_t k = 0; k < best_.choices.size(); ++k) {
        if (spent()) return false;
        wished_schedule without = best_;
        without.choices.erase(without.choices.begin() + static_cast<std::ptrdiff_t>(k));
        if (improves(without)) return true;
    }
    return false;
}

}  // namespace heddle::scheduler
