#include "differential.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <utility>

#include "random_source.hpp"

namespace heddle::soundness {
namespace {

// The searches of one program, and how often each of them runs.
enum class search_kind : unsigned {
    exhaustive,
    depth_first,
    random,
    pct,
    wider_time,  // from here on by exhaustive, with something changed
    spurious,
    weaker_model,
    quiet,  // without the notifications that nobody can wait for
};
constexpr std::size_t search_kinds = 8;

struct results {
    std::array<std::vector<observation>, search_kinds> runs;

    const observation& first(search_kind k) const {
        return runs[static_cast<std::size_t>(k)].at(0);
    }
    bool has(search_kind k) const { return !runs[static_cast<std::size_t>(k)].empty(); }
};

bool is_timed(const program& p) {
    const feature_set f = features_of(p);
    return f[static_cast<std::size_t>(feature::timed_locks)] ||
           f[static_cast<std::size_t>(feature::timed_conditions)] ||
           f[static_cast<std::size_t>(feature::sleep)];
}

bool can_be_spurious(const program& p) {
    const feature_set f = features_of(p);
    return f[static_cast<std::size_t>(feature::weak_exchange)] ||
           f[static_cast<std::size_t>(feature::conditions)] ||
           f[static_cast<std::size_t>(feature::timed_conditions)] ||
           f[static_cast<std::size_t>(feature::atomic_wait)];
}

bool is_lone_notification(const statement& s, std::uint32_t waited) {
    return (s.what == kind::notify_one || s.what == kind::notify_all) && !(waited >> s.object & 1);
}

program without_lone_notifications(program p) {
    std::uint32_t waited = 0;
    for_each_statement(p, [&](const statement& s) {
        if (s.what == kind::wait) waited |= 1U << s.object;
    });
    const auto drop = [&](auto&& self, block& code) -> void {
        code.erase(
            std::remove_if(code.begin(), code.end(),
                           [&](const statement& s) { return is_lone_notification(s, waited); }),
            code.end());
        for (statement& s : code) {
            self(self, s.body);
            self(self, s.otherwise);
        }
    };
    for (block& thread : p.threads) drop(drop, thread);
    return p;
}

// Whether every model has the behaviours of interleavings only. A try of a held mutex is a relaxed
// read, which may be old; a notification orders nothing, and has no place in the order of the
// seq_cst operations.
bool is_sequential(const program& p) {
    bool all = true;
    for_each_statement(p, [&](const statement& s) {
        const bool ordered = s.what > kind::poll_update ||
                             (s.success == order::seq_cst && s.failure == order::seq_cst);
        const bool tries = s.what == kind::try_guard || s.what == kind::timed_guard ||
                           s.what == kind::poll_guard || s.what == kind::std_scoped_lock;
        const bool notifies = s.what == kind::notify_one || s.what == kind::notify_all ||
                              s.what == kind::condition_notify_one ||
                              s.what == kind::condition_notify_all;
        all = all && ordered && !tries && !notifies;
    });
    return all;
}

observation run(const comparison_case& c, const body& b, search_kind k, const limits& l) {
    setting s = c.with;
    switch (k) {
        case search_kind::exhaustive:
            return explore_program(b, s, strategies::exhaustive{}, l.executions);
        case search_kind::depth_first:
            return explore_program(b, s, strategies::depth_first{}, l.executions);
        case search_kind::random: return explore_program(b, s, strategies::random{}, l.samples);
        case search_kind::pct: return explore_program(b, s, strategies::pct{}, l.samples);
        case search_kind::wider_time: ++s.limits.early_timeouts; break;
        case search_kind::spurious: ++s.limits.spurious; break;
        case search_kind::weaker_model:
            s.model = c.seed % 2 ? heddle::memory_model::cpp20 : heddle::memory_model::rc11;
            break;
        case search_kind::quiet:
            return explore_program(body(without_lone_notifications(c.body)), s,
                                   strategies::exhaustive{}, l.executions);
    }
    return explore_program(b, s, strategies::exhaustive{}, l.executions);
}

class judge {
public:
    judge(const comparison_case& c, const body& b, const results& r, const limits& l, summary& out)
        : case_(c), body_(b), results_(r), limits_(l), out_(out) {}

    void compare() {
        same_twice();
        const observation& all = results_.first(search_kind::exhaustive);
        const observation& each = results_.first(search_kind::depth_first);
        for (const search_kind k : {search_kind::exhaustive, search_kind::depth_first,
                                    search_kind::random, search_kind::pct})
            if (results_.has(k)) errors(k);
        if (!all.error.empty() || !each.error.empty()) return;
        if (all.out_of_time || each.out_of_time) return leave_out("out of time");
        if (!all.ended()) return leave_out("exhaustive reached its limit");
        const state_space* const space = enumerated();
        if (space) against_space("exhaustive", all, *space);
        within("random", search_kind::random, all);
        within("pct", search_kind::pct, all);
        within("depth_first", search_kind::depth_first, all);
        if (results_.has(search_kind::wider_time))
            contains(search_kind::wider_time, "a larger early_timeout_bound", all);
        if (results_.has(search_kind::spurious))
            contains(search_kind::spurious, "a larger spurious_bound", all);
        if (results_.has(search_kind::weaker_model))
            contains(search_kind::weaker_model, "a weaker model", all);
        if (results_.has(search_kind::quiet)) {
            contains(search_kind::quiet, "a program without its lone notifications", all);
            contained("a program with lone notifications", all, results_.first(search_kind::quiet));
        }
        replays();
        if (!each.ended()) return leave_out("depth_first reached its limit");
        if (space) against_space("depth_first", each, *space);
        equal(all, each);
        ++out_.compared;
        if (space) ++out_.enumerated;
        out_.features.add(features_of(case_.body));
    }

private:
    void leave_out(const std::string& why) { ++out_.left_out[why]; }

    // The first difference of a program: those after it come of the same fault, as a rule.
    void differ(std::string kind, const std::string& one, const std::string& other) {
        if (std::exchange(differs_, true)) return;
        out_.differences.push_back({std::move(kind), case_.body, case_.with, one + other});
    }

    static std::string shown(const std::string& name, const observation& o) {
        return name + ": " + to_string(o);
    }

    void same_twice() {
        for (const auto& runs : results_.runs)
            for (std::size_t k = 1; k < runs.size(); ++k)
                if (!runs[0].out_of_time && !runs[k].out_of_time && !runs[k].same_search(runs[0]))
                    return differ("two searches of one program", shown("first", runs[0]),
                                  shown("again", runs[k]));
    }

    void errors(search_kind k) {
        const observation& o = results_.first(k);
        if (!o.error.empty())
            differ("exception", shown("search " + std::to_string(static_cast<unsigned>(k)), o), "");
        else if (o.verdict == heddle::verdict::nondeterminism ||
                 o.verdict == heddle::verdict::crash || o.verdict == heddle::verdict::misuse ||
                 o.verdict == heddle::verdict::exception)
            differ("verdict " + std::string(heddle::to_string(o.verdict)),
                   shown("search " + std::to_string(static_cast<unsigned>(k)), o), "");
    }

    const state_space* enumerated() {
        if (case_.with.model != heddle::memory_model::sc && !is_sequential(case_.body))
            return nullptr;
        space_ = enumerate(case_.body, case_.with.limits, limits_.states);
        if (space_.complete) return &space_;
        leave_out("the enumerator reached its limit (compared without)");
        return nullptr;
    }

    static bool ends_in_the_middle(const state_space& s) {
        return s.findings.count("data_race") || s.findings.count("assertion") ||
               s.findings.count("livelock");
    }

    void against_space(const std::string& name, const observation& o, const state_space& s) {
        const auto report = [&](const std::string& what) {
            differ(what + " of " + name + " and of the enumerator", shown(name, o),
                   "enumerator: " + to_string(s));
        };
        if ((o.verdict == heddle::verdict::ok) != s.findings.empty()) return report("findings");
        if (o.verdict != heddle::verdict::ok && !ends_in_the_middle(s) &&
            !s.findings.count(std::string(heddle::to_string(o.verdict))))
            return report("verdicts");
        if (o.cut || ends_in_the_middle(s)) return;
        if (keys(o) != s.outcomes) report("outcomes");
    }

    static std::set<std::string> keys(const observation& o) {
        std::set<std::string> k;
        for (const auto& [text, count] : o.outcomes) k.insert(text);
        return k;
    }

    static bool subset(const observation& a, const observation& b) {
        return std::all_of(a.outcomes.begin(), a.outcomes.end(),
                           [&](const auto& x) { return b.outcomes.count(x.first) != 0; });
    }

    // What a search of some executions shows is among what the search of all shows.
    void within(const std::string& name, search_kind k, const observation& all) {
        if (!results_.has(k)) return;
        const observation& some = results_.first(k);
        if (!some.error.empty() || some.out_of_time) return;
        if (all.verdict == heddle::verdict::ok && some.verdict != heddle::verdict::ok)
            return differ(name + " fails where exhaustive proves", shown("exhaustive", all),
                          shown(name, some));
        if (!all.cut && !subset(some, all))
            differ(name + " shows an outcome that exhaustive does not", shown("exhaustive", all),
                   shown(name, some));
    }

    void contains(search_kind k, const std::string& what, const observation& all) {
        contained(what, results_.first(k), all);
    }
    void contained(const std::string& what, const observation& wider, const observation& all) {
        if (!wider.ended()) return;
        if (all.verdict != heddle::verdict::ok && wider.verdict == heddle::verdict::ok)
            return differ(what + " loses a finding", shown("exhaustive", all), shown(what, wider));
        if (!all.cut && !wider.cut && !subset(all, wider))
            differ(what + " loses an outcome", shown("exhaustive", all), shown(what, wider));
    }

    void equal(const observation& all, const observation& each) {
        const auto report = [&](const std::string& what) {
            differ(what + " of exhaustive and depth_first", shown("exhaustive", all),
                   shown("depth_first", each));
        };
        if ((all.verdict == heddle::verdict::ok) != (each.verdict == heddle::verdict::ok))
            return report("findings");
        if (all.cut || each.cut) return;
        if (keys(all) != keys(each)) return report("outcomes");
        if ((all.deadlocks > 0) != (each.deadlocks > 0)) return report("deadlocks");
        if (all.executions + all.deadlocks > each.executions + each.deadlocks)
            report("more executions: those");
    }

    void replays() {
        for (const search_kind k : {search_kind::exhaustive, search_kind::depth_first,
                                    search_kind::random, search_kind::pct}) {
            if (!results_.has(k) || results_.first(k).replay.empty()) continue;
            const observation& found = results_.first(k);
            const observation again = replay_program(body_, case_.with, found);
            if (!again.verdicts.contains(found.verdict))
                return differ("replay of a failure", shown("found", found), shown("replay", again));
        }
    }

    const comparison_case& case_;
    const body& body_;
    const results& results_;
    const limits& limits_;
    summary& out_;
    state_space space_;
    bool differs_ = false;
};

}  // namespace

setting setting_of(std::uint64_t seed, const program& p) {
    constexpr heddle::memory_model models[] = {
        heddle::memory_model::sc, heddle::memory_model::cpp20, heddle::memory_model::sc,
        heddle::memory_model::cpp20, heddle::memory_model::rc11};
    random_source random(seed ^ 0x5eed'5e77'1265);
    setting s;
    s.model = random.pick(models);
    s.limits.early_timeouts = is_timed(p) ? random.below(3) : 2;
    s.limits.spurious = can_be_spurious(p) && random.percent(35);
    return s;
}

void compare(const std::vector<comparison_case>& group, const limits& l, std::uint64_t order_seed,
             summary& out) {
    struct task {
        std::size_t which;
        search_kind how;
    };
    std::vector<task> tasks;
    for (std::size_t k = 0; k < group.size(); ++k) {
        for (const search_kind how : {search_kind::exhaustive, search_kind::depth_first})
            tasks.insert(tasks.end(), 2, {k, how});
        tasks.push_back({k, search_kind::random});
        tasks.push_back({k, search_kind::pct});
        if (is_timed(group[k].body)) tasks.push_back({k, search_kind::wider_time});
        if (can_be_spurious(group[k].body) && group[k].with.limits.spurious == 0)
            tasks.push_back({k, search_kind::spurious});
        if (group[k].with.model == heddle::memory_model::sc && group[k].seed % 3 == 0)
            tasks.push_back({k, search_kind::weaker_model});
        if (features_of(group[k].body)[static_cast<std::size_t>(feature::lone_notify)])
            tasks.push_back({k, search_kind::quiet});
    }
    random_source(order_seed).shuffle(tasks);
    // One body a program, at one address: what a loop holds in its registers is part of its state,
    // by which it is shown to repeat a round earlier or later.
    std::vector<body> bodies;
    for (const comparison_case& c : group) bodies.emplace_back(c.body);
    std::vector<results> all(group.size());
    for (const task& t : tasks)
        all[t.which].runs[static_cast<std::size_t>(t.how)].push_back(
            run(group[t.which], bodies[t.which], t.how, l));
    for (std::size_t k = 0; k < group.size(); ++k)
        judge(group[k], bodies[k], all[k], l, out).compare();
}

std::vector<difference> differences_of(const program& p, const setting& s, const limits& l) {
    summary found;
    compare({{p, s, 3}}, l, 1, found);
    return std::move(found.differences);
}

}  // namespace heddle::soundness
