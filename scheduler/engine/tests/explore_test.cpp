// The search itself, on bodies made of bare hooks: counts, accounting, restarts, limits.
#include <gmock/gmock.h>

#include <heddle/scheduler/explore.hpp>
#include <heddle/scheduler/hooks.hpp>
#include <stdexcept>
#include <vector>

#include "thread_sanitizer.hpp"

namespace heddle::scheduler {
namespace {

constexpr site here{"explore_test.cpp", 1};

object_id atomic(std::uint64_t value = 0) {
    return hooks::make_object(object_kind::atomic, value, 4, value_format::unsigned_integer, here);
}

// A thread that runs a captureless function on one shared pointer.
thread_id start(void (*run)(void*), void* shared) {
    const hooks::new_thread t = hooks::reserve_thread(sizeof(void*) * 2, alignof(void*), here);
    auto* const words = static_cast<void**>(t.storage);
    words[0] = reinterpret_cast<void*>(run);
    words[1] = shared;
    hooks::start_thread(
        t.id,
        [](void* storage) {
            auto* const w = static_cast<void**>(storage);
            reinterpret_cast<void (*)(void*)>(w[0])(w[1]);
        },
        here);
    return t.id;
}

// `threads` threads add 1 to one atomic: n! orders.
template <unsigned Threads>
void add_in_threads(void* entries) {
    if (entries) ++*static_cast<std::uint64_t*>(entries);
    object_id x = atomic();
    std::vector<thread_id> ids;
    for (unsigned t = 0; t < Threads; ++t)
        ids.push_back(start(
            [](void* object) {
                hooks::read_modify_write(*static_cast<object_id*>(object), operation::fetch_add, 1,
                                         order::relaxed, here);
            },
            &x));
    for (const thread_id id : ids) hooks::join(id, here);
    if (hooks::peek(x) != Threads) hooks::fail_assertion("an addition was lost", here);
}

// One thread awaits what another stores in two steps.
void awaited(void* entries) {
    ++*static_cast<std::uint64_t*>(entries);
    object_id x = atomic();
    const thread_id t = start(
        [](void* object) {
            const object_id awaited_one = *static_cast<object_id*>(object);
            hooks::store(awaited_one, 1, order::release, here);
            hooks::store(awaited_one, 2, order::release, here);
        },
        &x);
    hooks::await_equal(x, 2, order::acquire, here);
    hooks::join(t, here);
}

void dropped_half(void* entries) {
    ++*static_cast<std::uint64_t*>(entries);
    if (hooks::choose(4, here) >= 2) hooks::drop_thread();
}

options with(strategy s) {
    options o;
    o.strategy = s;
    return o;
}

std::uint64_t accounted(const result& r) {
    return r.executions + r.deadlocks + r.pruned + r.warm_ups + r.repeats;
}

TEST(Search, VisitsEachOrderOfAdditionsOnce) {
    EXPECT_EQ(search(with(strategies::exhaustive{}), add_in_threads<3>, nullptr).executions, 6U);
    EXPECT_EQ(search(with(strategies::exhaustive{}), add_in_threads<5>, nullptr).executions, 120U);
    EXPECT_EQ(search(with(strategies::exhaustive{}), add_in_threads<7>, nullptr).executions, 5040U);
}

TEST(Search, AccountsForEveryEntryIntoTheBody) {
    for (const auto body : {add_in_threads<4>, add_in_threads<8>, awaited, dropped_half})
        for (const strategy& s : {strategy{strategies::exhaustive{}},
                                  strategy{strategies::random{}}, strategy{strategies::pct{}}}) {
            std::uint64_t entries = 0;
            options o = with(s);
            o.execution_limit = thread_sanitizer ? 500 : 50'000;
            const result r = search(o, body, &entries);
            EXPECT_EQ(accounted(r), entries) << to_string(s);
        }
}

TEST(Search, BeginsNothingInVainWithoutAwaitAndAssume) {
    EXPECT_EQ(search(with(strategies::exhaustive{}), add_in_threads<6>, nullptr).pruned, 0U);
}

TEST(Search, CountsDroppedExecutionsAsPruned) {
    std::uint64_t entries = 0;
    const result r = search(with(strategies::exhaustive{}), dropped_half, &entries);
    EXPECT_EQ(r.executions, 2U);
    EXPECT_EQ(r.pruned, 2U);
    EXPECT_TRUE(r.exhausted);
}

TEST(Search, BeginsAgainWithWiderClocksForMoreThreads) {
    for (const auto body :
         {add_in_threads<9>, add_in_threads<20>, add_in_threads<40>, add_in_threads<63>}) {
        options o = with(strategies::random{});
        o.execution_limit = 3;
        const result r = search(o, body, nullptr);
        EXPECT_EQ(r.verdict, verdict::ok);
        EXPECT_EQ(r.executions, 3U);
        EXPECT_GT(r.warm_ups, 0U);
    }
}

TEST(Search, RefusesMoreThanSixtyFourThreads) {
    const result r = search(with(strategies::random{}), add_in_threads<64>, nullptr);
    EXPECT_EQ(r.verdict, verdict::misuse);
    EXPECT_EQ(r.failure->trace.misuse, trace::misuse_kind::too_many_threads);
}

TEST(Search, StopsAtItsExecutionLimit) {
    options o = with(strategies::exhaustive{});
    o.execution_limit = 10;
    const result r = search(o, add_in_threads<5>, nullptr);
    EXPECT_EQ(r.executions, 10U);
    EXPECT_FALSE(r.exhausted);
}

// Fails in one of 300 executions.
void seldom_fails(void*) {
    add_in_threads<2>(nullptr);
    if (hooks::choose(300, here) == 7) hooks::fail_assertion("the seventh", here);
}

// Executions that leave nothing to look at follow each other without a return to the search. With a
// hook after each there is no such execution.
TEST(Search, CountsTheSameWhetherItReturnsAfterEachExecutionOrNot) {
    if (thread_sanitizer) GTEST_SKIP() << "with ThreadSanitizer it returns after each";
    search_hooks returns;
    returns.on_execution = [](void*, bool) {};
    for (const auto body : {add_in_threads<3>, add_in_threads<6>, seldom_fails, dropped_half})
        for (const strategy& s :
             {strategy{strategies::exhaustive{}}, strategy{strategies::random{}},
              strategy{strategies::automatic{}}})
            for (const std::uint64_t limit : {0, 1, 2, 127, 128, 129, 255, 256, 257, 511, 1000}) {
                std::uint64_t entries = 0, entries_returning = 0;
                options o = with(s);
                o.execution_limit = limit;
                o.exhaustive_budget = 777;
                o.sample_budget = 5000;
                SCOPED_TRACE(to_string(s) + ", limit " + std::to_string(limit));
                const result r = search(o, body, &entries);
                const result expected = search(o, body, &entries_returning, returns);
                EXPECT_EQ(r.executions, expected.executions);
                EXPECT_EQ(r.steps, expected.steps);
                EXPECT_EQ(r.pruned, expected.pruned);
                EXPECT_EQ(r.repeats, expected.repeats);
                EXPECT_EQ(r.exhausted, expected.exhausted);
                EXPECT_EQ(r.summary, expected.summary);
                EXPECT_EQ(entries, entries_returning);
                ASSERT_EQ(r.failure.has_value(), expected.failure.has_value());
                if (!r.failure) continue;
                EXPECT_EQ(r.failure->execution, expected.failure->execution);
                EXPECT_EQ(r.failure->trace.message, expected.failure->trace.message);
            }
}

TEST(Search, AutomaticSamplesWhatItsBudgetCannotProve) {
    options o;
    o.exhaustive_budget = 1000;
    o.sample_budget = 5000;
    const result r = search(o, add_in_threads<7>, nullptr);
    EXPECT_FALSE(r.exhausted);
    EXPECT_THAT(r.summary, testing::HasSubstr("sampled"));
    EXPECT_GE(r.steps, 6000U);
}

TEST(Search, AutomaticSamplesForEverWithoutABudget) {
    options o;
    o.exhaustive_budget = 1000;
    o.sample_budget = ~std::uint64_t{0};
    o.execution_limit = 3000;
    EXPECT_EQ(search(o, add_in_threads<8>, nullptr).executions, 3000U);
}

TEST(Search, EndsAtTheFirstStepIfThatIsTheLimit) {
    for (const strategy& s : {strategy{strategies::exhaustive{}}, strategy{strategies::random{}},
                              strategy{strategies::depth_first{}}}) {
        options o = with(s);
        o.step_limit = 1;
        EXPECT_EQ(search(o, add_in_threads<2>, nullptr).verdict, verdict::step_limit)
            << to_string(s);
    }
}

TEST(Search, AutomaticProvesInsideItsBudget) {
    const result r = search(options{}, add_in_threads<4>, nullptr);
    EXPECT_TRUE(r.exhausted);
    EXPECT_EQ(r.executions, 24U);
    EXPECT_THAT(r.summary, testing::HasSubstr("proved"));
}

TEST(Search, RefusesToNest) {
    bool refused = false;
    const result r = search(
        options{},
        [](void* data) {
            try {
                search(
                    options{}, [](void*) {}, nullptr);
            } catch (const std::logic_error&) {
                *static_cast<bool*>(data) = true;
            }
        },
        &refused);
    EXPECT_TRUE(refused);
    EXPECT_EQ(r.verdict, verdict::ok);
}

TEST(Search, NamesAnOptionOutOfRange) {
    options o;
    o.step_limit = 1'000'000;
    try {
        search(
            o, [](void*) {}, nullptr);
        ADD_FAILURE() << "was accepted";
    } catch (const std::invalid_argument& e) {
        EXPECT_THAT(e.what(), testing::HasSubstr("1000000"));
    }
}

// The same execution whatever was run before it.
TEST(Search, ExecutionOfASeedIsIndependentOfThoseBeforeIt) {
    const auto body = [](void*) {
        object_id x = atomic();
        const auto add = [](void* object) {
            const object_id counter = *static_cast<object_id*>(object);
            const std::uint64_t old = hooks::load(counter, order::relaxed, here);
            hooks::store(counter, old + 1, order::relaxed, here);
        };
        const thread_id a = start(add, &x), b = start(add, &x), c = start(add, &x);
        hooks::join(a, here);
        hooks::join(b, here);
        hooks::join(c, here);
        if (hooks::peek(x) == 1) hooks::fail_assertion("two additions were lost", here);
    };
    for (const strategy& s : {strategy{strategies::random{}}, strategy{strategies::pct{}}}) {
        const result first = search(with(s), body, nullptr);
        ASSERT_TRUE(first.failure) << to_string(s);
        options o = with(s);
        o.replay = "1:" + std::to_string(first.failure->execution);
        const result again = search(o, body, nullptr);
        ASSERT_TRUE(again.failure) << to_string(s);
        EXPECT_EQ(again.failure->replay, first.failure->replay);
    }
}

// All 70 interleavings of 4 + 4 steps, and about equally often: a weak generator loses most of
// them.
TEST(Search, RandomReachesEveryInterleaving) {
    struct shared {
        object_id x;
        unsigned history = 0;
    } s;
    std::vector<unsigned> seen(1U << 8);
    struct data {
        shared* s;
        std::vector<unsigned>* seen;
    } d{&s, &seen};
    options o = with(strategies::random{});
    o.execution_limit = 20'000;
    search(
        o,
        [](void* argument) {
            const auto& [state, histories] = *static_cast<data*>(argument);
            state->x = atomic();
            state->history = 0;
            static constexpr auto stores = [](void* p, unsigned bit) {
                auto& own = *static_cast<shared*>(p);
                for (int k = 0; k < 4; ++k) {
                    hooks::store(own.x, 1, order::relaxed, here);
                    own.history = own.history << 1 | bit;
                }
            };
            const thread_id a = start([](void* p) { stores(p, 0); }, state);
            const thread_id b = start([](void* p) { stores(p, 1); }, state);
            hooks::join(a, here);
            hooks::join(b, here);
            ++(*histories)[state->history];
        },
        &d);
    unsigned distinct = 0;
    for (const unsigned n : seen) distinct += n > 0;
    EXPECT_EQ(distinct, 70U);
}

}  // namespace
}  // namespace heddle::scheduler
