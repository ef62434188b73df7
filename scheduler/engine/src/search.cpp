// The loop over executions: runs strategies within their budgets, and has what they find explained.
#include <heddle/scheduler/explore.hpp>
#include <heddle/scheduler/heap.hpp>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <utility>

#include "campaign.hpp"
#include "crash_watch.hpp"
#include "explanation.hpp"
#include "loop_watch.hpp"
#include "search_limits.hpp"

namespace heddle::scheduler {
namespace {

// The engine of the last search of this OS thread: its stacks and graphs cost more than a small
// search.
std::unique_ptr<engine>& idle_engine() {
    static thread_local std::unique_ptr<engine> idle;
    return idle;
}

}  // namespace

void campaign::make_engine(unsigned words) {
    options o = options_;
    o.spurious_bound = spurious_bound_ = options_.spurious_bound;
    // That of this search goes on: the stacks stay where they are, for whoever compares them.
    if (engine_) idle_engine() = std::move(engine_);
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

// What the search has just come to, its replay does not show. Does the search itself come to it
// again? Twice, since that of a body that is random may be luck, or the turn of every second run.
template <class IsTheSame>
bool campaign::comes_again(mode how, const IsTheSame& is_the_same) {
    for (int k = 0; k < 2; ++k) {
        if (how == mode::depth_first)
            engine_->begin_forward(how);
        else if (how != mode::exhaustive)  // that follows its graph
            prepare_sample(number_ - 1 - phase_begin_);
        if (!is_the_same(engine_->run())) return false;
    }
    return true;
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
        const failure_signature signature = signature_of(of);
        explain(of.finding_, signature);
        const auto is_the_same = [&](ending again) {
            return (again == ending::failed || again == ending::stuck) &&
                   is_same_failure(signature_of(of), signature);
        };
        if (findings_.departs(signature) && &of == engine_.get() &&
            comes_again(of.mode_, is_the_same))
            findings_.blame_heddle();
    }
}

options campaign::explained_options() const {
    options o = options_;
    o.spurious_bound = spurious_bound_;
    return o;
}

bool campaign::differs_again() {
    ++result_.repeats;
    const mode how = engine_->mode_;
    if (rerun_.passes(*engine_)) return false;
    explanation x(explained_options(), body_, data_, hooks_);
    x.compare(rerun_, engine_->words_);
    findings_.keep(x.take_failure(), options_, number_ - 1);
    const auto is_the_same = [&](ending e) {
        return e == ending::complete && rerun_.did_the_same(*engine_);
    };
    if (comes_again(how, is_the_same)) findings_.blame_heddle();
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

// Executions that leave nothing to do but to count them follow each other without a return, until
// one is due to be looked at, or the search has made `steps_end` steps or is about to book number
// `end`. (A second run is due for samples only; a return more is harmless.)
engine::next_run campaign::run_on(bool (*next)(void*), std::uint64_t end, std::uint64_t steps_end) {
    if (only_ || hooks_.on_execution) return {};
    const auto in = [&](std::uint64_t executions) { return sum_or_forever(number_, executions); };
    const std::uint64_t done = result_.executions + result_.deadlocks + result_.pruned;
    quiet_end_ =
        std::min({end, next_look(number_), in(rerun_check::until_due(result_.executions)),
                  options_.execution_limit ? in(options_.execution_limit - done) : forever});
    quiet_steps_end_ = steps_end;
    return {next, this};
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

result search(const options& o, body_function body, void* data, const search_hooks& hooks) {
    if (const std::string error = validate(o); !error.empty())
        throw std::invalid_argument("heddle: " + error);
    if (current_engine)
        throw std::logic_error(
            "heddle: explore was called inside an execution; executions do not nest");
    return campaign(o, body, data, hooks).run();
}

}  // namespace heddle::scheduler
