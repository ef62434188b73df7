// What an exploration found.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <heddle/trace/diagnostic.hpp>
#include <heddle/trace/execution_trace.hpp>

namespace heddle {

enum class verdict {
    ok,
    assertion,
    exception,
    data_race,
    deadlock,
    lost_notification,
    livelock,
    starvation,
    misuse,
    use_after_destroy,
    leak,
    not_linearizable,
    nondeterminism,
    step_limit,
    crash,
};

// "data_race": the name of the enumerator. Slugs of reports have a hyphen instead: "data-race".
std::string_view to_string(verdict v) noexcept;
std::string slug_of(verdict v);

struct failure {
    heddle::verdict verdict = verdict::ok;
    std::string message;  // the whole report
    std::string replay;   // the schedule string
    std::uint64_t seed = 0, execution = 0;
    std::uint64_t steps = 0, switches = 0, preemptions = 0;
    std::uint64_t shrunk_from = 0;  // steps of the execution that was found; 0: is that one
    // Its replay comes to another finding first: with `keep_going` it goes on to this one.
    bool needs_keep_going = false;
    trace::diagnostic diagnostic;
    trace::execution_trace trace;
};

struct result {
    heddle::verdict verdict = verdict::ok;
    bool exhausted = false;  // every behaviour was visited, within the bounds that `summary` names
    std::uint64_t executions = 0;  // complete ones
    std::uint64_t deadlocks = 0;   // blocked for good
    std::uint64_t pruned = 0;  // begun in vain: dropped by an assumption, or left over by an await
    std::uint64_t warm_ups = 0;  // begun before the search knew the size of the program
    std::uint64_t repeats = 0;   // run a second time, to see that the body does the same
    std::uint64_t steps = 0;     // in all
    std::chrono::nanoseconds elapsed{};
    std::map<std::string, std::uint64_t>
        outcomes;         // of `heddle::record`, with the executions of each
    std::string summary;  // one line: proved or sampled, bounds, plain objects checked
    std::optional<heddle::failure> failure;  // the first one
    // With `keep_going` one for each that differs in verdict, objects or places, in the order in
    // which they were met, 64 at most; else `failure` alone.
    std::vector<heddle::failure> failures;

    explicit operator bool() const noexcept { return verdict == verdict::ok; }
};

}  // namespace heddle
