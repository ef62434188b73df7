// Where an operation stands in the user's source.
//
// A site is captured by a defaulted argument, `void lock(trace::site where = trace::site::current())`:
// the compiler builtins behind it exist in GCC and Clang, also where `std::source_location` does not
// (Clang 14 with libstdc++ 12). Operators cannot carry one; for those, and for calls that come out of
// a std guard, the explained re-run of a failing execution resolves the call stack instead.
#pragma once

namespace heddle::trace {

struct site {
    const char* file = nullptr;  // nullptr: unknown
    const char* function = nullptr;
    unsigned line = 0;

    static constexpr site current(const char* file = __builtin_FILE(),
                                  const char* function = __builtin_FUNCTION(),
                                  unsigned line = __builtin_LINE()) noexcept {
        return {file, function, line};
    }
    constexpr bool known() const noexcept { return file != nullptr; }
};

}  // namespace heddle::trace
