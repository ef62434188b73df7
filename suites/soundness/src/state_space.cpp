#include "state_space.hpp"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace heddle::soundness {
namespace {

struct hash_of_words {
    std::size_t operator()(const state& s) const noexcept {
        return std::hash<std::string_view>{}(std::string_view(
            reinterpret_cast<const char*>(s.data()), s.size() * sizeof(std::int32_t)));
    }
};

class search {
public:
    search(const program& p, bounds b, std::size_t limit) : machine_(p, b), limit_(limit) {}

    state_space run() {
        steps first;
        machine_.begin(first);
        note_ends(first);
        for (state& s : first.next) static_cast<void>(number_of(std::move(s)));
        do {
            for (; next_.size() < states_.size(); visit(next_.size()))
                if (states_.size() > limit_) {
                    result_.states = states_.size();
                    return result_;
                }
        } while (let_time_pass_where_all_poll());
        find_endless();
        result_.complete = true;
        result_.states = states_.size();
        return result_;
    }

private:
    std::uint32_t number_of(state s) {
        const auto [at, is_new] =
            numbers_.try_emplace(std::move(s), static_cast<std::uint32_t>(states_.size()));
        if (is_new) states_.push_back(&at->first);
        return at->second;
    }

    void note_ends(const steps& x) {
        if (x.race) result_.findings.insert("data_race");
        if (x.assertion) result_.findings.insert("assertion");
    }

    // Where nobody recorded anything there is none.
    void note_outcome(const state& s) {
        if (std::string text = machine_.outcome(s); !text.empty())
            result_.outcomes.insert(std::move(text));
    }

    void visit(std::size_t k) {
        const state& s = *states_[k];
        steps x;
        machine_.expand(s, x);
        note_ends(x);
        ends_.push_back(x.race || x.assertion || x.dropped);
        if (machine_.complete(s)) {
            note_outcome(s);
            ends_.back() = true;
        } else if (x.idle && machine_.holds_a_part(s)) {
            ends_.back() = true;
        } else if (x.idle && !x.timed) {
            ends_.back() = true;
            note_outcome(s);
            result_.findings.insert(machine_.stuck(s));
        }
        timed_.push_back(x.timed);
        next_.emplace_back();
        lead_on(k, x);
    }

    void lead_on(std::size_t k, steps& x) {
        for (state& n : x.next) {
            const bool spends = machine_.spends_a_bound(*states_[k], n);
            next_[k].push_back({number_of(std::move(n)), spends});
        }
    }

    // Hands over all strongly connected components of the states (Tarjan's algorithm), along the
    // steps that `counts`: the members, and whether a step leads out.
    template <class Counts, class Visit>
    void for_each_component(Counts&& counts, Visit&& visit) const;
    // True if there were such sets of states: then there are more states to visit.
    bool let_time_pass_where_all_poll();
    void find_endless();

    struct step {
        std::uint32_t to;
        bool spends;  // a spurious wakeup or failure, or an early timeout
    };

    machine machine_;
    std::size_t limit_;
    state_space result_;
    std::unordered_map<state, std::uint32_t, hash_of_words> numbers_;
    std::vector<const state*> states_;
    std::vector<std::vector<step>> next_;
    std::vector<bool> ends_;      // an execution can end in this state, or on a step from it
    std::vector<bool> timed_;     // somebody is in a timed wait
    std::vector<bool> has_aged_;  // time has passed here as all others polled
};

template <class Counts, class Visit>
void search::for_each_component(Counts&& counts, Visit&& visit) const {
    const std::size_t count = states_.size();
    std::vector<std::uint32_t> order(count), low(count), component, members;
    std::vector<bool> open(count);
    struct frame {
        std::uint32_t at;
        std::size_t edge;
    };
    std::vector<frame> path;
    std::vector<bool> leads_out(count);  // from its component
    std::uint32_t time = 0;
    const auto enter = [&](std::uint32_t k) {
        order[k] = low[k] = ++time;
        open[k] = true;
        component.push_back(k);
        path.push_back({k, 0});
    };
    for (std::uint32_t root = 0; root < count; ++root) {
        if (order[root]) continue;
        enter(root);
        while (!path.empty()) {
            const std::uint32_t k = path.back().at;
            if (path.back().edge < next_[k].size()) {
                const step& s = next_[k][path.back().edge++];
                if (!counts(s)) continue;
                if (!order[s.to])
                    enter(s.to);
                else if (open[s.to])
                    low[k] = std::min(low[k], order[s.to]);
                else
                    leads_out[k] = true;
                continue;
            }
            path.pop_back();
            if (!path.empty()) {
                const std::uint32_t above = path.back().at;
                low[above] = std::min(low[above], low[k]);
                if (low[k] == order[k]) leads_out[above] = true;
            }
            if (low[k] != order[k]) continue;
            members.clear();
            bool leads = false;
            do {
                members.push_back(component.back());
                component.pop_back();
                open[members.back()] = false;
                leads = leads || leads_out[members.back()];
            } while (members.back() != k);
            visit(members, leads);
        }
    }
}

// A thread that polls waits for what it polls, and does not keep the time from passing: where only
// spurious wakeups and early timeouts lead out of a loop of states, the earliest deadline is
// reached.
bool search::let_time_pass_where_all_poll() {
    has_aged_.resize(states_.size());
    std::vector<std::uint32_t> aging;
    for_each_component([](const step& s) { return !s.spends; },
                       [&](const std::vector<std::uint32_t>& members, bool leads_out) {
                           if (leads_out) return;
                           for (const std::uint32_t k : members)
                               if (ends_[k] || !timed_[k] || has_aged_[k] ||
                                   machine_.holds_a_part(*states_[k]) ||
                                   std::none_of(next_[k].begin(), next_[k].end(),
                                                [](const step& s) { return !s.spends; }))
                                   return;
                           aging.insert(aging.end(), members.begin(), members.end());
                       });
    for (const std::uint32_t k : aging) {
        has_aged_[k] = true;
        steps x;
        machine_.let_time_pass(*states_[k], x);
        note_ends(x);
        if (x.race || x.assertion || x.dropped) ends_[k] = true;
        lead_on(k, x);
    }
    return !aging.empty();
}

// Sets of states that nobody leaves, in which steps go on for ever.
void search::find_endless() {
    for_each_component([](const step&) { return true; },
                       [&](const std::vector<std::uint32_t>& members, bool leads_out) {
                           if (leads_out) return;
                           for (const std::uint32_t k : members)
                               if (ends_[k] || machine_.holds_a_part(*states_[k])) return;
                           result_.findings.insert("livelock");
                       });
}

}  // namespace

state_space enumerate(const program& p, bounds b, std::size_t state_limit) {
    return search(p, b, state_limit).run();
}

}  // namespace heddle::soundness
