// What a long search says while it goes on, on stderr: nothing in the first second; then, on a
// terminal, one line that is drawn anew; elsewhere (the log of a CI job) a line after 10 s, 20 s,
// 40 s and so on.
//
//   heddle: 1,830,112 executions, 402,310 a second, 37 % of the search, about 8 s left
//
// The share of a search that visits each behaviour once is estimated by the weights of its branches
// (Knuth, "Estimating the efficiency of backtrack programs", 1975; weighted as in Kilby, Slaney,
// Thiebaux and Walsh, "Estimating search tree size", 2006): each branch counts for half of what is
// left beside it. It grows steadily to 1, but not evenly.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace heddle::scheduler {

class progress_line {
public:
    using clock = std::chrono::steady_clock;

    progress_line(bool wanted, clock::time_point started);
    ~progress_line();
    progress_line(const progress_line&) = delete;
    progress_line& operator=(const progress_line&) = delete;

    // Now and then: `share` of the search that is done, from 0 to 1; negative: not known.
    void at(std::uint64_t executions, double share) {
        if (wanted_) [[likely]]
            show(executions, share, clock::now());
    }
    // Takes the line off the terminal, so that a report does not begin behind it.
    void erase();

private:
    void show(std::uint64_t executions, double share, clock::time_point now);

    const bool wanted_;
    bool on_terminal_ = false,
         asked_ = false;  // what stderr is: asked when there is a line to show
    const clock::time_point started_;
    clock::time_point next_;
    bool drawn_ = false;
};

// "402,310".
std::string with_separators(std::uint64_t n);

// "1,830,112 executions, 402,310 a second, 37 % of the search, about 8 s left".
std::string progress_text(std::uint64_t executions, double share, double seconds);

}  // namespace heddle::scheduler
