#include <gtest/gtest-spi.h>

#include <set>
#include <string>
#include <string_view>
#include <type_traits>

#include <heddle/gtest/heddle_test.hpp>

namespace {

using heddle::fibers;
using heddle::finds;
using heddle::is_clean;
using heddle::verdict;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// ---- HEDDLE_TEST ----------------------------------------------------------------------------

int explored_bodies = 0;

HEDDLE_TEST(HeddleTest, RunsTheBodyOncePerExecution) {
    EXPECT_TRUE(heddle::scheduler::hooks::active());
    ++explored_bodies;
    fibers::atomic<int> x{0};
    fibers::thread writer{[&] { x.store(1); }};
    const int seen = x.load();
    EXPECT_TRUE(seen == 0 || seen == 1);
    SUCCEED();
    writer.join();
}

TEST(HeddleTest, RunsBesideTest) { EXPECT_GE(explored_bodies, 2); }

HEDDLE_TEST(HeddleTest, TakesOptionsAfterTheName,
            {.strategy = heddle::strategies::random{}, .seed = 7, .execution_limit = 3}) {
    static int bodies = 0;
    ++bodies;
    testing::Test::RecordProperty("bodies", bodies);
}

TEST(HeddleTest, KeptToItsExecutionLimit) {
    const testing::TestSuite* const suite = testing::UnitTest::GetInstance()->current_test_suite();
    for (int i = 0; i < suite->total_test_count(); ++i) {
        const testing::TestInfo* const test = suite->GetTestInfo(i);
        if (std::string_view{test->name()} != "TakesOptionsAfterTheName" || !test->should_run())
            continue;
        std::set<std::string> properties;
        for (int j = 0; j < test->result()->test_property_count(); ++j) {
            const testing::TestProperty& property = test->result()->GetTestProperty(j);
            properties.insert(std::string{property.key()} + "=" + property.value());
        }
        EXPECT_THAT(properties, testing::IsSupersetOf(
                                    {"verdict=ok", "executions=3", "exhausted=false", "seed=7"}));
    }
}

// ---- HEDDLE_TEST_F --------------------------------------------------------------------------

class Counted : public testing::Test {
protected:
    static void SetUpTestSuite() { suite_ready = true; }
    static void TearDownTestSuite() { suite_ready = false; }

    Counted() { ++built; }
    ~Counted() override { ++destroyed; }

    static inline int built = 0;
    static inline int destroyed = 0;
    static inline int set_up = 0;
    static inline int torn_down = 0;
    static inline bool suite_ready = false;

    fibers::atomic<int> value_{0};

private:
    // Private, as many fixtures have them: GoogleTest calls them all the same.
    void SetUp() override { ++set_up; }
    void TearDown() override { ++torn_down; }
};

HEDDLE_TEST_F(Counted, IsBuiltForEachExecution) {
    EXPECT_TRUE(suite_ready);
    EXPECT_EQ(built, destroyed + 1);
    EXPECT_EQ(set_up, built);
    EXPECT_EQ(torn_down, destroyed);
    EXPECT_EQ(value_.load(), 0);
    fibers::thread writer{[&] { value_.store(1); }};
    value_.store(2);
    writer.join();
    EXPECT_NE(value_.load(), 0);
}

HEDDLE_TEST_F(Counted, TakesOptions,
              {.strategy = heddle::strategies::random{}, .execution_limit = 5}) {
    EXPECT_EQ(value_.load(), 0);
}

// An ordinary test of the same fixture in the same suite.
TEST_F(Counted, SharesItsSuiteWithTestF) {
    EXPECT_TRUE(suite_ready);
    EXPECT_EQ(built, destroyed + 1);
    EXPECT_GT(built, 2);
}

// ---- HEDDLE_BACKEND_TEST --------------------------------------------------------------------

int fiber_bodies = 0;
int real_bodies = 0;

HEDDLE_BACKEND_TEST(BackendTest, RunsOnBothBackends) {
    if constexpr (std::is_same_v<Backend, heddle::real_threads>) {
        ++real_bodies;
    } else {
        static_assert(std::is_same_v<Backend, fibers>);
        ++fiber_bodies;
    }
    typename Backend::mutex mutex;
    int total = 0;
    const auto add = [&] {
        const std::lock_guard guard{mutex};
        ++total;
    };
    typename Backend::thread one{add};
    typename Backend::thread two{add};
    one.join();
    two.join();
    EXPECT_EQ(total, 2);
}

TEST(BackendTest, RepeatedTheBodyOnRealThreads) {
    if (real_bodies == 0 && fiber_bodies == 0) GTEST_SKIP() << "the test before was filtered out";
    EXPECT_GE(fiber_bodies, 2);
    EXPECT_EQ(real_bodies % 1'000, 0);
}

HEDDLE_BACKEND_TEST(BackendTest, TakesOptions,
                    {.strategy = heddle::strategies::random{}, .execution_limit = 5}) {
    typename Backend::template atomic<int> x{0};
    EXPECT_EQ(x.load(), 0);
}

// ---- failures inside executions -------------------------------------------------------------

TEST(Interception, MakesAnExpectOfAnyThreadAFailureOfTheExecution) {
    const heddle::result r = heddle::explore([] {
        fibers::atomic<int> x{0};
        fibers::thread writer{[&] { x.store(1); }};
        fibers::thread reader{[&] { EXPECT_EQ(x.load(), 0) << "seen by the reader"; }};
        writer.join();
        reader.join();
    });
    EXPECT_THAT(
        r, finds(verdict::assertion, AllOf(HasSubstr("seen by the reader"), HasSubstr("x.load()"),
                                           HasSubstr("heddle_test_test.cpp"))));
}

TEST(Interception, LetsAnAssertReturnFromItsFunction) {
    static bool went_on;
    went_on = false;
    const heddle::result r = heddle::explore([] {
        fibers::thread checker{[] {
            ASSERT_TRUE(false) << "stops here";
            went_on = true;
        }};
        checker.join();
    });
    EXPECT_THAT(r, finds(verdict::assertion, "stops here"));
    EXPECT_FALSE(went_on);
}

TEST(Interception, KeepsTheFirstOfSeveralFailures) {
    const heddle::result r = heddle::explore([] {
        EXPECT_TRUE(false) << "first";
        EXPECT_TRUE(false) << "second";
    });
    EXPECT_THAT(r, finds(verdict::assertion, AllOf(HasSubstr("first"), Not(HasSubstr("second")))));
}

TEST(Interception, SeesADestructorAndANoexceptFunction) {
    struct checks_at_the_end {
        ~checks_at_the_end() { EXPECT_TRUE(false) << "in a destructor"; }
    };
    EXPECT_THAT(heddle::explore([] { checks_at_the_end c; }),
                finds(verdict::assertion, "in a destructor"));
    EXPECT_THAT(heddle::explore([]() noexcept { EXPECT_TRUE(false) << "in noexcept"; }),
                finds(verdict::assertion, "in noexcept"));
}

TEST(Interception, FindsTheSameFailureAgainWhenItGoesOn) {
    const heddle::result r = heddle::explore({.keep_going = true}, [] {
        fibers::atomic<int> x{0};
        fibers::thread writer{[&] { x.store(1); }};
        EXPECT_EQ(x.load(), 0);
        writer.join();
    });
    EXPECT_THAT(r, finds(verdict::assertion));
    EXPECT_EQ(r.executions, 2U);
}

TEST(Interception, AssertNoFatalFailureWorksInTheBody) {
    const heddle::result r = heddle::explore([] {
        const auto fails = [] { ASSERT_TRUE(false) << "inner"; };
        ASSERT_NO_FATAL_FAILURE(fails());
        EXPECT_TRUE(false) << "not reached";
    });
    EXPECT_THAT(r, finds(verdict::assertion, "inner"));
}

// ---- SCOPED_TRACE ---------------------------------------------------------------------------

std::string message_of_a_failure() {
    testing::TestPartResultArray results;
    {
        testing::ScopedFakeTestPartResultReporter reporter{
            testing::ScopedFakeTestPartResultReporter::INTERCEPT_ONLY_CURRENT_THREAD, &results};
        ADD_FAILURE() << "probe";
    }
    return results.GetTestPartResult(0).message();
}

void deadlock_under_a_trace() {
    SCOPED_TRACE("left over");
    fibers::mutex mutex;
    mutex.lock();
    mutex.lock();
}

HEDDLE_TEST(ScopedTrace, EndsWithItsScope) {
    SCOPED_TRACE("of the body");
    fibers::atomic<int> x{0};
    x.store(1);
}

TEST(ScopedTrace, IsShownWithAFailureOfTheExecution) {
    SCOPED_TRACE("around");
    const heddle::result r = heddle::explore([] {
        SCOPED_TRACE("inside");
        EXPECT_TRUE(false);
    });
    EXPECT_THAT(r, finds(verdict::assertion, AllOf(HasSubstr("inside"), HasSubstr("around"))));
    EXPECT_THAT(message_of_a_failure(), AllOf(HasSubstr("around"), Not(HasSubstr("inside"))));
}

TEST(ScopedTrace, IsLeftByADroppedExecution) {
    EXPECT_THAT(heddle::explore(deadlock_under_a_trace), finds(verdict::deadlock));
}

TEST(ScopedTrace, DoesNotReachTheNextTest) {
    EXPECT_THAT(message_of_a_failure(), Not(HasSubstr("left over")));
}

// An execution dropped in the middle of ASSERT_NO_FATAL_FAILURE leaves its reporter on a dead
// stack.
HEDDLE_TEST(DroppedReporter, IsNotAskedByTheNextExecution) {
    fibers::atomic<int> x{0};
    fibers::thread writer{[&] { x.store(1); }};
    const auto dropped_sometimes = [&] { heddle::assume(x.load() == 1); };
    ASSERT_NO_FATAL_FAILURE(dropped_sometimes());
    writer.join();
    SUCCEED();
}

TEST(DroppedReporter, LeavesTheTestAfterAlone) {
    EXPECT_THAT(message_of_a_failure(), HasSubstr("probe"));
}

// ---- explore in a plain TEST ----------------------------------------------------------------

TEST(PlainTest, MayExploreMoreThanOnce) {
    const auto body = [] {
        fibers::var<int> data{0};
        fibers::thread writer{[&] { data.store(1); }};
        writer.join();
        HEDDLE_ASSERT(data.load() == 1);
    };
    EXPECT_THAT(heddle::explore(body), is_clean());
    EXPECT_THAT(heddle::explore({.strategy = heddle::strategies::depth_first{}}, body), is_clean());
}

}  // namespace
