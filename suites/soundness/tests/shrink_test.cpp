// Delta debugging on faults that are planted: a search that takes one thing for another.
#include "shrink.hpp"

#include <gtest/gtest.h>

#include "features.hpp"
#include "generator.hpp"
#include "program_text.hpp"
#include "state_space.hpp"

namespace heddle::soundness {
namespace {

program with_kind_replaced(program p, kind from, kind to) {
    for_each_statement(p, [&](statement& s) {
        if (s.what == from) s.what = to;
    });
    return p;
}

bool differ(const program& p, const program& q) {
    const state_space a = enumerate(p, {}, 20'000), b = enumerate(q, {}, 20'000);
    return a.complete && b.complete && (a.outcomes != b.outcomes || a.findings != b.findings);
}

// The first generated program about a feature in which the fault shows.
program found(feature about, const std::function<bool(const program&)>& fails) {
    feature_set only;
    only.set(static_cast<std::size_t>(about));
    for (std::uint64_t seed = 1; seed < 5'000; ++seed)
        if (program p = generate(seed, only); fails(p)) return p;
    return {};
}

TEST(Shrink, LeavesOneNotificationForTwoWaiters) {
    const auto wakes_all = [](const program& p) {
        return differ(
            p, with_kind_replaced(p, kind::condition_notify_one, kind::condition_notify_all));
    };
    const program p = found(feature::conditions, wakes_all);
    const program small = shrink(p, wakes_all);
    EXPECT_TRUE(wakes_all(small));
    EXPECT_LT(size_of(small), size_of(p));
    // Two threads that wait under a lock, and a notification.
    EXPECT_LE(size_of(small), 9U) << to_text(small);
    EXPECT_LE(small.threads.size(), 3U) << to_text(small);
    EXPECT_EQ(small.atomics, 0U) << to_text(small);
}

TEST(Shrink, LeavesOneUpdateThatIsTakenForAStore) {
    const auto forgets = [](const program& p) {
        return differ(p, with_kind_replaced(p, kind::fetch_add, kind::exchange));
    };
    const program small = shrink(found(feature::atomics, forgets), forgets);
    EXPECT_TRUE(forgets(small));
    EXPECT_LE(size_of(small), 2U) << to_text(small);
    EXPECT_EQ(small.threads.size(), 1U) << to_text(small);
}

TEST(Shrink, AsksForWellFormedProgramsOnly) {
    const program p = generate(7);
    const program small = shrink(p, [&](const program& q) {
        EXPECT_EQ(parse(to_line(q)), q);
        return true;
    });
    EXPECT_EQ(size_of(small), 0U);
}

}  // namespace
}  // namespace heddle::soundness
