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
        for (std::size_t k = 0; k < states_.size(); ++k) {
            if (states_.size() > limit_) {
                result_.states = states_.size();
                return result_;
            }
            visit(k);
        }
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
        } else if (x.idle && !x.timed) {
            ends_.back() = true;
            if (!machine_.holds_a_part(s)) {
                note_outcome(s);
                result_.findings.insert(machine_.stuck(s));
            }
        }
        next_.emplace_back();
        for (state& n : x.next) next_[k].push_back(number_of(std::move(n)));
    }

    // Sets of states that nobody leaves, in which steps go on for ever: strongly connected
    // components without a way out, by Tarjan's algorithm.
    void find_endless();

    machine machine_;
    std::size_t limit_;
    state_space result_;
    std::unordered_map<state, std::uint32_t, hash_of_words> numbers_;
    std::vector<const state*> states_;
    std::vector<std::vector<std::uint32_t>> next_;
    std::vector<bool> ends_;  // an execution can end in this state, or on a step from it
};

void search::find_endless() {
    const std::size_t count = states_.size();
    std::vector<std::uint32_t> order(count), low(count), component;
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
                const std::uint32_t to = next_[k][path.back().edge++];
                if (!order[to])
                    enter(to);
                else if (open[to])
                    low[k] = std::min(low[k], order[to]);
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
            bool has_end = false, has_part = false;
            std::uint32_t member;
            do {
                member = component.back();
                component.pop_back();
                open[member] = false;
                has_end = has_end || ends_[member] || leads_out[member];
                has_part = has_part || machine_.holds_a_part(*states_[member]);
            } while (member != k);
            if (!has_end && !has_part) result_.findings.insert("livelock");
        }
    }
}

}  // namespace

state_space enumerate(const program& p, bounds b, std::size_t state_limit) {
    return search(p, b, state_limit).run();
}

}  // namespace heddle::soundness
