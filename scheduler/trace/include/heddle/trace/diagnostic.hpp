// A finding as data: everything a report says, before anybody lays it out.
//
//   diagnostic d{.slug = "deadlock", .headline = "`mover-1` and `mover-2` wait for each other",
//   ...}; std::string text = render(d);
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <heddle/trace/execution_trace.hpp>
#include <heddle/trace/wait_for.hpp>

namespace heddle::trace {

enum class severity : std::uint8_t {
    error,
    warning
};  // proven on this execution; bounded evidence

std::string_view name_of(severity value) noexcept;

// One marked line of the user's code.
struct label {
    place where;
    std::string text;      // "`consumer` reads 7 at step 14"
    bool primary = false;  // where the execution stopped; exactly one label is primary
    // The call to mark where the line has it just once, `x.load(...)`; none: the code of the line.
    std::optional<operation> call{};
    // Else the expression to mark where the line has it just once, `count_`; empty: none.
    std::string expression{};
};

struct diagnostic {
    heddle::trace::severity severity = severity::error;
    std::string slug;              // "data-race", "deadlock", "lost-notification", ...
    std::string reason;            // which case of it: "cycle", "owner-exited", "swallowed", ...
    std::string headline;          // one fact, lower case, no full stop, no advice
    std::vector<label> labels;     // primary first
    std::vector<std::string> why;  // lines
    std::vector<std::string> notes;
    std::vector<std::string> help;  // one change the user can make; empty unless sure
    std::string found;              // how hard it looked, how small it got
    std::string replay;             // one command line
    std::vector<int> threads;       // indices of the threads involved
    std::vector<int> objects;       // indices of the objects involved
    // Threads that the notes speak of: the trace shows the step in which each of them stands.
    std::vector<int> mentioned;
    // What stopped the execution, by `trace.thread` at `trace.where`, where that is no step of it:
    // the last row of the trace, "mutex.unlock()  not allowed".
    std::string stopped_by;
    std::vector<wait_for> waits;  // the wait-for graph, where the finding is that threads wait
};

}  // namespace heddle::trace
