// GoogleTest's failures while an execution runs, turned into failures of the execution.
#pragma once

#include <optional>
#include <string>

#include <gtest/gtest.h>

#include <heddle/scheduler/result.hpp>

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

    // Around the body of each execution. If the one before did not get to its end, what it left in
    // GoogleTest is undone: an ASSERT_NO_FATAL_FAILURE that was dropped with its stack is no longer
    // asked; before a run that is explained its traces are ended. Cost: tens of ns after a dropped
    // execution, else nothing to speak of.
    void begin_execution();
    void end_execution() noexcept { ended_ = true; }

    // Ends the SCOPED_TRACEs that dropped executions left behind. Cost: microseconds a trace.
    void drop_left_over_traces();

    // A fatal failure or a skip was reported since the execution began.
    bool stopped() const noexcept { return stopped_; }

    // The failure of an execution that called GTEST_SKIP().
    struct skip {
        std::string file;
        int line;
        std::string message;
    };
    static std::optional<skip> skip_of(const failure& f);

private:
    class reporter;

    void report(const testing::TestPartResult& result);
    void report_in_execution(const testing::TestPartResult& result);
    std::string traces();
    void install();

    // Forwards to whoever reported before, and is followed by it in the end.
    testing::internal::HasNewFatalFailureHelper outside_;
    std::string traces_before_;
    std::string* probe_ = nullptr;
    bool ended_ = false;  // the body of the last execution returned
    bool stopped_ = false;
};

}  // namespace heddle::detail
