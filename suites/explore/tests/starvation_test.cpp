// Fair executions that never end, and leave one thread out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <heddle/heddle.hpp>

#include <string>

namespace heddle {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

// Two threads pass through a section until a third has been there once.
template <class Section>
auto visited_until_done(Section section) {
    return [section] {
        typename Section::state s;
        fibers::atomic<bool> done{false};
        const auto visit = [&] {
            while (!done.load()) section(s, [] {});
        };
        fibers::thread first(visit), second(visit);
        section(s, [&] { done.store(true); });
        first.join();
        second.join();
    };
}

struct test_and_set_section {
    struct state {
        fibers::atomic<bool> taken{false};
    };
    template <class Inside>
    void operator()(state& s, Inside inside) const {
        while (s.taken.exchange(true)) fibers::this_thread::yield();
        inside();
        s.taken.store(false);
    }
};

struct ticket_section {
    struct state {
        fibers::atomic<int> next{0}, serving{0};
    };
    template <class Inside>
    void operator()(state& s, Inside inside) const {
        const int ticket = s.next.fetch_add(1);
        while (s.serving.load() != ticket) fibers::this_thread::yield();
        inside();
        s.serving.store(ticket + 1);
    }
};

struct mutex_section {
    struct state {
        fibers::mutex mutex;
        fibers::var<int> visits{0};
    };
    template <class Inside>
    void operator()(state& s, Inside inside) const {
        const std::lock_guard guard(s.mutex);
        s.visits += 1;
        inside();
    }
};

// A monitor that lets visitors in whenever no cleaner is, and a cleaner when nobody is in.
void cleaner_waits_for_visitors() {
    fibers::mutex mutex;
    fibers::condition_variable changed;
    fibers::var<int> inside{0};
    fibers::atomic<bool> cleaned{false};
    const auto visit = [&] {
        while (!cleaned.load()) {
            {
                const std::lock_guard guard(mutex);
                inside += 1;
            }
            const std::lock_guard guard(mutex);
            inside -= 1;
            changed.notify_all();
        }
    };
    fibers::thread first(visit), second(visit);
    {
        std::unique_lock lock(mutex);
        while (inside != 0) changed.wait(lock);
        cleaned.store(true);
    }
    first.join();
    second.join();
}

result explore_quietly(options o, const std::function<void()>& body) {
    o.progress = false;
    return explore(o, body);
}

class Starvation : public testing::TestWithParam<strategy> {
protected:
    result search(const std::function<void()>& body, std::uint64_t execution_limit = 0) const {
        options o;
        o.strategy = GetParam();
        o.step_limit = 2'000;
        o.execution_limit = execution_limit;
        return explore_quietly(o, body);
    }
};

TEST_P(Starvation, OfWhoTriesALockThatOthersTakeInTurn) {
    const result r = search(visited_until_done(test_and_set_section{}));
    ASSERT_EQ(r.verdict, verdict::starvation) << r.summary;
    const std::string& report = r.failure->message;
    EXPECT_THAT(report, HasSubstr("warning[starvation]: `main` starves: it waits for"));
    EXPECT_THAT(report, HasSubstr(".exchange(true) -> true`"));
    EXPECT_THAT(report, ContainsRegex("the steps [0-9]+ to [0-9]+ repeat"));
    EXPECT_THAT(report, HasSubstr("up to the step limit of 2000"));
    EXPECT_LT(r.failure->steps, 200U);
}

TEST_P(Starvation, OfWhoIsWokenAndHasToWaitAgain) {
    const result r = search(cleaner_waits_for_visitors);
    ASSERT_EQ(r.verdict, verdict::starvation) << r.summary;
    EXPECT_THAT(r.failure->message,
                HasSubstr("`main` starves: it waits on `changed` for ever while"));
    EXPECT_THAT(r.failure->message, HasSubstr("waits on `changed` again at step"));
}

TEST_P(Starvation, ComesBackByItsSchedule) {
    const auto body = visited_until_done(test_and_set_section{});
    const result found = search(body);
    ASSERT_TRUE(found.failure);
    EXPECT_THAT(found.failure->replay, ContainsRegex("^h1:c0:[a-z0-9]+[.][0-9]+:"));
    options o;
    o.replay = found.failure->replay;
    o.step_limit = 2'000;
    const result again = explore_quietly(o, body);
    ASSERT_EQ(again.verdict, verdict::starvation) << again.summary;
    EXPECT_EQ(again.failure->replay, found.failure->replay);
    EXPECT_EQ(again.failure->steps, found.failure->steps);
}

TEST_P(Starvation, ComesBackByItsNumber) {
    const auto body = visited_until_done(test_and_set_section{});
    const result found = search(body);
    ASSERT_TRUE(found.failure);
    options o;
    o.strategy = GetParam();
    o.step_limit = 2'000;
    o.replay = std::to_string(found.failure->seed) + ':' + std::to_string(found.failure->execution);
    const result again = explore_quietly(o, body);
    ASSERT_EQ(again.verdict, verdict::starvation) << again.summary;
    EXPECT_EQ(again.failure->replay, found.failure->replay);
}

// No fair schedule is endless: these are right, within the bound of rounds that find the same.
TEST_P(Starvation, IsNotThatOfATicketLock) {
    EXPECT_EQ(search(visited_until_done(ticket_section{}), 1'000).verdict, verdict::ok);
}

TEST_P(Starvation, IsNotThatOfAMutex) {
    EXPECT_EQ(search(visited_until_done(mutex_section{}), 1'000).verdict, verdict::ok);
}

INSTANTIATE_TEST_SUITE_P(Strategies, Starvation,
                         testing::Values(strategy{strategies::automatic{}},
                                         strategy{strategies::exhaustive{}}),
                         [](const auto& s) { return std::string(to_string(s.param)); });

TEST(StarvationSearch, FollowsDepthFirstSearchToo) {
    options o;
    o.strategy = strategies::depth_first{};
    o.step_limit = 500;
    EXPECT_EQ(explore_quietly(o, cleaner_waits_for_visitors).verdict, verdict::starvation);
}

// Who is waited for works through its rounds as long as it runs: only an unfair schedule is
// endless.
TEST(StarvationSearch, KnowsWorkThatComesToItsEnd) {
    const auto body = [] {
        fibers::atomic<int> rounds{0}, noise{0};
        fibers::atomic<bool> done{false};
        fibers::thread worker([&] {
            while (rounds.fetch_add(1) < 20) fibers::this_thread::yield();
            done.store(true);
        });
        fibers::thread other([&] {
            while (!done.load()) noise.fetch_add(1);
        });
        while (!done.load()) fibers::this_thread::yield();
        worker.join();
        other.join();
    };
    options o;
    o.strategy = strategies::exhaustive{};
    o.step_limit = 600;
    o.execution_limit = 2'000;
    EXPECT_EQ(explore_quietly(o, body).verdict, verdict::ok);
}

// Two that step aside for each other get nowhere, but neither is kept out by one that does.
TEST(StarvationSearch, DoesNotBlameWhoStepsAside) {
    const auto body = [] {
        fibers::mutex left, right;
        const auto take = [](fibers::mutex& mine, fibers::mutex& other) {
            for (;;) {
                const std::lock_guard guard(mine);
                if (!other.try_lock()) continue;
                other.unlock();
                return;
            }
        };
        fibers::thread first([&] { take(left, right); });
        take(right, left);
        first.join();
    };
    options o;
    o.strategy = strategies::depth_first{};
    o.step_limit = 200;
    EXPECT_THAT(to_string(explore_quietly(o, body).verdict), Not(HasSubstr("starvation")));
}

TEST(StarvationReplay, OfAnotherProgramIsRefused) {
    const result found =
        explore_quietly({.step_limit = 2'000}, visited_until_done(test_and_set_section{}));
    ASSERT_TRUE(found.failure);
    options o;
    o.replay = found.failure->replay;
    o.step_limit = 2'000;
    const result r = explore_quietly(o, visited_until_done(ticket_section{}));
    EXPECT_EQ(r.verdict, verdict::nondeterminism) << r.summary;
}

}  // namespace
}  // namespace heddle
