// A failure comes with the smallest schedule that fails in the same way.
#include <gmock/gmock.h>

#include <heddle/heddle.hpp>
#include <mutex>
#include <string>

#include "sanitizers.hpp"

namespace heddle {
namespace {

using ::testing::HasSubstr;

// A thread that has nothing to do with the failure, so that most schedules switch to it for
// nothing.
class bystander {
public:
    bystander()
        : thread_([this] {
              for (int k = 0; k < 4; ++k) steps_.fetch_add(1);
          }) {}
    ~bystander() { thread_.join(); }

private:
    fibers::atomic<int> steps_{0};
    fibers::thread thread_;
};

template <std::memory_order Order>
void lost_update() {
    fibers::atomic<int> x{0};
    const auto add = [&] {
        for (int k = 0; k < 2; ++k) x.store(x.load(Order) + 1, Order);
    };
    {
        const bystander b;
        fibers::thread one(add), two(add);
        one.join();
        two.join();
    }
    HEDDLE_ASSERT(x.load() == 4);
}

// Whoever yields lets others come in: a switch there is no preemption.
void yield_amid_update() {
    fibers::atomic<int> x{0};
    const auto add = [&] {
        const int seen = x.load();
        fibers::this_thread::yield();
        x.store(seen + 1);
    };
    fibers::thread other(add);
    add();
    other.join();
    HEDDLE_ASSERT(x.load() == 2);
}

void crossed_locks() {
    const bystander b;
    fibers::mutex first, second;
    fibers::thread t([&] {
        std::lock_guard outer(first);
        std::lock_guard inner(second);
    });
    {
        std::lock_guard outer(second);
        std::lock_guard inner(first);
    }
    t.join();
}

void unordered_writes() {
    const bystander b;
    fibers::var<int> data{0};
    fibers::atomic<bool> ready{false};
    fibers::thread t([&] {
        data = 1;
        ready.store(true, std::memory_order_relaxed);
    });
    if (ready.load(std::memory_order_relaxed)) data = 2;
    t.join();
}

void notified_too_early() {
    const bystander b;
    fibers::mutex m;
    fibers::condition_variable changed;
    fibers::thread t([&] {
        std::unique_lock lock(m);
        changed.wait(lock);
    });
    changed.notify_one();
    t.join();
}

void unlock_of_another() {
    const bystander b;
    fibers::mutex m;
    fibers::atomic<int> locked{0};
    fibers::thread t([&] {
        m.lock();
        locked.store(1);
        locked.store(0);
        m.unlock();
    });
    if (locked.load() == 1) m.unlock();
    t.join();
}

void unlucky_choices() {
    const bystander b;
    const std::uint32_t first = choose(4), second = choose(4);
    HEDDLE_ASSERT(first < 2 || second > 2);
}

struct failing_body {
    const char* name;
    void (*run)();
    heddle::verdict expected;
    memory_model model;
    std::uint64_t preemptions;  // the fewest, by hand
};

constexpr auto lost_update_relaxed = lost_update<std::memory_order_relaxed>;
constexpr auto lost_update_seq_cst = lost_update<std::memory_order_seq_cst>;

// A relaxed load reads an older value for nothing. What a seq_cst load reads is where it stands in
// the order of seq_cst operations: an older value costs the preemptions that it stands for.
const failing_body bodies[] = {
    {"lost_update", lost_update_seq_cst, verdict::assertion, memory_model::sc, 1},
    {"lost_update_seq_cst", lost_update_seq_cst, verdict::assertion, memory_model::cpp20, 1},
    {"lost_update_relaxed", lost_update_relaxed, verdict::assertion, memory_model::cpp20, 0},
    {"crossed_locks", crossed_locks, verdict::deadlock, memory_model::sc, 1},
    {"unordered_writes", unordered_writes, verdict::data_race, memory_model::sc, 1},
    {"notified_too_early", notified_too_early, verdict::lost_notification, memory_model::sc, 0},
    {"unlock_of_another", unlock_of_another, verdict::misuse, memory_model::sc, 2},
    {"unlucky_choices", unlucky_choices, verdict::assertion, memory_model::sc, 0},
    {"yield_amid_update", yield_amid_update, verdict::assertion, memory_model::sc, 0},
};

class Shrinking : public testing::TestWithParam<failing_body> {};

options with(const failing_body& body, strategy s) {
    options o;
    o.memory_model = body.model;
    o.strategy = s;
    o.seed = 3;
    return o;
}

TEST_P(Shrinking, LeavesTheFewestPreemptions) {
    const failing_body& body = GetParam();
    for (const strategy& s : {strategy{strategies::exhaustive{}}, strategy{strategies::random{}},
                              strategy{strategies::pct{}}, strategy{strategies::depth_first{}}}) {
        const result r = explore(with(body, s), body.run);
        ASSERT_EQ(r.verdict, body.expected) << to_string(s);
        EXPECT_EQ(r.failure->preemptions, body.preemptions) << to_string(s) << r.failure->message;
    }
}

// What the search with a bound says of the figures above.
TEST_P(Shrinking, NoneHasFewer) {
    const failing_body& body = GetParam();
    options o = with(body, strategies::depth_first{});
    o.preemption_bound = static_cast<unsigned>(body.preemptions);
    EXPECT_EQ(explore(o, body.run).verdict, body.expected);
    if (body.preemptions == 0) return;
    o.preemption_bound = static_cast<unsigned>(body.preemptions - 1);
    const result r = explore(o, body.run);
    EXPECT_EQ(r.verdict, verdict::ok);
    EXPECT_TRUE(r.exhausted);
}

TEST_P(Shrinking, LeavesOutTheBystander) {
    const failing_body& body = GetParam();
    const result r = explore(with(body, strategies::random{}), body.run);
    ASSERT_TRUE(r.failure);
    // Its four steps come in one go, or not at all.
    EXPECT_LE(r.failure->switches, r.failure->preemptions + 4) << r.failure->message;
}

TEST_P(Shrinking, ReplaysAsItIsReported) {
    const failing_body& body = GetParam();
    options o = with(body, strategies::random{});
    const result r = explore(o, body.run);
    ASSERT_TRUE(r.failure);
    const failure& f = *r.failure;
    for (const std::string& replay :
         {f.replay, std::to_string(f.seed) + ":" + std::to_string(f.execution)}) {
        o.replay = replay;
        const result again = explore(o, body.run);
        ASSERT_EQ(again.verdict, body.expected) << replay;
        EXPECT_EQ(again.failure->replay, f.replay);
        EXPECT_EQ(again.failure->preemptions, f.preemptions);
    }
}

INSTANTIATE_TEST_SUITE_P(Bodies, Shrinking, testing::ValuesIn(bodies),
                         [](const auto& instance) { return std::string(instance.param.name); });

// Fewer switches may take more steps; the report speaks of steps only where they got fewer.
TEST(ShrinkingReport, SaysFromWhereToWhere) {
    constexpr std::uint64_t seeds = testing_support::under_thread_sanitizer ? 2 : 10;
    unsigned with = 0, without = 0;
    for (const failing_body& body : bodies)
        for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
            const result r = explore({.strategy = strategies::random{}, .seed = seed}, body.run);
            ASSERT_TRUE(r.failure) << body.name;
            const failure& f = *r.failure;
            const bool fewer = f.shrunk_from > f.steps;
            ++(fewer ? with : without);
            const std::string text = "shrunk from " + std::to_string(f.shrunk_from) + " to " +
                                     std::to_string(f.steps) + " steps";
            EXPECT_EQ(f.diagnostic.found.find(text) != std::string::npos, fewer);
            EXPECT_EQ(f.diagnostic.found.find("shrunk") != std::string::npos, fewer);
        }
    EXPECT_GT(with, 0U);
    EXPECT_GT(without, 0U);
}

// Two assertions can fail: the one that did is the one that is reported.
TEST(ShrinkingReport, IsOfTheAssertionThatFailed) {
    const auto body = [] {
        fibers::atomic<int> x{0};
        fibers::thread t([&] { x.store(1); });
        const int first = x.load();
        const int second = x.load();
        t.join();
        HEDDLE_ASSERT(!(first == 0 && second == 1), "between");
        HEDDLE_ASSERT(first == 1, "late");
    };
    bool between = false, late = false;
    for (std::uint64_t seed = 1; seed < 40; ++seed) {
        options o;
        o.memory_model = memory_model::sc;
        o.strategy = strategies::random{};
        o.execution_limit = 1;
        o.seed = seed;
        const result r = explore(o, body);
        if (!r.failure) continue;
        const bool is_between = r.failure->trace.message.find("between") != std::string::npos;
        EXPECT_EQ(r.failure->preemptions, is_between ? 1U : 0U) << r.failure->message;
        (is_between ? between : late) = true;
    }
    EXPECT_TRUE(between);
    EXPECT_TRUE(late);
}

}  // namespace
}  // namespace heddle
