// What reports call the threads and objects of a trace.
//
// A thread has the name its user gave it, else `main` or `thread-2`. An object has the name its
// user gave it (`heddle::name`), else the one its declaration or its uses in the source agree on,
// else its kind and number, `mutex-1`. Two objects never share a name: `mutex_#1`, `mutex_#2`.
#pragma once

#include <string>
#include <vector>

#include <heddle/trace/execution_trace.hpp>

namespace heddle::trace {

class name_table {
public:
    // Cost: reads the source lines where objects were made and first used.
    explicit name_table(const execution_trace& trace);

    // Without back quotes. An index outside the trace gives "an unknown thread", "an unknown
    // object".
    const std::string& thread(int index) const;
    const std::string& object(int index) const;

    // True if several objects of the source share the name, so that it took a number.
    bool numbered(int object) const;

private:
    std::vector<std::string> threads_, objects_;
    std::vector<bool> numbered_;
};

// The atomic that the waiter set `object` stands beside; `none` for a condition variable.
int atomic_waited_on(const execution_trace& trace, int object) noexcept;

}  // namespace heddle::trace
