// The loop over executions: runs strategies within their budgets, and has what they find explained.
#include <heddle/scheduler/explore.hpp>
#include <heddle/scheduler/heap.hpp>

#include <algorithm>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <unordered_set>
#include <utility>

#include "crash_watch.hpp"
#include "engine.hpp"
#include "explanation.hpp"
#include "fair_run.hpp"
#include "kept_findings.hpp"
#include "loop_watch.hpp"
#include "progress_line.hpp"
#include "rerun_check.hpp"
#include "search_limits.hpp"
#include "starvation_search.hpp"

namespace heddle::scheduler {
namespace {

using clock_type = std::chrono::steady_clock;

// The engine of the last search of this OS thread: its stacks and graphs cost more than a small
// search.
std::unique_ptr<engine>& idle_engine() {
    static thread_local std::unique_ptr<engine> idle;
    return idle;
}

class campaign {
public:
    campaign(const options& o, body_function body, void* data, const search_hooks& hooks)
        : options_(o),
          body_(body),
          data_(data),
          hooks_(hooks),
          findings_(body, data, hooks),
          started_(clock_type::now()),
          number_(hooks.progress ? hooks.progress->number : own_progress_.number),
          line_(o.progress, started_) {
        make_engine(1);
    }

    result run();

private:
    enum class outcome { exhausted, budget, stopped };

    void make_engine(unsigned words);
    bool limits_reached();
    double explored_share() const;
    // Books one run that ended; false: the search stops here.
    bool book(ending e);
    bool restart_needed(ending e);
    // True if the execution that was just booked is due for a second run, and differs there: then
    // the search has failed.
    bool departs() {
        return rerun_check::is_due(result_.executions) && findings_.empty() && differs_again();
    }
    [[gnu::cold]] bool differs_again();
    // The last run did not come to an end of its own: what it would have done is not explored.
    bool left_unfinished() const { return engine_->passed_.unfinished; }
    // The last run was left in the middle of anything, so the engine is not used again.
    bool left_outright() const {
        const trace::stop why = engine_->finding_.why;
        return why == trace::stop::crash || why == trace::stop::endless_loop;
    }
    outcome when_all_visited();
    outcome exhaustive(std::uint64_t budget);
    outcome depth_first();
    void sample(std::uint64_t budget, const strategy& s, bool alternate);
    void prepare_sample(std::uint64_t execution, bool pct, unsigned depth);
    bool sample_one(const strategies::pct* pct, bool alternate, engine::next_run next = {});
    template <bool (campaign::*Next)()>
    engine::next_run run_on(std::uint64_t end, std::uint64_t steps_end);
    bool book_quietly();
    bool next_sample();
    bool next_proof();
    bool is_new_graph();
    void automatic();
    void replay();
    // Where a bound was reached, the first time: whether a schedule that is fair keeps a thread out
    // for ever, or ends as little. Then the search has failed, and stops unless it is to go on.
    [[gnu::cold]] bool starves(bool cut);
    // An execution was cut at the step limit, the first time. If a fair one does not end either,
    // the search has failed.
    [[gnu::cold]] bool fails_when_fair();
    options explained_options() const;
    void keep_findings(engine& of, ending e);
    void summarise();

    options options_;
    body_function body_;
    void* data_;
    const search_hooks& hooks_;
    std::unique_ptr<engine> engine_;
    result result_;
    kept_findings findings_;
    clock_type::time_point started_;
    const heap::outlived kept_before_ = heap::kept_blocks();
    search_progress own_progress_;
    std::uint64_t& number_;              // of the next execution, over all phases
    std::uint64_t phase_begin_ = 0;      // number of the first execution of this phase
    std::optional<std::uint64_t> only_;  // replay by seed: the execution to stop at
    std::uint32_t learnt_steps_ = 32;    // pct: length of the longest execution seen while learning
    // While executions follow each other: the numbers of executions and of steps that end this.
    std::uint64_t quiet_end_ = 0, quiet_steps_end_ = 0;
    bool no_graph_left_ = false;
    unsigned spurious_bound_ = 0;
    bool sampled_ = false;
    bool proved_spurious_ = false;
    bool has_timed_waits_ = false;
    bool looked_for_starvation_ = false, looked_at_a_fair_run_ = false;
    std::uint64_t cut_ = 0;  // executions that ended at the step limit, and were not fair
    bool unfinished_failures_ = false;  // keep_going left an execution in its middle
    bool watch_spins_ = false;
    polled_sites sites_;
    std::string how_;
    rerun_check rerun_;
    progress_line line_;
#ifndef NDEBUG
    std::unordered_set<std::uint64_t> graphs_;
#endif
};

void campaign::make_engine(unsigned words) {
    options o = options_;
    o.spurious_bound = spurious_bound_ = options_.spurious_bound;
    if (idle_engine() && idle_engine()->fits(o, words)) {
        engine_ = std::move(idle_engine());
        engine_->adopt(o, body_, data_);
    } else {
        engine_ = std::make_unique<engine>(o, body_, data_, words);
    }
    engine_->unlimited_weak_failures_ = hooks_.unlimited_weak_failures;
    engine_->watch_spins_ = watch_spins_;
    engine_->sites_ = &sites_;
    engine_->learns_ = true;
    engine_->passed_.known = &findings_.known();
}

// Of what the search may do in all; negative: not known.
double campaign::explored_share() const {
    if (!sampled_) return engine_->explored_share();
    if (options_.execution_limit)
        return static_cast<double>(number_ - phase_begin_) /
               static_cast<double>(options_.execution_limit);
    if (options_.time_limit.count())
        return std::chrono::duration<double>(clock_type::now() - started_) / options_.time_limit;
    return -1;
}

bool campaign::limits_reached() {
    const bool looks = is_due_for_a_look(number_);
    if (looks) line_.at(number_, explored_share());
    if (options_.execution_limit &&
        result_.executions + result_.deadlocks + result_.pruned >= options_.execution_limit)
        return true;
    return options_.time_limit.count() && looks &&
           clock_type::now() - started_ >= options_.time_limit;
}

bool campaign::book(ending e) {
    ++number_;
    result_.steps += engine_->steps_;
    switch (e) {
        case ending::complete: ++result_.executions; break;
        case ending::stuck: ++result_.deadlocks; break;
        case ending::failed: ++result_.executions; break;
        case ending::cut: ++cut_; [[fallthrough]];
        default: ++result_.pruned;
    }
    const bool counts = e == ending::complete || e == ending::stuck;
    if (counts && !engine_->outcome_parts_.empty() && !engine_->passed_.raced) {
        std::string text;
        for (const std::string& part : engine_->outcome_parts_)
            text += (text.empty() ? "" : " ") + part;
        ++result_.outcomes[text];
    }
    if (counts && hooks_.on_execution) hooks_.on_execution(hooks_.data, e == ending::complete);
    if (e != ending::complete) {
        keep_findings(*engine_, e);
        const bool failed = e == ending::failed || e == ending::stuck;
        if (failed && (!options_.keep_going || left_outright())) return false;
        if (left_unfinished()) unfinished_failures_ = true;
    }
    return !(only_ && number_ > *only_);
}

void campaign::keep_findings(engine& of, ending e) {
    if (only_ && number_ <= *only_) return;  // this one is not asked for
    const bool dropped = e == ending::dropped || e == ending::redundant;
    const auto explain = [&](const finding& f, const failure_signature& signature) {
        findings_.explain(explained_options(), of, f, signature, number_ - 1);
    };
    if (options_.keep_going) {
        for (const auto& [f, signature] : of.passed_.noted)
            // What ends an execution otherwise is one, whatever is assumed later.
            if (!dropped || f.why != trace::stop::assertion) explain(f, signature);
    } else if (e == ending::failed || e == ending::stuck) {
        explain(of.finding_, signature_of(of));
    }
}

options campaign::explained_options() const {
    options o = options_;
    o.spurious_bound = spurious_bound_;
    return o;
}

bool campaign::differs_again() {
    ++result_.repeats;
    if (rerun_.passes(*engine_)) return false;
    explanation x(explained_options(), body_, data_, hooks_);
    x.compare(rerun_, engine_->words_);
    findings_.keep(x.take_failure(), options_, number_ - 1);
    return true;
}

// Wider clocks, or reads to be watched: what was counted so far was a warm-up.
bool campaign::restart_needed(ending e) {
    if (e != ending::restart) return false;
    const unsigned words = engine_->wanted_words_ ? engine_->wanted_words_ : engine_->words_;
    watch_spins_ = engine_->watch_spins_;
    make_engine(words);
    return true;
}

// Each graph comes once. Loops that were only shown to repeat themselves have no canonical length,
// and after a race a graph need not be what it was.
bool campaign::is_new_graph() {
#ifndef NDEBUG
    if (engine_->mode_ == mode::exhaustive && !watch_spins_ && !engine_->passed_.has_raced &&
        graphs_.size() < 1'000'000)
        return graphs_.insert(engine_->graph_hash()).second;
#endif
    return true;
}

// Executions that leave nothing to do but to count them follow each other without a return, until
// one is due to be looked at, or the search has made `steps_end` steps or is about to book number
// `end`. (A second run is due for samples only; a return more is harmless.)
template <bool (campaign::*Next)()>
engine::next_run campaign::run_on(std::uint64_t end, std::uint64_t steps_end) {
    if (only_ || hooks_.on_execution) return {};
    const auto in = [&](std::uint64_t executions) { return sum_or_forever(number_, executions); };
    const std::uint64_t done = result_.executions + result_.deadlocks + result_.pruned;
    quiet_end_ =
        std::min({end, next_look(number_), in(rerun_check::until_due(result_.executions)),
                  options_.execution_limit ? in(options_.execution_limit - done) : forever});
    quiet_steps_end_ = steps_end;
    return {[](void* self) { return (static_cast<campaign*>(self)->*Next)(); }, this};
}

// The search has no graph left: was everything visited? If no execution came to its end, the body
// is longer than the step limit, whoever runs first.
campaign::outcome campaign::when_all_visited() {
    if (cut_ && !result_.executions && !result_.deadlocks && findings_.empty()) {
        engine_->dfs_.clear();
        if (engine_->mode_ == mode::exhaustive)
            engine_->begin_exhaustive();
        else
            engine_->begin_forward(mode::depth_first);
        engine_->run();
        findings_.explain(explained_options(), *engine_, engine_->finding_, signature_of(*engine_),
                          number_ - 1);
        return outcome::stopped;
    }
    return unfinished_failures_ || cut_ ? outcome::budget : outcome::exhausted;
}

campaign::outcome campaign::exhaustive(std::uint64_t budget) {
    const result before = result_;
    const std::uint64_t steps_end = sum_or_forever(before.steps, budget);
again:
    engine_->begin_exhaustive();
    no_graph_left_ = false;
    for (;;) {
        const ending e = engine_->run(run_on<&campaign::next_proof>(forever, steps_end));
        if (no_graph_left_) return when_all_visited();
        if (e == ending::again) continue;
        if (e == ending::restart) {
            const std::uint64_t wasted = result_.executions + result_.deadlocks + result_.pruned +
                                         result_.warm_ups + 1 - before.executions -
                                         before.deadlocks - before.pruned - before.warm_ups;
            restart_needed(e);
            result_ = before;
            result_.warm_ups = before.warm_ups + wasted;
            ++number_;  // numbers go on, so that seed:execution means the same run again
            if (hooks_.on_restart) hooks_.on_restart(hooks_.data);
#ifndef NDEBUG
            graphs_.clear();
#endif
            if (sites_.bounds() && starves(false)) return outcome::stopped;
            goto again;
        }
        if ((e == ending::complete || e == ending::stuck) && !is_new_graph())
            throw std::logic_error("heddle: an execution graph was visited twice");
        if (!book(e) || (e == ending::cut && starves(true))) return outcome::stopped;
        if (e != ending::complete && !left_unfinished()) engine_->push_probes();
        if (!engine_->next_graph()) return when_all_visited();
        if (result_.steps >= steps_end) return outcome::budget;
        if (limits_reached()) return outcome::stopped;
    }
}

campaign::outcome campaign::depth_first() {
    const result before = result_;
    for (;;) {
        engine_->begin_forward(mode::depth_first);
        const ending e = engine_->run();
        if (e == ending::again) continue;
        if (e == ending::restart) {
            const std::uint64_t wasted =
                result_.executions + result_.deadlocks + result_.pruned + 1;
            restart_needed(e);
            result_ = before;
            result_.warm_ups += wasted;
            ++number_;
            if (hooks_.on_restart) hooks_.on_restart(hooks_.data);
            if (sites_.bounds() && starves(false)) return outcome::stopped;
            continue;
        }
        if (!book(e) || (e == ending::complete && departs()) || (e == ending::cut && starves(true)))
            return outcome::stopped;
        if (!engine_->next_depth_first()) return when_all_visited();
        if (limits_reached()) return outcome::stopped;
    }
}

void campaign::prepare_sample(std::uint64_t execution, bool pct, unsigned depth) {
    engine& e = *engine_;
    e.learns_ = e.watch_spins_ = false;
    e.begin_forward(pct ? mode::pct : mode::random);
    e.random_.reseed(options_.seed, execution);
    if (!pct) return;
    e.change_points_.clear();
    const unsigned changes = depth - 1;
    for (unsigned k = 0; k < changes; ++k)
        e.change_points_.push_back(1 + e.random_.below(learnt_steps_));
    std::sort(e.change_points_.begin(), e.change_points_.end());
    e.next_change_ = 0;
    e.lowest_priority_ = 0x7fff'ffff;
    e.threads_[0].priority = 0x8000'0000U + e.random_.below(0x4000'0000U);
}

bool campaign::sample_one(const strategies::pct* pct, bool alternate, engine::next_run next) {
    for (;;) {
        engine& e = *engine_;
        const std::uint64_t execution = number_ - phase_begin_;
        const bool with_pct = pct || (alternate && execution % 2 == 1);
        prepare_sample(
            execution, with_pct,
            pct && pct->depth ? pct->depth : 1 + static_cast<unsigned>(execution / 2 % 3));
        const ending how = e.run(next);
        if (how == ending::restart) {
            ++result_.warm_ups;
            restart_needed(how);
            continue;
        }
        if (with_pct && execution < learning_executions)
            learnt_steps_ = std::max(learnt_steps_, e.steps_);
        return book(how) && !(how == ending::complete && departs()) &&
               !(how == ending::cut && fails_when_fair());
    }
}

// Samples until the budget of steps is spent (0: until a limit, or 10,000 executions).
void campaign::sample(std::uint64_t budget, const strategy& s, bool alternate) {
    sampled_ = true;
    const std::uint64_t steps_end = budget ? sum_or_forever(result_.steps, budget) : forever;
    const auto* const pct = std::get_if<strategies::pct>(&s);
    if (only_ && *only_ >= phase_begin_ + learning_executions) {
        // A sampler's execution depends on its number and on what was learnt, not on those between.
        const auto target = *only_;
        only_ = forever;  // none of them
        const result before = result_;
        while (number_ < phase_begin_ + learning_executions)
            if (!sample_one(pct, alternate) && !options_.keep_going) break;
        result_ = before;
        only_ = target;
        number_ = target;
    }
    const bool limited = budget || options_.execution_limit || options_.time_limit.count();
    const std::uint64_t end = limited ? forever : phase_begin_ + 10'000;
    const auto next = [&] {
        return pct || alternate ? engine::next_run{}
                                : run_on<&campaign::next_sample>(end, steps_end);
    };
    while (sample_one(pct, alternate, next()) && !limits_reached() && number_ < end &&
           result_.steps < steps_end) {
    }
}

// Books the execution that has just ended, on the stack of main; false: it is for `book`.
bool campaign::book_quietly() {
    const std::uint64_t steps = result_.steps + engine_->steps_;
    if (number_ + 1 >= quiet_end_ || steps >= quiet_steps_end_ ||
        !engine_->outcome_parts_.empty() || !is_new_graph())
        return false;
    ++number_;
    ++result_.executions;
    result_.steps = steps;
    return true;
}

bool campaign::next_sample() {
    if (!book_quietly()) return false;
    prepare_sample(number_ - phase_begin_, false, 0);
    return true;
}

bool campaign::next_proof() {
    if (!book_quietly()) return false;
    no_graph_left_ = !engine_->next_graph();
    return !no_graph_left_;
}

void campaign::automatic() {
    const outcome first = exhaustive(options_.exhaustive_budget);
    if (first == outcome::stopped) return;
    if (first == outcome::exhausted) {
        result_.exhausted = true;
        const bool again = options_.spurious_bound == 0 && engine_->has_waits_ &&
                           result_.steps < options_.exhaustive_budget &&
                           (options_.keep_going || findings_.empty());
        if (!again) return;
        options_.spurious_bound = 1;
        make_engine(engine_->words_);
#ifndef NDEBUG
        graphs_.clear();
#endif
        const outcome second = exhaustive(options_.exhaustive_budget - result_.steps);
        proved_spurious_ = second == outcome::exhausted;
        if (second == outcome::stopped && !findings_.empty()) result_.exhausted = false;
        return;
    }
    phase_begin_ = number_;
    sample(options_.sample_budget, strategies::random{}, true);
}

bool campaign::starves(bool cut) {
    if (!options_.keep_going && !findings_.empty()) return false;
    if (only_ && number_ - 1 != *only_) return false;  // this one is not asked for
    if (!std::exchange(looked_for_starvation_, true)) {
        const options o = explained_options();
        if (const auto schedule = find_starvation(o, body_, data_, *engine_)) {
            findings_.explain_starvation(o, *schedule, number_ - 1);
            if (!findings_.empty()) return !options_.keep_going;
        }
    }
    return cut && fails_when_fair();
}

bool campaign::fails_when_fair() {
    if (std::exchange(looked_at_a_fair_run_, true)) return false;
    const options o = explained_options();
    fair_run fair(o, body_, data_, *engine_);
    const ending how = fair.run();
    keep_findings(fair.last(), how);
    return !findings_.empty() && !options_.keep_going;
}

void campaign::replay() {
    const std::string& text = options_.replay;
    if (text.starts_with("h")) {
        trace::schedule_error error;
        const trace::schedule s = trace::parse_schedule(text, error);
        if (!error.message.empty()) throw std::invalid_argument(error.message);
        ++number_;
        ++result_.executions;
        result_.steps = findings_.explain(options_, s);
        how_ = "replayed a schedule";
        return;
    }
    const std::size_t colon = text.find(':');
    const auto number = [&](std::string_view part) -> std::optional<std::uint64_t> {
        if (part.empty() || part.size() > 20) return std::nullopt;
        std::uint64_t v = 0;
        for (const char c : part) {
            if (c < '0' || c > '9' || v > (~std::uint64_t{0} - 9) / 10) return std::nullopt;
            v = v * 10 + static_cast<std::uint64_t>(c - '0');
        }
        return v;
    };
    const auto seed =
        colon == std::string::npos ? std::nullopt : number(std::string_view(text).substr(0, colon));
    const auto execution = colon == std::string::npos
                               ? std::nullopt
                               : number(std::string_view(text).substr(colon + 1));
    if (!seed || !execution)
        throw std::invalid_argument(
            "replay '" + text +
            "' is neither a schedule string (h1:...) nor seed:execution, two numbers");
    options_.seed = *seed;
    options_.replay.clear();
    only_ = *execution;
}

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

result campaign::run() {
    const crash_watch crashes({options_, hooks_, number_});
    const loop_watch loops;
    if (!options_.replay.empty()) replay();
    if (how_.empty()) {
        const strategy& s = options_.strategy;
        if (std::holds_alternative<strategies::automatic>(s)) {
            automatic();
        } else if (std::holds_alternative<strategies::exhaustive>(s)) {
            result_.exhausted = exhaustive(forever) == outcome::exhausted;
        } else if (std::holds_alternative<strategies::depth_first>(s)) {
            result_.exhausted = depth_first() == outcome::exhausted;
        } else {
            sample(0, s, false);
        }
    }
    if (only_) {
        result_.exhausted = false;
        if (number_ <= *only_)
            throw std::invalid_argument("replay names execution " + std::to_string(*only_) +
                                        ", but the search has only " + std::to_string(number_));
    }
    result_.elapsed = clock_type::now() - started_;
    has_timed_waits_ = engine_ && engine_->has_timed_waits_;
    summarise();
    result_.failures = findings_.take();
    if (!result_.failures.empty()) {
        result_.failure = result_.failures.front();
        result_.verdict = result_.failure->verdict;
    }
    if (left_outright())
        static_cast<void>(engine_.release());
    else
        idle_engine() = std::move(engine_);
    return std::move(result_);
}

}  // namespace

result search(const options& o, body_function body, void* data, const search_hooks& hooks) {
    if (const std::string error = validate(o); !error.empty())
        throw std::invalid_argument("heddle: " + error);
    if (current_engine)
        throw std::logic_error(
            "heddle: explore was called inside an execution; executions do not nest");
    return campaign(o, body, data, hooks).run();
}

}  // namespace heddle::scheduler
