// The programs of the teaching notes, in one table: body, size, the verdict that is right for it,
// and why.
//
//   for (const heddle::notes::program& p : heddle::notes::programs()) {
//       heddle::result r = heddle::explore(p.options, p.body);
//       bool right = heddle::notes::as_expected(p, r);
//   }
//
// Each failing program can fail in one way only, whichever of its executions is met first; that is
// part of its `why`.
#pragma once

#include <span>
#include <string_view>

#include <heddle/heddle.hpp>

namespace heddle::notes {

struct program {
    std::string_view
        name;  // also what `heddle_demo --program=` takes: no blanks, nothing a shell would read
    std::string_view size;
    heddle::verdict expected = heddle::verdict::ok;
    std::string_view why;      // two lines: why the verdict is what it is
    void (*body)() = nullptr;  // on `heddle::fibers`
    void (*on_real_threads)() =
        nullptr;  // the same body on `heddle::real_threads`; nullptr for those that may fail
    bool must_exhaust = false;  // every behaviour has to be visited: true for each `ok`
    heddle::options options{};
};

std::span<const program> programs();

// nullptr: there is no program of that name.
const program* find_program(std::string_view name);

// The verdict is the expected one and, where the program demands it, the search was exhausted.
bool as_expected(const program& p, const heddle::result& r);

}  // namespace heddle::notes
