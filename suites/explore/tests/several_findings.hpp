// What the tests of several findings share.
#pragma once

#include <string>
#include <vector>

#include <heddle/heddle.hpp>
#include <heddle/trace/render.hpp>

namespace heddle {

inline void expect_that(bool condition, const char* what,
                        trace::site where = trace::site::current()) {
    if (!condition) scheduler::hooks::note_assertion(what, where);  // as EXPECT_TRUE does
}

inline std::vector<verdict> verdicts_of(const result& r) {
    std::vector<verdict> all;
    for (const failure& f : r.failures) all.push_back(f.verdict);
    return all;
}

inline std::string events_of(const failure& f) {
    std::string text;
    for (const trace::event& e : f.trace.events)
        text += std::to_string(e.thread) + " " + trace::show_event(f.trace, e) + "\n";
    return text;
}

inline const failure* find_same(const result& r, const failure& f) {
    for (const failure& g : r.failures)
        if (g.verdict == f.verdict && g.trace.message == f.trace.message &&
            g.trace.step == f.trace.step && events_of(g) == events_of(f))
            return &g;
    return nullptr;
}

}  // namespace heddle
