#include "explanation.hpp"

#include <algorithm>
#include <array>

#include "fair_cycle.hpp"
#include "linearise.hpp"
#include "shrinking.hpp"

namespace heddle::scheduler {
namespace {

verdict verdict_of(trace::stop s) noexcept {
    switch (s) {
        case trace::stop::completed: return verdict::ok;
        case trace::stop::assertion: return verdict::assertion;
        case trace::stop::exception: return verdict::exception;
        case trace::stop::data_race: return verdict::data_race;
        case trace::stop::deadlock: return verdict::deadlock;
        case trace::stop::lost_notification: return verdict::lost_notification;
        case trace::stop::livelock: return verdict::livelock;
        case trace::stop::misuse: return verdict::misuse;
        case trace::stop::step_limit: return verdict::step_limit;
        case trace::stop::nondeterminism: return verdict::nondeterminism;
        case trace::stop::crash: return verdict::crash;
        case trace::stop::endless_loop: return verdict::livelock;
        case trace::stop::leak: return verdict::leak;
        case trace::stop::starvation: return verdict::starvation;
    }
    return verdict::ok;
}

char model_letter(memory_model m) noexcept {
    return m == memory_model::sc ? 's' : m == memory_model::rc11 ? 'r' : 'c';
}

}  // namespace

explanation::explanation(const options& o, body_function body, void* data,
                         const search_hooks& hooks)
    : options_(o), body_(body), data_(data), hooks_(hooks), recorder_(hooks_) {}

ending explanation::run_once(engine& e) {
    e.recorder_ = &recorder_;
    e.passed_.wanted = options_.keep_going ? wanted_ : nullptr;
    const ending how = e.run();
    steps_ += e.steps_;
    return how;
}

void explanation::run(engine& found, const failure_signature& wanted) {
    const trace::stop expected = found.finding_.why;
    departed_ = found.finding_.departed_at < 0 ? nullptr : &found.finding_;
    wanted_ = &wanted;
    explain_as_found(found);
    if (!arrived_ && options_.keep_going) {
        // A race of three accesses is another one in another order.
        any_like_it_ = wanted;
        any_like_it_.sides.clear();
        wanted_ = &any_like_it_;
        explain_as_found(found);
    }
    if (arrived_) return;
    if (failure_.verdict == verdict::nondeterminism) return;
    const verdict again = failure_.verdict;
    failure_.verdict = verdict::nondeterminism;
    failure_.trace.why = trace::stop::nondeterminism;
    if (expected == trace::stop::nondeterminism) return name_departure(found);
    failure_.trace.message = "the search ended in " + std::string(to_string(verdict_of(expected))) +
                             ", the same schedule run again in " + std::string(to_string(again));
}

// The trace is of a run that came to its end; which of the two others it is like, nobody knows.
void explanation::name_departure(const engine& found) {
    const finding& f = found.finding_;
    trace::execution_trace& t = failure_.trace;
    t.message = f.message;
    if (f.departed_at < 0) return;
    t.thread = found.threads_[static_cast<unsigned>(f.slot)].created_as;
    t.step = departed_step_;
    if (f.where.known()) t.where = {f.where.file, f.where.line, {}};
    const auto text = [](operation op, const std::string& object) {
        return std::string(name_of(op)) + (object == "?" ? "" : " on `" + object + '`');
    };
    t.message = "the same schedule was run twice: `" +
                t.threads[static_cast<std::size_t>(t.thread)].name + "` first performed " +
                text(f.recorded, departed_from_) + ", and then " + text(f.did, departed_to_) +
                " in its place" +
                (t.step ? " (step " + std::to_string(t.step) + " below)" : std::string());
}

void explanation::explain_as_found(engine& found) {
    const std::vector<std::uint8_t> slots(found.order_.get(), found.order_.get() + found.steps_);
    if (found.mode_ != mode::exhaustive) {
        trace::schedule s;
        for (const std::uint8_t slot : slots)
            s.steps.push_back(static_cast<std::uint8_t>(found.threads_[slot].created_as));
        for (const made_choice& c : found.choices_)
            s.choices.push_back({c.step, c.ordinal, c.value});
        // Threads that poll for ever: from when they all do, it says nothing new.
        const auto since = found.finding_.why == trace::stop::livelock
                               ? found.polling_since(found.step_limit_ / 2)
                               : std::nullopt;
        if (since && *since < s.steps.size()) {
            trace::schedule shorter = s;
            shorter.steps.resize(*since);
            replay(found, shorter);
            if (arrived_) return;
        }
        replay(found, s);
        return;
    }
    // An order without stale reads reads best; where there is none, the order in which the search
    // went.
    if (const auto steps = interleaving_of(found)) follow_graph(found, *steps);
    if (!arrived_) {
        std::vector<std::uint8_t> steps = slots;
        append_attempts(found, steps);
        follow_graph(found, steps);
    }
}

void explanation::replay(const engine& found, const trace::schedule& s) {
    engine e(options_, body_, data_, found.words_);
    e.unlimited_weak_failures_ = found.unlimited_weak_failures_;
    e.watch_spins_ = true;
    e.replay_steps_ = &s.steps;
    e.replay_choices_ = &s.choices;
    e.begin_forward(mode::replay);
    conclude(e, run_once(e));
}

// Findings that are the end of a bound, or of no schedule, stay as they are.
void explanation::shrink(engine& found, double share) {
    if (!arrived_) return;
    switch (found.finding_.why) {
        case trace::stop::livelock:
        case trace::stop::starvation:
        case trace::stop::step_limit:
        case trace::stop::nondeterminism:
        case trace::stop::endless_loop: return;
        default: break;
    }
    shrinker s(options_, body_, data_, found.words_, found.unlimited_weak_failures_, found.sites_,
               *wanted_, share);
    const std::optional<wished_schedule> better = s.shrink(schedule_);
    if (!better) return;
    const std::vector<std::string> places = places_of(failure_.trace);
    heddle::failure as_found = std::move(failure_);
    trace::schedule exact_as_found = std::move(exact_);
    const bool went_past = went_past_;
    trace::schedule exact;
    exact.steps = better->steps;
    std::array<std::uint16_t, max_threads> counts{};
    for (std::size_t k = 0; k < exact.steps.size(); ++k) {
        const std::uint16_t number = ++counts[exact.steps[k]];
        for (const wished_schedule::choice& c : better->choices)
            if (c.thread == exact.steps[k] && c.step == number)
                exact.choices.push_back({static_cast<std::uint32_t>(k), c.ordinal, c.value});
    }
    replay(found, exact);
    if (arrived_ && (!options_.keep_going || places_of(failure_.trace) == places)) {
        failure_.shrunk_from = as_found.steps;
    } else {
        failure_ = std::move(as_found);
        exact_ = std::move(exact_as_found);
        went_past_ = went_past;
    }
}

// Rebuilds the graph of `found` in this order of slots. Threads and objects keep their identities,
// so that its events can be found by name.
void explanation::follow_graph(const engine& found, const std::vector<std::uint8_t>& slots) {
    engine e(options_, body_, data_, found.words_);
    e.unlimited_weak_failures_ = found.unlimited_weak_failures_;
    e.watch_spins_ = true;
    for (std::size_t s = 0; s < e.threads_.size(); ++s) {
        e.threads_[s].object_ids = found.threads_[s].object_ids;
        e.threads_[s].child_slots = found.threads_[s].child_slots;
    }
    e.thread_slots_ = found.thread_slots_;
    e.object_count_ = found.object_count_;
    e.objects_.resize(found.objects_.size());
    e.rules_.set_objects(e.object_count_);
    e.rules_.set_threads(e.thread_slots_);
    e.guide_ = found.graph_;
    e.replay_steps_ = &slots;
    e.begin_forward(mode::guided);
    conclude(e, run_once(e));
}

void explanation::take_bounds(const trace::schedule& s) {
    options_.memory_model = s.model == 's'   ? memory_model::sc
                            : s.model == 'r' ? memory_model::rc11
                                             : memory_model::cpp20;
    options_.spurious_bound = s.spurious_bound;
    options_.early_timeout_bound = s.early_timeout_bound;
    options_.unproductive_bound = std::max(1U, s.unproductive_bound);
}

bool explanation::follow(const trace::schedule& s, const failure_signature* wanted) {
    take_bounds(s);
    wanted_ = wanted;
    const unsigned step_limit = options_.step_limit;
    for (;;) {
        // One round is to be seen of steps that do repeat.
        if (s.repeat && repeats(s, words_))
            options_.step_limit = std::min(step_limit, static_cast<unsigned>(s.steps.size()) + 1);
        engine e(options_, body_, data_, words_);
        e.unlimited_weak_failures_ = hooks_.unlimited_weak_failures;
        e.replay_steps_ = &s.steps;
        e.replay_choices_ = &s.choices;
        e.watch_spins_ = !s.repeat;
        fair_cycle cycle(s.steps.size(), s.repeat);
        if (s.repeat) e.cycle_ = &cycle;
        recorder_.expect(s);
        e.begin_forward(mode::replay);
        const ending how = run_once(e);
        options_.step_limit = step_limit;
        if (how == ending::restart) {
            if (e.wanted_words_) words_ = e.wanted_words_;
            continue;
        }
        conclude(e, how);
        if (failure_.verdict == verdict::starvation) {
            trace::schedule endless = s;
            failure_.trace.step_limit = step_limit;
            endless.digests = recorder_.digests();
            endless.digests.resize(s.steps.size());
            failure_.replay = trace::to_string(endless);
        }
        return failure_.verdict != verdict::ok;
    }
}

std::vector<failure_signature> explanation::survey(const trace::schedule& s) {
    take_bounds(s);
    std::vector<failure_signature> met;
    if (s.repeat) return met;  // it is one of starvation, which is at its end
    for (;;) {
        engine e(options_, body_, data_, words_);
        e.unlimited_weak_failures_ = hooks_.unlimited_weak_failures;
        e.replay_steps_ = &s.steps;
        e.replay_choices_ = &s.choices;
        e.watch_spins_ = true;
        e.begin_forward(mode::replay);
        const ending how = e.run();
        steps_ += e.steps_;
        if (how == ending::restart) {
            if (e.wanted_words_) words_ = e.wanted_words_;
            continue;
        }
        for (auto& [f, signature] : e.passed_.noted) met.push_back(std::move(signature));
        return met;
    }
}

heddle::failure explanation::take_failure() {
    failure_.needs_keep_going = needs_keep_going();
    return std::move(failure_);
}

// Whether its schedule, followed by a search that ends at its first finding, comes to another one.
bool explanation::needs_keep_going() {
    if (!options_.keep_going || !arrived_ || !went_past_) return false;
    if (failure_.trace.why == trace::stop::endless_loop) return true;  // takes its time
    options o = options_;
    o.keep_going = false;
    engine e(o, body_, data_, words_);
    e.unlimited_weak_failures_ = hooks_.unlimited_weak_failures;
    e.watch_spins_ = true;
    e.speculates_ = true;
    e.replay_steps_ = &exact_.steps;
    e.replay_choices_ = &exact_.choices;
    e.begin_forward(mode::replay);
    const ending how = e.run();
    failure_signature wanted = *wanted_;
    if (wanted.why != trace::stop::data_race) wanted.sides.clear();  // a search that ends has none
    return (how != ending::failed && how != ending::stuck) ||
           !is_same_failure(signature_of(e), wanted);
}

// Whether the end of the schedule does repeat, up to the step limit, and starves a thread.
bool explanation::repeats(const trace::schedule& s, unsigned words) const {
    engine e(options_, body_, data_, words);
    e.unlimited_weak_failures_ = hooks_.unlimited_weak_failures;
    return starves_for_ever(e, s);
}

void explanation::compare(const rerun_check& check, unsigned words) {
    engine e(options_, body_, data_, words);
    e.unlimited_weak_failures_ = hooks_.unlimited_weak_failures;
    e.replay_steps_ = &check.steps();
    e.replay_choices_ = &check.choices();
    recorder_.expect(check.events());
    e.begin_forward(mode::replay);
    conclude(e, run_once(e));
    if (failure_.verdict == verdict::nondeterminism) return;
    failure_.verdict = verdict::nondeterminism;
    failure_.trace.why = trace::stop::nondeterminism;
    failure_.trace.message =
        "an execution was run twice by the same schedule, and the second did something else: " +
        check.difference();
}

void explanation::conclude(engine& e, ending how) {
    departed_step_ = 0;
    if (departed_) {
        const auto slot = static_cast<unsigned>(departed_->slot);
        const auto at = static_cast<unsigned>(departed_->departed_at);
        if (at < e.graph_->count[slot]) departed_step_ = recorder_.step_of(e.graph_->at(slot, at));
        departed_from_ = recorder_.object_name(departed_->recorded_object);
        departed_to_ = recorder_.object_name(departed_->object);
    }
    failure_ = {};
    failure_.trace = recorder_.take();
    if (how == ending::complete || how == ending::redundant || how == ending::dropped)
        failure_.trace.why = trace::stop::completed;
    failure_.verdict = verdict_of(failure_.trace.why);
    arrived_ = wanted_ && (options_.keep_going ? (how == ending::failed || how == ending::stuck) &&
                                                     has_found(e, *wanted_)
                                               : failure_.trace.why == wanted_->why);
    went_past_ = e.passed_.went_past;
    words_ = e.words_;
    failure_.steps = failure_.trace.events.size();
    failure_.switches = recorder_.switches();
    failure_.preemptions = recorder_.preemptions() + e.disguised_preemptions_;
    schedule_ = schedule_of(e);
    exact_ = {};
    trace::schedule& s = exact_;
    s.model = model_letter(options_.memory_model);
    s.spurious_bound = options_.spurious_bound;
    s.early_timeout_bound = options_.early_timeout_bound;
    s.unproductive_bound = options_.unproductive_bound;
    for (unsigned k = 0; k < e.steps_; ++k)
        s.steps.push_back(static_cast<std::uint8_t>(e.threads_[e.order_[k]].created_as));
    for (const made_choice& c : e.choices_) s.choices.push_back({c.step, c.ordinal, c.value});
    s.digests = recorder_.digests();
    s.digests.resize(s.steps.size());
    failure_.replay = trace::to_string(s);
}

}  // namespace heddle::scheduler
