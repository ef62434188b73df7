// What the exploration finds in threads: exceptions, misuse; and that sixty-four of them run.
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <heddle/fibers/thread.hpp>
#include <sstream>
#include <stdexcept>
#include <string>

#include "backends.hpp"

namespace heddle {
namespace {

using testing_support::exhaustive;
using testing_support::expect_executions;
using testing_support::expect_misuse;
using testing_support::expect_verdict;
using testing_support::message_of;
using testing_support::outcomes_of;
using trace::misuse_kind;

TEST(ThreadExploration, IndependentThreadsHaveOneExecution) {
    expect_executions(1, [] {
        fibers::atomic<int> a{0}, b{0};
        fibers::thread other([&] { a.store(1); });
        b.store(1);
        other.join();
    });
}

// Two threads create one each, in either order: what they are called depends on neither.
TEST(ThreadExploration, IdsAreTheSameInEveryExecutionOfEveryStrategy) {
    const auto body = [] {
        fibers::atomic<int> x{0};
        std::string ids[3];
        const auto text_of = [](fibers::thread::id id) {
            std::ostringstream text;
            text << id;
            return text.str();
        };
        const auto create = [&](int n) {
            x.fetch_add(1);
            fibers::thread child([] {});
            ids[n] = text_of(child.get_id());
            child.join();
        };
        fibers::thread a(create, 0);
        fibers::thread b(create, 1);
        ids[2] = text_of(fibers::this_thread::get_id()) + text_of(b.get_id());
        a.join();
        b.join();
        record("{},{},{}", ids[0], ids[1], ids[2]);
    };
    EXPECT_EQ(outcomes_of(body), "1.1,2.1,02");
    EXPECT_EQ(outcomes_of(body, {.strategy = strategies::depth_first{}}), "1.1,2.1,02");
    EXPECT_EQ(outcomes_of(body, {.strategy = strategies::random{}, .execution_limit = 200}),
              "1.1,2.1,02");
}

TEST(ThreadExploration, DetachedThreadRunsBesideTheRestOfTheBody) {
    EXPECT_EQ(outcomes_of([] {
                  auto* const x = new fibers::atomic<int>(0);
                  fibers::thread([x] { x->store(1); }).detach();
                  record("{}", x->load());
              }),
              "0 1");
}

TEST(ThreadExploration, SixtyFourThreadsRun) {
    const result r = explore({.strategy = strategies::random{}, .execution_limit = 20}, [] {
        fibers::atomic<int> count{0};
        std::array<fibers::thread, 63> threads;
        for (fibers::thread& t : threads) t = fibers::thread([&] { ++count; });
        for (fibers::thread& t : threads) t.join();
        HEDDLE_ASSERT(count == 63);
    });
    EXPECT_EQ(to_string(r.verdict), "ok") << message_of(r);
}

TEST(ThreadExploration, OneThreadTooManyIsMisuse) {
    expect_misuse(misuse_kind::too_many_threads, [] {
        std::array<fibers::thread, 64> threads;
        for (fibers::thread& t : threads) t = fibers::thread([] {});
        for (fibers::thread& t : threads) t.join();
    });
}

TEST(ThreadExploration, LargeCallableFitsAtTheBaseOfTheStack) {
    expect_verdict(verdict::ok, [] {
        std::array<char, 4000> payload{};
        payload.back() = 'z';
        fibers::thread([payload] { HEDDLE_ASSERT(payload.back() == 'z'); }).join();
        struct alignas(64) aligned {
            char c = 'a';
        };
        fibers::thread([a = aligned()] {
            HEDDLE_ASSERT(reinterpret_cast<std::uintptr_t>(&a) % 64 == 0);
        }).join();
    });
}

TEST(ThreadExploration, CopyingACallableMayUseModelledObjects) {
    struct reader {
        fibers::atomic<int>* source;
        int seen = 0;
        explicit reader(fibers::atomic<int>& s) : source(&s) {}
        reader(const reader& other) : source(other.source), seen(source->load()) {}
        void operator()() const { record("{}", seen); }
    };
    EXPECT_EQ(outcomes_of([] {
                  fibers::atomic<int> x{0};
                  fibers::thread writer([&] { x.store(1); });
                  const reader r(x);
                  fibers::thread copy(r);
                  writer.join();
                  copy.join();
              }),
              "0 1");
}

TEST(ThreadExploration, ExceptionThatLeavesAThreadIsReportedWithItsText) {
    const auto thrown = [](auto value) {
        const result r =
            explore(exhaustive(), [value] { fibers::thread([value] { throw value; }).join(); });
        EXPECT_EQ(to_string(r.verdict), "exception") << message_of(r);
        return r.failure ? r.failure->trace.message : std::string();
    };
    EXPECT_EQ(thrown(std::runtime_error("lost the connection")), "lost the connection");
    EXPECT_EQ(thrown(42), "an exception that is no std::exception: int");
}

TEST(ThreadExploration, ExceptionCaughtInTheThreadIsNoFinding) {
    expect_verdict(verdict::ok, [] {
        fibers::thread([] {
            try {
                throw std::runtime_error("caught");
            } catch (const std::runtime_error&) {
                fibers::this_thread::yield();
            }
        }).join();
    });
}

TEST(ThreadExploration, JoinOfOneselfIsMisuse) {
    expect_misuse(misuse_kind::join_self, [] {
        fibers::atomic<bool> ready{false};
        fibers::thread t;
        t = fibers::thread([&] {
            ready.wait(false);
            t.join();
        });
        ready.store(true);
        ready.notify_one();
        ready.wait(true);
    });
}

TEST(ThreadExploration, JoinAndDetachOfWhatIsNotJoinableAreMisuse) {
    expect_misuse(
        misuse_kind::join_not_joinable, [] { fibers::thread().join(); }, __LINE__);
    expect_misuse(
        misuse_kind::detach_not_joinable, [] { fibers::thread().detach(); }, __LINE__);
    expect_misuse(
        misuse_kind::join_not_joinable, [] { fibers::jthread().join(); }, __LINE__);
    expect_misuse(misuse_kind::join_not_joinable, [] {
        fibers::thread t([] {});
        t.join();
        t.join();
    });
    expect_misuse(misuse_kind::detach_not_joinable, [] {
        fibers::thread t([] {});
        t.join();
        t.detach();
    });
    expect_misuse(misuse_kind::join_not_joinable, [] {
        fibers::thread t([] {});
        t.detach();
        t.join();
    });
}

TEST(ThreadExploration, DestructionOfAJoinableThreadIsMisuse) {
    expect_misuse(misuse_kind::thread_destroyed_joinable, [] { fibers::thread t([] {}); });
    expect_misuse(misuse_kind::thread_destroyed_joinable, [] {
        fibers::thread t([] {});
        t = fibers::thread();
    });
}

TEST(ThreadExploration, ThreadLeftRunningByTheBodyIsMisuse) {
    expect_misuse(misuse_kind::body_left_threads, [] {
        static_cast<void>(new fibers::thread([] {}));  // neither joined nor detached nor destroyed
    });
}

TEST(ThreadDeathTest, CreationWithoutAnyExecutionEndsTheProcess) {
    EXPECT_DEATH(fibers::thread([] {}), "outside of an execution");
}

}  // namespace
}  // namespace heddle
