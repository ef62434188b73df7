// Compares a text with an approved file: `EXPECT_TRUE(golden(folder, "data_race", text))`.
//
// `--heddle_approve`, or HEDDLE_APPROVE=1 in the environment, writes the file instead: look at the
// difference before it is committed.
#pragma once

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

namespace heddle::trace {

inline bool approving() {
    for (const std::string& argument : ::testing::internal::GetArgvs())
        if (argument == "--heddle_approve") return true;
    const char* const variable = std::getenv("HEDDLE_APPROVE");
    return variable && std::string(variable) == "1";
}

inline ::testing::AssertionResult golden(const std::string& folder, const std::string& name,
                                         const std::string& text) {
    const std::string path = folder + '/' + name + ".txt";
    if (approving()) {
        std::ofstream out(path);
        out << text;
        if (out.flush()) return ::testing::AssertionSuccess();
        return ::testing::AssertionFailure() << "cannot write " << path;
    }
    std::ifstream in(path);
    std::stringstream approved;
    approved << in.rdbuf();
    if (in && approved.str() == text) return ::testing::AssertionSuccess();
    return ::testing::AssertionFailure()
           << "the text differs from " << path << "\nrun with --heddle_approve to accept it:\n"
           << text << "--- approved:\n"
           << approved.str();
}

}  // namespace heddle::trace
