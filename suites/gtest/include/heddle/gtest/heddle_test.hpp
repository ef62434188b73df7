// HEDDLE_TEST next to TEST: GoogleTest tests whose body is explored.
//
//   HEDDLE_TEST(Account, TransfersConserveMoney) { ... }         // every schedule
//   HEDDLE_TEST(Account, Small, {.preemption_bound = 2}) { ... }  // with options of its own
//   HEDDLE_TEST_F(AccountFixture, Transfers) { ... }              // a new fixture each execution
//   HEDDLE_BACKEND_TEST(Account, Both) { account<Backend> a; }    // also on real threads
//
// EXPECT_* and ASSERT_* work on every modelled thread: a failure fails the execution with its
// schedule and is reported once, with the line that replays it. GTEST_SKIP() in a body skips the
// test. EXPECT_* and ASSERT_* do the same in the body of a `heddle::explore` called in a plain
// TEST, whose result the matchers of matchers.hpp judge; a skip there is a failed assertion.
//
// Link `heddle::gtest_main`, or `heddle::gtest` and call `heddle::init(&argc, argv)` beside
// InitGoogleTest.
//
// Limits: HasFailure() and HasFatalFailure() do not see the failures of the running execution (use
// ASSERT_NO_FATAL_FAILURE). SCOPED_TRACE belongs to the OS thread, so a failure shows the traces of
// all modelled threads; they end with the execution. A body of HEDDLE_TEST is a free function:
// RecordProperty and the like are spelled testing::Test::RecordProperty there. `heddle::explore` on
// another OS thread than that of the test reports EXPECT failures to GoogleTest at once, without a
// schedule.
#pragma once

#include <gtest/gtest.h>

#include <heddle/gtest/matchers.hpp>
#include <heddle/heddle.hpp>
#include <heddle/primitives/real_threads.hpp>

namespace heddle::detail {

// Makes GoogleTest's failures inside executions failures of the execution, for every test of the
// program.
bool install_adapter();
inline const bool adapter_installed = install_adapter();

// One test as its macro knows it.
struct test_source {
    const char* suite;
    const char* name;
    const char* file;
    int line;
};

// What GoogleTest calls around a suite: that of the fixture, so that TEST_F and HEDDLE_TEST_F share
// a suite.
struct suite_hooks {
    testing::internal::TypeId fixture;
    testing::internal::SetUpTestSuiteFunc set_up;
    testing::internal::TearDownTestSuiteFunc tear_down;
};

template <class Fixture>
suite_hooks hooks_of(const test_source& source) {
    using resolver = testing::internal::SuiteApiResolver<Fixture>;
    return {testing::internal::GetTypeId<Fixture>(),
            resolver::GetSetUpCaseOrSuite(source.file, source.line),
            resolver::GetTearDownCaseOrSuite(source.file, source.line)};
}

// Explores the body as the running test, prints the summary, and reports a failure once.
void run_explored(const char* file, int line, void (*body)(), const options& o = {});

// SetUp, body and TearDown of a fixture built in this execution, each under the conditions of
// GoogleTest.
void run_phases(testing::Test& fixture, void (*body)(testing::Test&));

testing::TestInfo* register_fixture_test(const test_source& source, const suite_hooks& hooks,
                                         void (*body)(), const options& o = {});
testing::TestInfo* register_backend_test(const test_source& source, void (*explored)(),
                                         void (*repeated)(), const options& o = {});

}  // namespace heddle::detail

#define HEDDLE_X_NAME(suite, name) suite##_##name##_heddle
#define HEDDLE_X_BODY(suite, name) suite##_##name##_heddle_body
#define HEDDLE_X_BODY_ON(suite, name, backend) suite##_##name##_heddle_body<backend>
#define HEDDLE_X_REGISTERED(suite, name) suite##_##name##_heddle_registered

// A test whose body is explored. What follows the name, if anything, initialises its
// `heddle::options`.
#define HEDDLE_TEST(suite, name, ...)                                                           \
    static void HEDDLE_X_BODY(suite, name)();                                                   \
    TEST(suite, name) {                                                                         \
        ::heddle::detail::run_explored(__FILE__, __LINE__,                                      \
                                       &HEDDLE_X_BODY(suite, name) __VA_OPT__(, ) __VA_ARGS__); \
    }                                                                                           \
    static void HEDDLE_X_BODY(suite, name)()

// A test of a fixture. Each execution builds the fixture, calls SetUp, the body and TearDown, and
// destroys it, on the main modelled thread. SetUpTestSuite and TearDownTestSuite run once, outside
// the executions.
#define HEDDLE_TEST_F(fixture, name, ...)                                               \
    static_assert(sizeof(#name) > 1, "a test needs a name");                            \
    class HEDDLE_X_NAME(fixture, name) : public fixture {                               \
    public:                                                                             \
        static void execute() {                                                         \
            HEDDLE_X_NAME(fixture, name) test;                                          \
            ::heddle::detail::run_phases(test, [](::testing::Test& t) {                 \
                static_cast<HEDDLE_X_NAME(fixture, name)&>(t).TestBody();               \
            });                                                                         \
        }                                                                               \
                                                                                        \
    private:                                                                            \
        void TestBody() override;                                                       \
        static ::testing::TestInfo* const registered_;                                  \
    };                                                                                  \
    ::testing::TestInfo* const HEDDLE_X_NAME(fixture, name)::registered_ =              \
        ::heddle::detail::register_fixture_test(                                        \
            {#fixture, #name, __FILE__, __LINE__},                                      \
            ::heddle::detail::hooks_of<fixture>({#fixture, #name, __FILE__, __LINE__}), \
            &HEDDLE_X_NAME(fixture, name)::execute __VA_OPT__(, ) __VA_ARGS__);         \
    void HEDDLE_X_NAME(fixture, name)::TestBody()

// Two tests of one body, a template over `Backend`. `Suite.Name/fibers` explores it.
// `Suite.Name/real_threads` calls it 1,000 times on real threads; each call leaves a start barrier
// together with a thread that then takes processor time in varying amounts, so that the calls are
// not all scheduled alike.
#define HEDDLE_BACKEND_TEST(suite, name, ...)                                                      \
    static_assert(sizeof(#suite) > 1 && sizeof(#name) > 1, "a test needs a suite and a name");     \
    template <class Backend>                                                                       \
    static void HEDDLE_X_BODY(suite, name)();                                                      \
    [[maybe_unused]] static ::testing::TestInfo* const HEDDLE_X_REGISTERED(suite, name) =          \
        ::heddle::detail::register_backend_test(                                                   \
            {#suite, #name, __FILE__, __LINE__}, &HEDDLE_X_BODY_ON(suite, name, ::heddle::fibers), \
            &HEDDLE_X_BODY_ON(suite, name, ::heddle::real_threads) __VA_OPT__(, ) __VA_ARGS__);    \
    template <class Backend>                                                                       \
    static void HEDDLE_X_BODY(suite, name)()
