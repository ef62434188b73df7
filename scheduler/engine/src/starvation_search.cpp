#include "starvation_search.hpp"

#include <algorithm>

#include "fair_cycle.hpp"
#include "polling.hpp"

namespace heddle::scheduler {
namespace {

constexpr unsigned attempts_per_victim = 200;
constexpr unsigned trial_steps = 600;        // of an execution against a victim
constexpr std::size_t longest_cycle = 96;    // steps
constexpr std::size_t cycles_per_trial = 4;  // that are repeated to the step limit
constexpr unsigned most_refuted = 40;  // of those, in vain: where nobody gets anywhere, all are

// Where the threads stand, as far as their last operations tell.
std::uint64_t control_of(const engine& e) noexcept {
    std::uint64_t h = 0;
    for (unsigned s = 0; s < e.thread_slots_; ++s) {
        const modelled_thread& t = e.threads_[s];
        h = mixed(h, static_cast<std::uint64_t>(t.state));
        if (t.state == run_state::blocked)
            h = mixed(
                h, std::uint64_t{t.pending.object} << 8 | static_cast<std::uint64_t>(t.pending.op));
        for (unsigned back = 1; back <= 2 && back <= t.position; ++back) {
            const event& x = (*e.graph_)[e.graph_->at(s, t.position - back)];
            h = mixed(
                h, std::uint64_t{x.object} << 16 | static_cast<std::uint64_t>(x.op) << 8 | x.kind);
        }
    }
    return h;
}

struct cycle {
    std::size_t begin, length;  // in steps
};

// The victim got somewhere between two of its positions.
bool got_somewhere(const engine& e, const adversary& a, unsigned from, unsigned to) {
    for (unsigned k = from; k < to; ++k)
        if (gets_somewhere(e, (*e.graph_)[e.graph_->at(a.victim(), k)])) return true;
    return false;
}

// The first cycles of the run, the shortest first. Notes are of the steps from 1 on.
std::vector<cycle> cycles_of(const engine& e, const adversary& a, std::size_t better_than) {
    std::vector<cycle> found;
    const std::size_t n = a.notes().size();
    for (std::size_t i = 1; i <= n && i < better_than; ++i) {
        const std::size_t last = std::min({n, i + longest_cycle, better_than - 1});
        std::uint64_t ready = 0, ran = 0;  // in the steps from i up to j
        unsigned position = a.notes()[i - 1].position;
        for (std::size_t j = i + 1; j <= last; ++j) {
            ready |= a.notes()[j - 2].ready;
            ran |= std::uint64_t{1} << e.order_[j - 1];
            if (got_somewhere(e, a, position, a.notes()[j - 1].position)) break;
            position = a.notes()[j - 1].position;
            const bool is_fair = !(ready & ~ran);
            if (j - i >= 2 && is_fair && a.notes()[i - 1].control == a.notes()[j - 1].control)
                found.push_back({i, j - i});
        }
    }
    std::sort(found.begin(), found.end(), [](const cycle& a_, const cycle& b_) {
        return std::pair(a_.begin + a_.length, a_.length) <
               std::pair(b_.begin + b_.length, b_.length);
    });
    if (found.size() > cycles_per_trial) found.resize(cycles_per_trial);
    return found;
}

class search_for_starvation {
public:
    search_for_starvation(const options& o, body_function body, void* data, const engine& found)
        : options_(o), body_(body), data_(data), found_(found) {
        options_.keep_going = false;
    }

    std::optional<trace::schedule> run() {
        options trial = options_;
        trial.step_limit = std::min(trial_steps, options_.step_limit);
        engine e(trial, body_, data_, found_.words_);
        prepare(e);
        for (unsigned victim = 0; victim < threads_; ++victim)
            for (unsigned k = 0; k < attempts_per_victim && refuted_ < most_refuted; ++k)
                try_one(e, victim, k);
        return best_;
    }

private:
    void prepare(engine& e) const {
        e.speculates_ = true;
        e.unlimited_weak_failures_ = found_.unlimited_weak_failures_;
    }

    void try_one(engine& e, unsigned victim, unsigned attempt) {
        adversary a(victim, 1 + attempt % 6);
        e.adversary_ = &a;
        e.random_.reseed(options_.seed, std::uint64_t{victim} << 32 | attempt);
        e.begin_forward(mode::adverse);
        if (e.run() == ending::restart) return;
        threads_ = std::max(threads_, e.created_);
        // It need not have reached the limit: cycles that it went through before will do.
        const std::size_t shortest = best_ ? best_->steps.size() : ~std::size_t{0};
        for (const cycle& c : cycles_of(e, a, shortest)) {
            trace::schedule s;
            for (std::size_t k = 0; k < c.begin + c.length; ++k)
                s.steps.push_back(static_cast<std::uint8_t>(e.threads_[e.order_[k]].created_as));
            s.repeat = static_cast<std::uint32_t>(c.length);
            if (!lasts(s)) {
                if (++refuted_ == most_refuted) return;
                continue;
            }
            best_ = std::move(s);
            return;
        }
    }

    // Whether the cycle goes on up to the step limit.
    bool lasts(const trace::schedule& s) {
        if (!long_run_) {
            long_run_ = std::make_unique<engine>(options_, body_, data_, found_.words_);
            prepare(*long_run_);
        }
        return starves_for_ever(*long_run_, s);
    }

    options options_;
    body_function body_;
    void* data_;
    const engine& found_;
    unsigned threads_ = 1;  // most that any execution created
    std::unique_ptr<engine> long_run_;
    unsigned refuted_ = 0;  // cycles that did not last
    std::optional<trace::schedule> best_;
};

}  // namespace

unsigned adversary::pick(engine& e, std::uint64_t candidates) {
    notes_.push_back({control_of(e), e.ready_,
                      victim_ < e.thread_slots_ ? e.threads_[victim_].position : std::uint16_t{0}});
    const std::uint64_t mine = std::uint64_t{1} << victim_;
    if (candidates & mine) {
        if (candidates == mine || ++passed_over_ > patience_) {
            passed_over_ = 0;
            return victim_;
        }
        candidates &= ~mine;
    }
    return e.random_.member_of(candidates);
}

std::optional<trace::schedule> find_starvation(const options& o, body_function body, void* data,
                                               const engine& found) {
    if (found.has_timed_waits_) return std::nullopt;  // time is part of where threads stand
    return search_for_starvation(o, body, data, found).run();
}

}  // namespace heddle::scheduler
