#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <heddle/checkers/object_misuse.hpp>

#include "reports.hpp"

namespace heddle::checkers {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using trace::misuse_kind;
using trace::none;
using trace::operation;
using trace::stop;
using trace::trace_builder;

struct misuse_case {
    trace_builder t = sample();
    int main = t.thread("main"), worker = t.thread("worker");
    int mutex = t.mutex("mutex");

    misuse_case() {
        t.at("misuse.hpp", "thread worker");
        t.spawn(main, worker);
    }
    trace::diagnostic by(int thread, misuse_kind kind, int object, const std::string& text) {
        const unsigned last = t.last();
        t.stops(stop::misuse, thread, last, object);
        t.trace.misuse = kind;
        if (!text.empty()) t.trace.where = t.place_of("misuse.hpp", text);
        return explain_object_misuse(t.trace);
    }
};

TEST(ObjectMisuse, NamesTheOwnerOfAMutexUnlockedByAnother) {
    misuse_case m;
    m.t.at("misuse.hpp", "{ mutex.lock(); }");
    const unsigned taken = m.t.lock(m.worker, m.mutex);
    m.t.holds(m.worker, m.mutex, taken);
    m.t.at("misuse.hpp", "worker.join()");
    const auto d = m.by(m.main, misuse_kind::unlock_not_owner, m.mutex, "once too often");
    EXPECT_EQ(d.slug, "misuse");
    EXPECT_EQ(d.headline, "`main` unlocks `mutex`, which `worker` holds");
    EXPECT_TRUE(has_label(d, "`worker` took `mutex` at step 2"));
    expect_report("misuse_unlock_not_owner", m.t.trace, d);
}

TEST(ObjectMisuse, NamesTheUnlockBefore) {
    misuse_case m;
    m.t.at("misuse.hpp", "    mutex.lock();");
    m.t.lock(m.main, m.mutex);
    trace::place unlock = m.t.place_of("misuse.hpp", "    mutex.lock();");
    ++unlock.line;
    m.t.at(unlock);
    m.t.unlock(m.main, m.mutex);
    const auto d = m.by(m.main, misuse_kind::unlock_not_owner, m.mutex, "once too often");
    EXPECT_EQ(d.headline, "`main` unlocks `mutex`, which no thread holds");
    EXPECT_TRUE(has_label(d, "`main` unlocked it already, at step 3"));
    expect_report("misuse_unlocked_twice", m.t.trace, d);
}

TEST(ObjectMisuse, SaysThatNobodyLockedIt) {
    misuse_case m;
    const auto d = m.by(m.main, misuse_kind::unlock_not_owner, m.mutex, "once too often");
    EXPECT_THAT(joined(d.why), HasSubstr("nobody locked it in this execution"));
}

TEST(ObjectMisuse, NamesTheLockBeforeATryByItsOwner) {
    misuse_case m;
    m.t.at("misuse.hpp", "    mutex.lock();");
    m.t.holds(m.main, m.mutex, m.t.lock(m.main, m.mutex));
    const auto d = m.by(m.main, misuse_kind::relock_by_owner_try, m.mutex, "mutex.try_lock()");
    EXPECT_EQ(d.headline, "`main` tries to lock `mutex`, which it holds itself");
    EXPECT_TRUE(has_label(d, "`main` took `mutex` at step 2"));
}

TEST(ObjectMisuse, NamesTheHolderOfADestroyedMutex) {
    misuse_case m;
    m.t.at("misuse.hpp", "{ mutex.lock(); }");
    m.t.holds(m.worker, m.mutex, m.t.lock(m.worker, m.mutex));
    const auto d = m.by(m.main, misuse_kind::mutex_destroyed_held, m.mutex, "return heddle");
    EXPECT_EQ(d.headline, "`mutex` is destroyed while `worker` holds it");
    expect_report("misuse_destroyed_held", m.t.trace, d);
}

TEST(ObjectMisuse, NamesTheWaitersOfADestroyedObject) {
    misuse_case m;
    const int ready = m.t.condition_variable("ready");
    m.t.at("misuse.hpp", "ready.wait(lock)");
    m.t.lock(m.worker, m.mutex);
    m.t.sleeps(m.worker, ready, m.mutex);
    const auto d =
        m.by(m.main, misuse_kind::condition_variable_destroyed_waited_on, ready, "return heddle");
    EXPECT_EQ(d.headline, "`ready` is destroyed while `worker` waits on it");
    EXPECT_TRUE(has_label(d, "`worker` has been waiting here since step 3"));
    EXPECT_THAT(joined(d.help),
                HasSubstr("notify `worker` and join it before `ready` is destroyed"));
    EXPECT_EQ(d.stopped_by, "destroys ready  not allowed");

    misuse_case n;
    n.t.at("misuse.hpp", "{ mutex.lock(); }");
    n.t.blocks(n.worker, operation::lock, n.mutex);
    EXPECT_EQ(
        n.by(n.main, misuse_kind::mutex_destroyed_waited_on, n.mutex, "return heddle").headline,
        "`mutex` is destroyed while `worker` waits for it");
}

TEST(ObjectMisuse, NamesBothMutexesOfAWait) {
    misuse_case m;
    const int ready = m.t.condition_variable("ready"), second = m.t.mutex("second_mutex");
    m.t.at("misuse.hpp", "ready.wait(lock)");
    m.t.lock(m.worker, m.mutex);
    m.t.sleeps(m.worker, ready, m.mutex);
    m.t.at("misuse.hpp", "ready.wait(second_lock)");
    m.t.lock(m.main, second);
    m.t.add(m.main, operation::wait_enqueue, ready);
    const auto d = m.by(m.main, misuse_kind::wait_two_mutexes, ready, "ready.wait(second_lock)");
    EXPECT_EQ(d.headline, "`ready` is waited on with two different mutexes");
    EXPECT_TRUE(has_label(d, "`worker` has been waiting here since step 3, with `mutex`"));
    expect_report("misuse_two_mutexes", m.t.trace, d);
}

TEST(ObjectMisuse, AdvisesToLockBeforeAWait) {
    misuse_case m;
    const int ready = m.t.condition_variable("ready");
    const auto d = m.by(m.main, misuse_kind::wait_without_lock, ready, "ready.wait(lock)");
    EXPECT_EQ(d.headline, "`main` waits on `ready` without holding the lock");
    EXPECT_THAT(joined(d.help), HasSubstr("std::unique_lock"));
}

TEST(ObjectMisuse, NamesTheFirstOfTwoJoins) {
    misuse_case m;
    m.t.ends(m.worker);
    m.t.at("misuse.hpp", "    worker.join();");
    m.t.join(m.main, m.worker);
    const auto d = m.by(m.main, misuse_kind::join_not_joinable, none, "joined twice");
    EXPECT_EQ(d.headline, "`main` joins a thread that is not joinable");
    EXPECT_TRUE(has_label(d, "`worker` was joined at step 3"));
    expect_report("misuse_joined_twice", m.t.trace, d);
}

TEST(ObjectMisuse, DoesNotBlameTheJoinOfAnotherThread) {
    misuse_case m;
    m.t.ends(m.worker);
    m.t.at("misuse.hpp", "    worker.join();");
    m.t.join(m.main, m.worker);
    const auto d = m.by(m.main, misuse_kind::detach_not_joinable, none, "other.detach()");
    EXPECT_EQ(d.headline, "`main` detaches a thread that is not joinable");
    EXPECT_EQ(d.labels.size(), 1U);
}

TEST(ObjectMisuse, NamesTheThreadThatWasLeft) {
    misuse_case m;
    m.t.at("misuse.hpp", "{ mutex.lock(); }");
    m.t.lock(m.worker, m.mutex);
    m.t.trace.other_step = m.t.last();
    const unsigned other = m.t.last();
    auto d = m.by(m.main, misuse_kind::thread_destroyed_joinable, none, "return heddle");
    m.t.trace.other_step = other;
    d = explain_object_misuse(m.t.trace);
    EXPECT_EQ(d.headline, "`worker` is neither joined nor detached");
    EXPECT_TRUE(has_label(d, "`main` started `worker` at step 1"));
    EXPECT_THAT(joined(d.help), HasSubstr("jthread"));
}

TEST(ObjectMisuse, FindsTheThreadThatWasLeftWhereOnlyOneCanBeMeant) {
    misuse_case m;
    EXPECT_EQ(m.by(m.main, misuse_kind::thread_destroyed_joinable, none, "return heddle").headline,
              "`worker` is neither joined nor detached");
    misuse_case n;
    n.t.spawn(n.main, n.t.thread("second"));
    EXPECT_EQ(n.by(n.main, misuse_kind::thread_destroyed_joinable, none, "return heddle").headline,
              "a thread is neither joined nor detached");
}

TEST(ObjectMisuse, NamesTheThreadsThatOutliveTheBody) {
    misuse_case m;
    m.t.at("misuse.hpp", "other.detach()");
    m.t.trace.threads[1].created_at = m.t.place_of("misuse.hpp", "thread worker");
    const auto d = m.by(m.main, misuse_kind::body_left_threads, none, "return heddle");
    EXPECT_EQ(d.headline, "the body returned while `worker` runs");
    EXPECT_TRUE(has_label(d, "`worker` was started here"));
}

TEST(ObjectMisuse, EachKindHasASentenceAReasonAndOnePrimaryLabel) {
    const int last = static_cast<int>(misuse_kind::violated_precondition);
    for (int k = 0; k <= last; ++k) {
        misuse_case m;
        const auto kind = static_cast<misuse_kind>(k);
        const auto d = m.by(m.main, kind, m.mutex, "return heddle");
        EXPECT_FALSE(d.headline.empty()) << k;
        EXPECT_FALSE(d.why.empty()) << k;
        ASSERT_FALSE(d.labels.empty()) << k;
        EXPECT_TRUE(d.labels.front().primary) << k;
        EXPECT_THAT(d.headline, Not(HasSubstr("unknown"))) << k;
        const bool general = d.headline.find("its type does not allow") != std::string::npos;
        EXPECT_EQ(general, kind == misuse_kind::not_misuse) << k;
        // Nothing is known but the kind: this must not fail either.
        trace::execution_trace bare;
        bare.why = stop::misuse;
        bare.misuse = kind;
        EXPECT_FALSE(explain_object_misuse(bare).headline.empty()) << k;
    }
}

}  // namespace
}  // namespace heddle::checkers
