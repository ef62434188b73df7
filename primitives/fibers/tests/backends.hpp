// One body, both backends: explored exhaustively on `fibers`, repeated on `real_threads`.
#pragma once

#include <gtest/gtest.h>

#include <heddle/heddle.hpp>
#include <heddle/primitives/real_threads.hpp>
#include <string>
#include <type_traits>

namespace heddle::testing_support {

using both_backends = ::testing::Types<fibers, real_threads>;

struct backend_name {
    template <class Backend>
    static std::string GetName(int) {
        return std::is_same_v<Backend, fibers> ? "fibers" : "real_threads";
    }
};

inline std::string message_of(const result& r) {
    return r.failure ? r.failure->message : r.summary;
}

// Every behaviour of the body is free of findings.
template <class Backend>
struct runner {
    template <class Body>
    static void expect_clean(const Body& body) {
        const result r = explore(body);
        EXPECT_EQ(to_string(r.verdict), "ok") << message_of(r);
        EXPECT_TRUE(r.exhausted) << r.summary;
    }
};

template <>
struct runner<real_threads> {
    template <class Body>
    static void expect_clean(const Body& body) {
        for (int repetition = 0; repetition < 50; ++repetition) body();
    }
};

inline options exhaustive() { return {.strategy = strategies::exhaustive{}}; }

template <class Body>
void expect_verdict(verdict expected, const Body& body, const options& o = exhaustive()) {
    const result r = explore(o, body);
    EXPECT_EQ(to_string(r.verdict), to_string(expected)) << message_of(r);
}

// Clean, with this number of executions: neither more nor fewer.
template <class Body>
void expect_executions(std::uint64_t expected, const Body& body) {
    const result r = explore(exhaustive(), body);
    EXPECT_EQ(to_string(r.verdict), "ok") << message_of(r);
    EXPECT_TRUE(r.exhausted) << r.summary;
    EXPECT_EQ(r.executions, expected);
    EXPECT_EQ(r.pruned, 0U);
}

// Misuse of this kind, at this line of the file that calls.
template <class Body>
void expect_misuse(trace::misuse_kind expected, const Body& body, unsigned line = 0) {
    const result r = explore(exhaustive(), body);
    EXPECT_EQ(to_string(r.verdict), "misuse") << message_of(r);
    if (!r.failure) return;
    EXPECT_EQ(static_cast<int>(r.failure->trace.misuse), static_cast<int>(expected));
    if (line != 0) {
        EXPECT_EQ(r.failure->trace.where.line, line) << r.failure->trace.where.file;
    }
}

// The set of outcomes, as one text: "00 01 10".
template <class Body>
std::string outcomes_of(const Body& body, const options& o = exhaustive()) {
    const result r = explore(o, body);
    EXPECT_EQ(to_string(r.verdict), "ok") << message_of(r);
    std::string text;
    for (const auto& [outcome, count] : r.outcomes) {
        static_cast<void>(count);
        text += (text.empty() ? "" : " ") + outcome;
    }
    return text;
}

}  // namespace heddle::testing_support
