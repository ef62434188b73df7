#include <gtest/gtest.h>

#include <heddle/primitives/rw_lock.hpp>
#include <mutex>
#include <shared_mutex>
#include <stdexcept>

#include "backends.hpp"

namespace heddle {
namespace {

using testing_support::runner;

template <class Backend>
class RwLock : public testing::Test {
protected:
    template <rw_preference Preference>
    static void two_readers_and_a_writer() {
        runner<Backend>::expect_clean([] {
            rw_lock<Preference, Backend> lock;
            typename Backend::template var<int> left{0}, right{0};
            const auto read = [&] {
                const std::shared_lock reading(lock);
                HEDDLE_ASSERT(left == right);
            };
            typename Backend::thread a(read), b(read);
            {
                const std::unique_lock writing(lock);
                left = 1;
                right = 1;
            }
            a.join();
            b.join();
        });
    }

    template <rw_preference Preference>
    static void try_both_ways() {
        runner<Backend>::expect_clean([] {
            rw_lock<Preference, Backend> lock;
            const auto elsewhere = [&](auto call) {
                bool taken = false;
                typename Backend::thread other([&] { taken = call(); });
                other.join();
                return taken;
            };
            lock.lock_shared();
            HEDDLE_ASSERT(!elsewhere([&] { return lock.try_lock(); }));
            HEDDLE_ASSERT(elsewhere([&] {
                if (!lock.try_lock_shared()) return false;
                lock.unlock_shared();
                return true;
            }));
            lock.unlock_shared();
            lock.lock();
            HEDDLE_ASSERT(!elsewhere([&] { return lock.try_lock_shared(); }));
            HEDDLE_ASSERT(!elsewhere([&] { return lock.try_lock(); }));
            lock.unlock();
            HEDDLE_ASSERT(lock.try_lock());
            lock.unlock();
        });
    }
};
TYPED_TEST_SUITE(RwLock, testing_support::both_backends, testing_support::backend_name);

TYPED_TEST(RwLock, KeepsAWriterAloneWithReaderPreference) {
    TestFixture::template two_readers_and_a_writer<rw_preference::readers>();
}
TYPED_TEST(RwLock, KeepsAWriterAloneWithWriterPreference) {
    TestFixture::template two_readers_and_a_writer<rw_preference::writers>();
}
TYPED_TEST(RwLock, KeepsAWriterAloneWhenFair) {
    TestFixture::template two_readers_and_a_writer<rw_preference::fair>();
}

TYPED_TEST(RwLock, IsTriedWithoutWaiting) {
    TestFixture::template try_both_ways<rw_preference::readers>();
    TestFixture::template try_both_ways<rw_preference::writers>();
    TestFixture::template try_both_ways<rw_preference::fair>();
}

TEST(RwLockMisuse, IsUnlockedByNobodyElse) {
    rw_lock<rw_preference::fair, real_threads> lock;
    EXPECT_THROW(lock.unlock(), std::logic_error);
    EXPECT_THROW(lock.unlock_shared(), std::logic_error);
    testing_support::expect_misuse(trace::misuse_kind::violated_precondition, [] {
        rw_lock<rw_preference::writers, fibers> explored;
        explored.unlock_shared();
    });
}

// Two readers are in together in some execution.
TEST(RwLockExploration, ReadersMeet) {
    const auto meets = []<rw_preference Preference>() {
        return testing_support::outcomes_of([] {
            rw_lock<Preference, fibers> lock;
            fibers::atomic<int> in{0};
            bool met = false;
            fibers::thread other([&] {
                const std::shared_lock reading(lock);
                in.fetch_add(1);
                met = in.load() == 2 || met;
                in.fetch_sub(1);
            });
            {
                const std::shared_lock reading(lock);
                in.fetch_add(1);
                in.fetch_sub(1);
            }
            other.join();
            record("{}", met);
        });
    };
    EXPECT_EQ(meets.operator()<rw_preference::readers>(), "false true");
    EXPECT_EQ(meets.operator()<rw_preference::writers>(), "false true");
    EXPECT_EQ(meets.operator()<rw_preference::fair>(), "false true");
}

}  // namespace
}  // namespace heddle
