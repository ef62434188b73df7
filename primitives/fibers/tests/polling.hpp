// How the tests of polling loops explore their bodies.
#pragma once

#include <gmock/gmock.h>

#include <heddle/heddle.hpp>

#include "sanitizers.hpp"

namespace heddle::polling_tests {

using testing_support::under_address_sanitizer;
using testing_support::under_thread_sanitizer;

inline const strategy proving[] = {strategies::exhaustive{}, strategies::depth_first{}};
inline const strategy sampling[] = {strategies::random{}, strategies::pct{}};
inline const strategy all[] = {strategies::exhaustive{}, strategies::depth_first{},
                               strategies::random{}, strategies::pct{}, strategies::automatic{}};

inline bool samples(const strategy& s) {
    return std::holds_alternative<strategies::random>(s) ||
           std::holds_alternative<strategies::pct>(s);
}

template <class Body>
result explored(const strategy& s, const Body& body, std::uint64_t limit = 0) {
    options o;
    o.strategy = s;
    o.progress = false;
    o.execution_limit = samples(s) ? 500 : limit;
    return explore(o, body);
}

// By both strategies that prove, and by `automatic`; no sampler says anything else.
template <class Body>
void expect_proved(const Body& body) {
    for (const strategy& s : all) {
        if (std::holds_alternative<strategies::automatic>(s) && under_thread_sanitizer) continue;
        // Where each execution costs a hundred times as much, for what the memory accesses show;
        // and depth-first there are many of a body whose counters are not optimised away.
        const bool limited =
            under_thread_sanitizer ||
            (under_address_sanitizer && std::holds_alternative<strategies::depth_first>(s));
        const result r = explored(s, body, limited ? 2'000 : 0);
        EXPECT_EQ(r.verdict, verdict::ok) << to_string(s) << (r.failure ? r.failure->message : "");
        EXPECT_TRUE(r.exhausted || samples(s) || limited) << to_string(s) << ": " << r.summary;
    }
}

// All of it is visited, and these are the outcomes. (Depth-first some bodies take too long.)
template <class Body, class Matcher>
void expect_outcomes(const Body& body, const Matcher& outcomes, bool depth_first = true) {
    for (const strategy& s : proving) {
        if (!depth_first && std::holds_alternative<strategies::depth_first>(s)) continue;
        const result r = explored(s, body);
        EXPECT_EQ(r.verdict, verdict::ok) << to_string(s) << (r.failure ? r.failure->message : "");
        EXPECT_TRUE(r.exhausted) << to_string(s) << ": " << r.summary;
        EXPECT_THAT(r.outcomes, outcomes) << to_string(s);
    }
    const result r = explored(strategies::automatic{}, body);
    EXPECT_TRUE(r.exhausted) << r.summary;
    EXPECT_THAT(r.outcomes, outcomes);
}

}  // namespace heddle::polling_tests
