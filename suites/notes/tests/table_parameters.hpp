// The programs of the notes as GoogleTest parameters.
#pragma once

#include <cctype>
#include <ostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "programs.hpp"

namespace heddle::notes {

inline void PrintTo(const program& p, std::ostream* out) {
    *out << p.name << " (" << p.size << ")";
}

// "transfer/by-address" is the test "transfer_by_address".
inline std::string test_name(const testing::TestParamInfo<program>& info) {
    std::string name(info.param.name);
    for (char& c : name) {
        if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
    }
    return name;
}

inline std::vector<program> clean_programs() {
    std::vector<program> clean;
    for (const program& p : programs()) {
        if (p.expected == verdict::ok) clean.push_back(p);
    }
    return clean;
}

inline std::vector<program> failing_programs() {
    std::vector<program> failing;
    for (const program& p : programs()) {
        if (p.expected != verdict::ok) failing.push_back(p);
    }
    return failing;
}

}  // namespace heddle::notes
