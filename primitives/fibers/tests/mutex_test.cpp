// Mutexes, guards and locks of several on both backends: what std promises of them.
#include <gtest/gtest.h>

#include <heddle/fibers/mutex.hpp>
#include <mutex>
#include <system_error>
#include <type_traits>

#include "backends.hpp"

namespace heddle {
namespace {

using testing_support::runner;

static_assert(!std::is_copy_constructible_v<fibers::mutex> &&
              !std::is_copy_assignable_v<fibers::mutex>);
static_assert(!std::is_copy_constructible_v<fibers::scoped_lock<fibers::mutex>>);
static_assert(std::is_same_v<fibers::scoped_lock<fibers::mutex>::mutex_type, fibers::mutex>);

template <class Backend>
class Mutex : public testing::Test {
protected:
    using mutex = typename Backend::mutex;
    using recursive_mutex = typename Backend::recursive_mutex;
    using thread = typename Backend::thread;

    // Whether another thread could take it now.
    template <class M>
    static bool is_free(M& m) {
        bool taken = false;
        thread other([&] {
            taken = m.try_lock();
            if (taken) m.unlock();
        });
        other.join();
        return taken;
    }
};
TYPED_TEST_SUITE(Mutex, testing_support::both_backends, testing_support::backend_name);

TYPED_TEST(Mutex, IsHeldBetweenLockAndUnlock) {
    runner<TypeParam>::expect_clean([] {
        typename TestFixture::mutex m;
        HEDDLE_ASSERT(TestFixture::is_free(m));
        m.lock();
        HEDDLE_ASSERT(!TestFixture::is_free(m));
        m.unlock();
        HEDDLE_ASSERT(m.try_lock());
        HEDDLE_ASSERT(!TestFixture::is_free(m));
        m.unlock();
        HEDDLE_ASSERT(TestFixture::is_free(m));
    });
}

TYPED_TEST(Mutex, ExcludesOtherThreads) {
    runner<TypeParam>::expect_clean([] {
        typename TestFixture::mutex m;
        typename TypeParam::template var<int> count{0};
        const auto add = [&] {
            m.lock();
            ++count;
            m.unlock();
        };
        typename TestFixture::thread a(add), b(add);
        add();
        a.join();
        b.join();
        HEDDLE_ASSERT(count == 3);
    });
}

TYPED_TEST(Mutex, WorksUnderTheGuardsOfStd) {
    runner<TypeParam>::expect_clean([] {
        typename TestFixture::mutex m;
        {
            const std::lock_guard guard(m);
            HEDDLE_ASSERT(!TestFixture::is_free(m));
        }
        std::unique_lock lock(m, std::defer_lock);
        HEDDLE_ASSERT(!lock.owns_lock() && TestFixture::is_free(m));
        lock.lock();
        HEDDLE_ASSERT(!TestFixture::is_free(m));
        lock.unlock();
        HEDDLE_ASSERT(lock.try_lock());
        std::unique_lock other = std::move(lock);
        HEDDLE_ASSERT(other.owns_lock() && !TestFixture::is_free(m));
        other.unlock();
        const std::scoped_lock alone(m);
        HEDDLE_ASSERT(!TestFixture::is_free(m));
    });
}

TYPED_TEST(Mutex, RecursiveIsHeldUntilTheOutermostUnlock) {
    runner<TypeParam>::expect_clean([] {
        typename TestFixture::recursive_mutex m;
        m.lock();
        HEDDLE_ASSERT(m.try_lock());
        const std::unique_lock third(m);
        m.unlock();
        HEDDLE_ASSERT(!TestFixture::is_free(m));
        m.unlock();
        HEDDLE_ASSERT(!TestFixture::is_free(m));
    });
    runner<TypeParam>::expect_clean([] {
        typename TestFixture::recursive_mutex m;
        m.lock();
        m.lock();
        m.unlock();
        m.unlock();
        HEDDLE_ASSERT(TestFixture::is_free(m));
    });
}

TYPED_TEST(Mutex, LockTakesAll) {
    runner<TypeParam>::expect_clean([] {
        typename TestFixture::mutex a, b, c;
        TypeParam::lock(a, b);
        HEDDLE_ASSERT(!TestFixture::is_free(a) && !TestFixture::is_free(b));
        a.unlock();
        b.unlock();
        TypeParam::lock(c, a, b);
        HEDDLE_ASSERT(!TestFixture::is_free(a) && !TestFixture::is_free(b) &&
                      !TestFixture::is_free(c));
        a.unlock();
        b.unlock();
        c.unlock();
    });
}

TYPED_TEST(Mutex, LockTakesDeferredLocksAndMixedKinds) {
    runner<TypeParam>::expect_clean([] {
        typename TestFixture::mutex a, b;
        typename TestFixture::recursive_mutex r;
        std::unique_lock first(a, std::defer_lock), second(b, std::defer_lock);
        TypeParam::lock(first, second);
        HEDDLE_ASSERT(first.owns_lock() && second.owns_lock() && !TestFixture::is_free(a));
        first.unlock();
        r.lock();
        TypeParam::lock(a, r);  // r is held already: once more
        r.unlock();
        HEDDLE_ASSERT(!TestFixture::is_free(r));
        r.unlock();
        HEDDLE_ASSERT(TestFixture::is_free(r));
        a.unlock();
    });
}

TYPED_TEST(Mutex, ScopedLockAndLockAllHoldForTheirLife) {
    runner<TypeParam>::expect_clean([] {
        typename TestFixture::mutex a, b, c;
        using guard_of_two = typename TypeParam::template scoped_lock<typename TestFixture::mutex,
                                                                      typename TestFixture::mutex>;
        using guard_of_one = typename TypeParam::template scoped_lock<typename TestFixture::mutex>;
        {
            const guard_of_two guard(a, b);
            HEDDLE_ASSERT(!TestFixture::is_free(a) && !TestFixture::is_free(b));
        }
        {
            auto guard = TypeParam::lock_all(a, b, c);
            HEDDLE_ASSERT(!TestFixture::is_free(a) && !TestFixture::is_free(c));
        }
        {
            auto guard = TypeParam::lock_all(a);
            HEDDLE_ASSERT(!TestFixture::is_free(a) && TestFixture::is_free(b));
        }
        a.lock();
        { const guard_of_one guard(std::adopt_lock, a); }
        HEDDLE_ASSERT(TestFixture::is_free(a) && TestFixture::is_free(b) &&
                      TestFixture::is_free(c));
        typename TypeParam::template scoped_lock<> none;
        static_cast<void>(none);
    });
}

TYPED_TEST(Mutex, LocksOfSeveralInOppositeOrdersDoNotDeadlock) {
    runner<TypeParam>::expect_clean([] {
        typename TestFixture::mutex a, b;
        typename TypeParam::template var<int> count{0};
        typename TestFixture::thread other([&] {
            auto guard = TypeParam::lock_all(b, a);
            ++count;
        });
        {
            auto guard = TypeParam::lock_all(a, b);
            ++count;
        }
        other.join();
        HEDDLE_ASSERT(count == 2);
    });
}

TYPED_TEST(Mutex, LockOfAMisusedUniqueLockThrowsAsStdDoes) {
    runner<TypeParam>::expect_clean([] {
        typename TestFixture::mutex a, b;
        std::unique_lock<typename TestFixture::mutex> empty, owner(a);
        const auto code_of = [&b](auto& lock) {
            try {
                TypeParam::lock(lock, b);
            } catch (const std::system_error& e) {
                return e.code();
            }
            return std::error_code();
        };
        HEDDLE_ASSERT(code_of(empty) == std::errc::operation_not_permitted);
        HEDDLE_ASSERT(code_of(owner) == std::errc::resource_deadlock_would_occur);
    });
}

// A lock of the user's own, over a modelled mutex.
template <class Backend>
class wrapped_mutex {
public:
    void lock() { mutex_.lock(); }
    bool try_lock() { return mutex_.try_lock(); }
    void unlock() { mutex_.unlock(); }

private:
    typename Backend::mutex mutex_;
};

TYPED_TEST(Mutex, LockTakesLocksOfTheUsersOwn) {
    runner<TypeParam>::expect_clean([] {
        wrapped_mutex<TypeParam> a;
        typename TestFixture::mutex b;
        {
            auto guard = TypeParam::lock_all(a, b);
            HEDDLE_ASSERT(!TestFixture::is_free(a) && !TestFixture::is_free(b));
        }
        auto alone = TypeParam::lock_all(a);
        HEDDLE_ASSERT(!TestFixture::is_free(a));
    });
}

}  // namespace
}  // namespace heddle
