#include "causality.hpp"

#include <gtest/gtest.h>

#include "trace_builder.hpp"

namespace heddle::checkers {
namespace {

using trace::operation;
using trace::order;
using trace::trace_builder;

// Two threads that a third one started, with an atomic and a lock between them.
struct two_threads {
    trace_builder t;
    int main = t.thread("main"), a = t.thread("a"), b = t.thread("b");
    int x = t.atomic("x"), y = t.atomic("y"), data = t.var("data"), mutex = t.mutex("mutex");

    two_threads() {
        t.spawn(main, a);
        t.spawn(main, b);
    }
    bool ordered(unsigned first, unsigned second) {
        return causality(t.trace).happens_before(first, second);
    }
};

TEST(Causality, FollowsProgramOrderStartAndJoin) {
    trace_builder t;
    const int main = t.thread("main"), child = t.thread("child"), x = t.var("x");
    const unsigned before = t.plain_write(main, x, 1);
    t.spawn(main, child);
    const unsigned after = t.plain_write(main, x, 2);
    const unsigned in_child = t.plain_read(child, x, 1);
    t.ends(child);
    t.join(main, child);
    const unsigned last = t.plain_read(main, x, 2);
    const causality c(t.trace);
    EXPECT_TRUE(c.happens_before(before, in_child));
    EXPECT_FALSE(c.happens_before(after, in_child));
    EXPECT_TRUE(c.happens_before(in_child, last));
    EXPECT_FALSE(c.happens_before(last, in_child));
    EXPECT_FALSE(c.happens_before(last, last));
    EXPECT_EQ(c.last_known(in_child, main), 2U);
}

struct message_orders {
    order store, load;
    bool ordered;
};

TEST(Causality, ReleaseMeetsAcquire) {
    const message_orders all[] = {
        {order::release, order::acquire, true},  {order::seq_cst, order::seq_cst, true},
        {order::relaxed, order::acquire, false}, {order::release, order::relaxed, false},
        {order::relaxed, order::relaxed, false},
    };
    for (const message_orders& o : all) {
        two_threads p;
        const unsigned write = p.t.plain_write(p.a, p.data, 1);
        const unsigned store = p.t.store(p.a, p.x, 1, o.store);
        p.t.load(p.b, p.x, 1, static_cast<int>(store), o.load);
        const unsigned read = p.t.plain_read(p.b, p.data, 1);
        EXPECT_EQ(p.ordered(write, read), o.ordered) << name_of(o.store) << ' ' << name_of(o.load);
        const auto miss = causality(p.t.trace).nearest_miss(write, read);
        EXPECT_EQ(miss.has_value(), !o.ordered);
        if (miss) {
            EXPECT_EQ(miss->write_releases, o.store == order::release);
            EXPECT_EQ(miss->read_acquires, o.load == order::acquire);
        }
    }
}

TEST(Causality, FencesStandInForOrders) {
    for (const bool release : {false, true}) {
        for (const bool acquire : {false, true}) {
            two_threads p;
            const unsigned write = p.t.plain_write(p.a, p.data, 1);
            if (release) p.t.fence(p.a, order::release);
            const unsigned store = p.t.store(p.a, p.x, 1, order::relaxed);
            p.t.load(p.b, p.x, 1, static_cast<int>(store), order::relaxed);
            if (acquire) p.t.fence(p.b, order::acquire);
            const unsigned read = p.t.plain_read(p.b, p.data, 1);
            EXPECT_EQ(p.ordered(write, read), release && acquire);
            if (const auto miss = causality(p.t.trace).nearest_miss(write, read)) {
                EXPECT_EQ(miss->write_releases, release);
                EXPECT_EQ(miss->read_acquires, acquire);
            }
        }
    }
}

TEST(Causality, AReleaseSequenceGoesThroughUpdatesOnly) {
    for (const bool update : {false, true}) {
        two_threads p;
        const unsigned write = p.t.plain_write(p.a, p.data, 1);
        const auto head = static_cast<int>(p.t.store(p.a, p.x, 1, order::release));
        const unsigned next =
            update ? p.t.update(p.main, operation::fetch_add, p.x, 1, 2, head, order::relaxed)
                   : p.t.store(p.a, p.x, 2, order::relaxed);
        p.t.load(p.b, p.x, 2, static_cast<int>(next), order::acquire);
        const unsigned read = p.t.plain_read(p.b, p.data, 1);
        EXPECT_EQ(p.ordered(write, read), update);
    }
}

TEST(Causality, AnUnlockHappensBeforeTheLockThatReadsFromIt) {
    two_threads p;
    p.t.lock(p.a, p.mutex);
    const unsigned write = p.t.plain_write(p.a, p.data, 1);
    const auto unlock = static_cast<int>(p.t.unlock(p.a, p.mutex));
    const unsigned failed = p.t.try_lock_fails(p.b, p.mutex);
    p.t.lock(p.b, p.mutex, unlock);
    const unsigned read = p.t.plain_read(p.b, p.data, 1);
    EXPECT_TRUE(p.ordered(write, read));
    EXPECT_FALSE(p.ordered(write, failed));
}

TEST(Causality, ANotificationIsNoSynchronization) {
    two_threads p;
    const int ready = p.t.condition_variable("ready");
    p.t.add(p.b, operation::wait_enqueue, ready);
    const unsigned write = p.t.plain_write(p.a, p.data, 1);
    const unsigned notify = p.t.notify(p.a, operation::notify_one, ready, {p.b});
    p.t.wakes(p.b, ready, static_cast<int>(notify));
    const unsigned read = p.t.plain_read(p.b, p.data, 1);
    EXPECT_FALSE(p.ordered(write, read));
}

TEST(Causality, ABlockedAttemptLearnsNothing) {
    two_threads p;
    p.t.plain_write(p.a, p.data, 1);
    p.t.ends(p.a);
    p.t.blocks_in_join(p.b, p.a);
    const unsigned read = p.t.plain_read(p.b, p.data, 1);
    EXPECT_FALSE(p.ordered(3, read));
}

TEST(Causality, TheNearestMissIsTheLatest) {
    two_threads p;
    const unsigned write = p.t.plain_write(p.a, p.data, 1);
    const auto first = static_cast<int>(p.t.store(p.a, p.x, 1, order::relaxed));
    const auto second = static_cast<int>(p.t.store(p.a, p.y, 1, order::relaxed));
    p.t.load(p.b, p.x, 1, first, order::acquire);
    const unsigned last = p.t.load(p.b, p.y, 1, second, order::acquire);
    const unsigned read = p.t.plain_read(p.b, p.data, 1);
    const causality c(p.t.trace);
    const auto miss = c.nearest_miss(write, read);
    ASSERT_TRUE(miss.has_value());
    EXPECT_EQ(miss->read->step, last);
}

TEST(Causality, AWriteBeforeTheAccessIsNoMiss) {
    two_threads p;
    const auto store = static_cast<int>(p.t.store(p.a, p.x, 1, order::relaxed));
    const unsigned write = p.t.plain_write(p.a, p.data, 1);
    p.t.load(p.b, p.x, 1, store, order::relaxed);
    const unsigned read = p.t.plain_read(p.b, p.data, 1);
    EXPECT_FALSE(causality(p.t.trace).nearest_miss(write, read).has_value());
}

}  // namespace
}  // namespace heddle::checkers
