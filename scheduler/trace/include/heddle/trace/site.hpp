// Where an operation stands in the user's source: file and line.
//
// A site is captured by a defaulted argument, `void lock(trace::site where =
// trace::site::current())`: the compiler builtins behind it exist in GCC and Clang, also where
// `std::source_location` does not (Clang 14 with libstdc++ 12). Operators cannot carry one; for
// those, and for calls that come out of a std guard, the explained re-run of a failing execution
// resolves the call stack instead.
//
// It is two words, so that it travels in registers with every operation: a third word, the
// function's name, costs a tenth of a small random execution (docs/adr/0005), and the call stack
// has it anyway.
#pragma once

namespace heddle::trace {

struct site {
    const char* file = nullptr;  // nullptr: unknown
    unsigned line = 0;

    static constexpr site current(const char* file = __builtin_FILE(),
                                  unsigned line = __builtin_LINE()) noexcept {
        return {file, line};
    }
    constexpr bool known() const noexcept { return file != nullptr; }
};

}  // namespace heddle::trace
