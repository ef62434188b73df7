#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <heddle/checkers/lost_notification.hpp>

#include "reports.hpp"

namespace heddle::checkers {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using trace::none;
using trace::operation;
using trace::stop;
using trace::trace_builder;

struct pool_case {
    trace_builder t = sample();
    int main = t.thread("main"), worker = t.thread("worker");
    int mutex = t.mutex("mutex_"), ready = t.condition_variable("jobs_ready_");
    int pending = t.atomic("pending_");

    void begin() {
        t.at("pool_test.cpp", "thread worker");
        t.spawn(main, worker);
    }
    trace::diagnostic end(int waiter) {
        t.at("pool_test.cpp", "worker.join");
        t.blocks_in_join(main, worker);
        t.stops(stop::lost_notification, waiter, t.trace.ends[waiter].since, ready);
        t.trace.passing_waiter = waiter;
        return explain_lost_notification(t.trace);
    }
    trace::place line_after(const std::string& text) {
        trace::place where = t.place_of("pool.hpp", text);
        ++where.line;
        return where;
    }
};

TEST(LostNotification, NamesTheOneThatCameBeforeTheWait) {
    pool_case p;
    trace_builder& t = p.t;
    p.begin();
    t.at("pool.hpp", "if (pending_.load() == 0)");
    t.load(p.worker, p.pending, 0);
    t.at("pool.hpp", "pending_.fetch_add(1)");
    t.update(p.main, operation::fetch_add, p.pending, 0, 1);
    t.at("pool.hpp", "jobs_ready_.notify_one()");
    t.notify(p.main, operation::notify_one, p.ready);
    t.at(p.line_after("if (pending_.load() == 0)"));
    t.lock(p.worker, p.mutex);
    trace::place wait = p.line_after("if (pending_.load() == 0)");
    ++wait.line;
    t.at(wait);
    t.sleeps(p.worker, p.ready, p.mutex);
    const auto d = p.end(p.worker);
    EXPECT_EQ(d.slug, "lost-notification");
    EXPECT_EQ(d.headline,
              "`worker` waits forever on `jobs_ready_`; it was notified only before it waited");
    EXPECT_THAT(joined(d.why),
                HasSubstr("`main` changed `pending_` and notified between the test"));
    EXPECT_THAT(joined(d.help), HasSubstr("change `pending_` with `mutex_` held"));
    expect_report("lost_notification_before", t.trace, d);
}

TEST(LostNotification, AdvisesOnlyTheChangeWhereTheTestHoldsTheMutex) {
    pool_case p;
    trace_builder& t = p.t;
    p.begin();
    t.at(p.line_after("void take()"));
    t.lock(p.worker, p.mutex);
    t.at("pool.hpp", "while (pending_.load() <= 0)");
    t.load(p.worker, p.pending, 0);
    t.at("pool.hpp", "pending_.fetch_add(1)");
    t.update(p.main, operation::fetch_add, p.pending, 0, 1);
    t.at("pool.hpp", "jobs_ready_.notify_one()");
    t.notify(p.main, operation::notify_one, p.ready);
    t.at("pool.hpp", "while (pending_.load() <= 0)");
    t.sleeps(p.worker, p.ready, p.mutex);
    const auto d = p.end(p.worker);
    EXPECT_THAT(joined(d.why), HasSubstr("the change does not hold `mutex_`"));
    EXPECT_THAT(joined(d.help),
                ::testing::StrEq("change `pending_` with `mutex_` held (pool.hpp:6)\n"));
}

TEST(LostNotification, NamesANotificationWithoutState) {
    pool_case p;
    trace_builder& t = p.t;
    p.begin();
    t.at("pool.hpp", "void ring()");
    t.notify(p.main, operation::notify_all, p.ready);
    t.at(p.line_after("void rest()"));
    t.lock(p.worker, p.mutex);
    trace::place wait = p.line_after("void rest()");
    ++wait.line;
    t.at(wait);
    t.sleeps(p.worker, p.ready, p.mutex);
    const auto d = p.end(p.worker);
    EXPECT_THAT(joined(d.help), HasSubstr("set a flag with `mutex_` held before notifying"));
    expect_report("lost_notification_without_state", t.trace, d);
}

TEST(LostNotification, NamesTheWaiterThatSwallowedIt) {
    pool_case p;
    trace_builder& t = p.t;
    const int cleaner = t.thread("cleaner");
    p.begin();
    t.at("pool_test.cpp", "thread second");
    t.spawn(p.main, cleaner);
    t.at(p.line_after("void take()"));
    t.lock(p.worker, p.mutex);
    t.at("pool.hpp", "while (pending_.load() <= 0)");
    t.load(p.worker, p.pending, 0);
    t.sleeps(p.worker, p.ready, p.mutex);
    t.at("pool.hpp", "pending_.fetch_add(3)");
    t.update(p.main, operation::fetch_add, p.pending, 0, 1);
    t.at(p.line_after("void wait_until_empty()"));
    t.lock(cleaner, p.mutex);
    t.at("pool.hpp", "while (pending_.load() != 0)");
    t.load(cleaner, p.pending, 1);
    t.sleeps(cleaner, p.ready, p.mutex);
    t.at(p.line_after("pending_.fetch_add(3)"));
    const unsigned notify = t.notify(p.main, operation::notify_one, p.ready, {cleaner});
    t.at("pool.hpp", "while (pending_.load() != 0)");
    t.wakes(cleaner, p.ready, static_cast<int>(notify));
    t.lock(cleaner, p.mutex);
    t.load(cleaner, p.pending, 1);
    t.sleeps(cleaner, p.ready, p.mutex);
    const auto d = p.end(p.worker);
    EXPECT_EQ(d.headline,
              "`worker` waits forever on `jobs_ready_`; the notification went to "
              "`cleaner`, which had no use for it");
    EXPECT_THAT(joined(d.help), HasSubstr("wake all waiters with `notify_all` at pool.hpp:18"));
    expect_report("lost_notification_swallowed", t.trace, d);
}

TEST(LostNotification, NamesOneNotificationForTwo) {
    pool_case p;
    trace_builder& t = p.t;
    const int second = t.thread("second");
    p.begin();
    t.at("pool_test.cpp", "thread second");
    t.spawn(p.main, second);
    for (const int thread : {p.worker, second}) {
        t.at(p.line_after("void take()"));
        t.lock(thread, p.mutex);
        t.at("pool.hpp", "while (pending_.load() <= 0)");
        t.load(thread, p.pending, 0);
        t.sleeps(thread, p.ready, p.mutex);
    }
    t.at("pool.hpp", "pending_.fetch_add(3)");
    t.update(p.main, operation::fetch_add, p.pending, 0, 2);
    t.at(p.line_after("pending_.fetch_add(3)"));
    const unsigned notify = t.notify(p.main, operation::notify_one, p.ready, {second});
    t.at("pool.hpp", "while (pending_.load() <= 0)");
    t.wakes(second, p.ready, static_cast<int>(notify));
    t.lock(second, p.mutex);
    t.load(second, p.pending, 2);
    t.at("pool.hpp", "pending_.fetch_sub(1)");
    t.update(second, operation::fetch_sub, p.pending, 2, 1);
    t.unlock(second, p.mutex);
    t.ends(second);
    const auto d = p.end(p.worker);
    EXPECT_EQ(d.headline,
              "`worker` waits forever on `jobs_ready_`; one thread was woken where two "
              "could go on");
    expect_report("lost_notification_one_for_two", t.trace, d);
}

TEST(LostNotification, NamesAChangeThatNobodyNotified) {
    pool_case p;
    trace_builder& t = p.t;
    p.begin();
    t.at(p.line_after("void take()"));
    t.lock(p.worker, p.mutex);
    t.at("pool.hpp", "while (pending_.load() <= 0)");
    t.load(p.worker, p.pending, 0);
    t.sleeps(p.worker, p.ready, p.mutex);
    t.at(p.line_after("void submit_quietly()"));
    t.lock(p.main, p.mutex);
    t.at("pool.hpp", "pending_.fetch_add(2)");
    t.update(p.main, operation::fetch_add, p.pending, 0, 2);
    t.unlock(p.main, p.mutex);
    const auto d = p.end(p.worker);
    EXPECT_EQ(d.headline,
              "`worker` waits forever on `jobs_ready_`; `main` changed `pending_` and "
              "nobody notified");
    EXPECT_EQ(joined(d.help), "call `jobs_ready_.notify_one()` after the change at pool.hpp:12\n");
    expect_report("lost_notification_not_notified", t.trace, d);
}

TEST(LostNotification, NamesTheConditionVariableNotifiedInstead) {
    pool_case p;
    trace_builder& t = p.t;
    const int other = t.condition_variable("space_ready_");
    p.begin();
    t.at("pool.hpp", "while (pending_.load() <= 0)");
    t.lock(p.worker, p.mutex);
    t.load(p.worker, p.pending, 0);
    t.sleeps(p.worker, p.ready, p.mutex);
    t.at("pool.hpp", "pending_.fetch_add(2)");
    t.lock(p.main, p.mutex);
    t.update(p.main, operation::fetch_add, p.pending, 0, 2);
    t.unlock(p.main, p.mutex);
    t.notify(p.main, operation::notify_one, other);
    EXPECT_TRUE(has_label(p.end(p.worker), "`main` notifies `space_ready_` instead, at step 10"));
}

TEST(LostNotification, NamesANotificationBeforeTheChange) {
    pool_case p;
    trace_builder& t = p.t;
    p.begin();
    t.at("pool.hpp", "while (pending_.load() <= 0)");
    t.lock(p.worker, p.mutex);
    t.load(p.worker, p.pending, 0);
    t.at("pool.hpp", "jobs_ready_.notify_one()");
    t.notify(p.main, operation::notify_one, p.ready);
    t.at("pool.hpp", "while (pending_.load() <= 0)");
    t.sleeps(p.worker, p.ready, p.mutex);
    t.at("pool.hpp", "pending_.fetch_add(2)");
    t.lock(p.main, p.mutex);
    t.update(p.main, operation::fetch_add, p.pending, 0, 2);
    t.unlock(p.main, p.mutex);
    const auto d = p.end(p.worker);
    EXPECT_THAT(joined(d.why), HasSubstr("before it changed `pending_`"));
    EXPECT_THAT(joined(d.help), HasSubstr("call `jobs_ready_.notify_one()` after the change"));
}

TEST(LostNotification, NamesAnAtomicThatNobodyNotified) {
    trace_builder t = sample();
    const int main = t.thread("main"), worker = t.thread("worker");
    const int gate = t.atomic("gate_", trace::value_format::boolean);
    const int waiters = t.condition_variable("gate_");
    t.at("pool_test.cpp", "thread worker");
    t.spawn(main, worker);
    t.at("pool.hpp", "gate_.wait(false)");
    t.load(worker, gate, 0);
    t.add(worker, operation::wait_enqueue, waiters).writes = true;
    t.blocks(worker, operation::wait_wake, waiters);
    t.at("pool.hpp", "gate_.store(true)");
    t.store(main, gate, 1);
    t.at("pool_test.cpp", "worker.join");
    t.blocks_in_join(main, worker);
    t.stops(stop::lost_notification, worker, t.trace.ends[worker].since, waiters);
    t.trace.passing_waiter = worker;
    const auto d = explain_lost_notification(t.trace);
    EXPECT_EQ(d.headline,
              "`worker` waits forever on `gate_`; `main` changed `gate_` and nobody notified");
    EXPECT_EQ(joined(d.help), "call `gate_.notify_one()` after the change at pool.hpp:40\n");
    expect_report("lost_notification_atomic", t.trace, d);
}

TEST(LostNotification, ClaimsNoMoreThanItKnows) {
    pool_case p;
    trace_builder& t = p.t;
    p.begin();
    t.at("pool.hpp", "while (pending_.load() <= 0)");
    t.lock(p.worker, p.mutex);
    t.load(p.worker, p.pending, 0);
    t.sleeps(p.worker, p.ready, p.mutex);
    const auto d = p.end(p.worker);
    EXPECT_THAT(d.headline, HasSubstr("although what it waits for holds"));
    EXPECT_THAT(d.help, IsEmpty());
}

TEST(LostNotification, SurvivesAnEmptyTrace) {
    EXPECT_EQ(explain_lost_notification({}).slug, "lost-notification");
    trace_builder t = sample();
    t.thread("main");
    t.trace.passing_waiter = 0;
    EXPECT_EQ(explain_lost_notification(t.trace).slug, "lost-notification");
}

}  // namespace
}  // namespace heddle::checkers
