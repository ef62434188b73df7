// GoogleTest's failures while an execution runs, turned into failures of the execution.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

namespace heddle::detail {

// Stands between the tests and GoogleTest on the OS thread that runs them, for the time of one
// test.
//
// Outside of executions everything passes through. Inside, a failure goes to
// `hooks::note_assertion`, a success is dropped (GoogleTest would store millions of them), a skip
// ends the execution and is kept for the test to act on.
//
// Requires: `hooks::note_assertion` returns to its caller, on the same fiber: GoogleTest holds a
// lock around the call.
class interception {
  public:
    interception();
    ~interception();
    interception(const interception&) = delete;
    interception& operator=(const interception&) = delete;

    // The interception of the running test; nullptr between tests.
    static interception* current() noexcept;

    // Undoes what a dropped execution left behind in GoogleTest: an ASSERT_NO_FATAL_FAILURE or an
    // EXPECT_FATAL_FAILURE that never ended is no longer asked. Cost: tens of ns.
    void begin_execution();

    // Ends the SCOPED_TRACEs that dropped executions left behind. Cost: microseconds a trace.
    void drop_left_over_traces();

    // A fatal failure or a skip was reported since the execution began.
    bool stopped() const noexcept { return stopped_; }

    struct skip {
        std::string file;
        int line;
        std::string message;
    };
    // The first skip since the last call.
    std::optional<skip> take_skip();

  private:
    class reporter;

    void report(const testing::TestPartResult& result);
    void report_in_execution(const testing::TestPartResult& result);
    std::string traces();
    void install();

    testing::internal::HasNewFatalFailureHelper
        outside_;  // forwards to whoever reported before, and restores it
    std::string traces_before_;
    std::string* probe_ = nullptr;
    std::optional<skip> skip_;
    bool stopped_ = false;
};

}  // namespace heddle::detail
