// How GoogleTest names and prints a program of the notes.
#pragma once

#include <gtest/gtest.h>

#include <cctype>
#include <ostream>
#include <string>

#include "programs.hpp"

namespace heddle::notes {

inline void PrintTo(const program& p, std::ostream* out) { *out << p.name << " (" << p.size << ")"; }

// "transfer/by-address" is the test "transfer_by_address".
inline std::string test_name(const testing::TestParamInfo<program>& info) {
    std::string name(info.param.name);
    for (char& c : name) {
        if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
    }
    return name;
}

}  // namespace heddle::notes
