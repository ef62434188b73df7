// The exhaustive search against its oracle: the plain depth-first search sees the same outcomes and
// hangs.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "generated_body.hpp"
#include "sanitizers.hpp"

namespace heddle {
namespace {

constexpr std::uint64_t oracle_limit =
    15'000;  // executions; a larger program is left out, and counted

// Sanitizers are slow and look at memory, of which a part of the programs shows as much. All are
// compared in the builds without them.
constexpr unsigned share = testing_support::under_address_sanitizer  ? 10
                           : testing_support::under_thread_sanitizer ? 50
                                                                     : 1;

struct parameters {
    const char* name;
    generated::mix what;
    memory_model model;
    unsigned programs;
    unsigned spurious_bound;
    unsigned early_timeout_bound = 2;
};

class Differential : public testing::TestWithParam<parameters> {};

std::set<std::string> keys(const std::map<std::string, std::uint64_t>& outcomes) {
    std::set<std::string> k;
    for (const auto& [text, count] : outcomes) k.insert(text);
    return k;
}

TEST_P(Differential, ExhaustiveAndDepthFirstAgree) {
    const parameters& q = GetParam();
    unsigned compared = 0, left_out = 0;
    for (std::uint64_t seed = 1; compared < q.programs / share; ++seed) {
        ASSERT_LT(left_out, q.programs) << "too many programs were too large for the oracle";
        const generated::program p = generated::generate(seed, q.what);
        const auto body = [&p] { generated::run(p); };
        options o;
        o.memory_model = q.model;
        o.spurious_bound = q.spurious_bound;
        o.early_timeout_bound = q.early_timeout_bound;
        o.keep_going = true;
        o.execution_limit = oracle_limit;
        o.strategy = strategies::depth_first{};
        const result oracle = explore(o, body);
        if (!oracle.exhausted) {
            ++left_out;
            continue;
        }
        ++compared;
        o.strategy = strategies::exhaustive{};
        const result r = explore(o, body);
        ASSERT_TRUE(r.exhausted) << "seed " << seed << to_string(p);
        ASSERT_EQ(keys(r.outcomes), keys(oracle.outcomes)) << "seed " << seed << to_string(p);
        ASSERT_EQ(r.deadlocks > 0, oracle.deadlocks > 0) << "seed " << seed << to_string(p);
        if (!p.has_waits) {
            ASSERT_EQ(r.verdict, oracle.verdict) << "seed " << seed << to_string(p);
        }
        ASSERT_LE(r.executions + r.deadlocks, oracle.executions + oracle.deadlocks)
            << "seed " << seed << to_string(p);
    }
}

INSTANTIATE_TEST_SUITE_P(
    Generated, Differential,
    testing::Values(
        parameters{"atomics_cpp20", generated::mix::atomics, memory_model::cpp20, 1500, 0},
        parameters{"atomics_rc11", generated::mix::atomics, memory_model::rc11, 500, 0},
        parameters{"atomics_sc", generated::mix::atomics, memory_model::sc, 1000, 0},
        parameters{"locks", generated::mix::locks, memory_model::cpp20, 1000, 0},
        parameters{"waits", generated::mix::waits, memory_model::cpp20, 700, 0},
        parameters{"waits_spurious", generated::mix::waits, memory_model::cpp20, 300, 1},
        parameters{"timed_locks_0", generated::mix::timed_locks, memory_model::cpp20, 1000, 0, 0},
        parameters{"timed_locks_1", generated::mix::timed_locks, memory_model::cpp20, 1500, 0, 1},
        parameters{"timed_locks_2", generated::mix::timed_locks, memory_model::cpp20, 700, 0, 2},
        parameters{"timed_locks_sc", generated::mix::timed_locks, memory_model::sc, 600, 0, 1},
        parameters{"timed_locks_rc11", generated::mix::timed_locks, memory_model::rc11, 300, 0, 1},
        parameters{"timed_waits_0", generated::mix::timed_waits, memory_model::cpp20, 400, 0, 0},
        parameters{"timed_waits_1", generated::mix::timed_waits, memory_model::cpp20, 300, 0, 1},
        parameters{"timed_waits_2", generated::mix::timed_waits, memory_model::cpp20, 150, 0, 2},
        parameters{"timed_waits_sc", generated::mix::timed_waits, memory_model::sc, 150, 0, 1},
        parameters{"timed_waits_spurious", generated::mix::timed_waits, memory_model::cpp20, 50, 1,
                   1}),
    [](const auto& instance) { return std::string(instance.param.name); });

}  // namespace
}  // namespace heddle
