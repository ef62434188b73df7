#include "coloured_failure.hpp"

#include <unistd.h>

#include <cstdio>
#include <optional>
#include <string_view>

#include <gtest/gtest.h>

#include <heddle/report.hpp>
#include <heddle/trace/colour.hpp>

namespace heddle::detail {
namespace {

bool in_colours() {
    const std::string_view flag = GTEST_FLAG_GET(color);
    if (flag == "auto") return colours_wanted(STDOUT_FILENO);
    return flag == "yes" || flag == "true" || flag == "t" || flag == "1";
}

// Prints one result as GoogleTest's printer does, which is set aside meanwhile: it would print the
// text that goes to the files.
class coloured_printer : public testing::EmptyTestEventListener {
public:
    explicit coloured_printer(testing::TestEventListener* plain)
        : listeners_(testing::UnitTest::GetInstance()->listeners()),
          plain_(listeners_.Release(plain)) {
        listeners_.Append(this);
    }
    ~coloured_printer() override {
        listeners_.Release(this);
        if (plain_ != nullptr) listeners_.Append(plain_);
    }
    void OnTestPartResult(const testing::TestPartResult& result) override {
        std::printf("%s:%d: Failure\n%s\n", result.file_name(), result.line_number(),
                    trace::coloured(result.message()).c_str());
        std::fflush(stdout);
    }

private:
    testing::TestEventListeners& listeners_;
    testing::TestEventListener* plain_;
};

}  // namespace

void add_failure(const char* file, int line, const std::string& report) {
    // It is the default one no more once it was set aside.
    static testing::TestEventListener* const plain =
        testing::UnitTest::GetInstance()->listeners().default_result_printer();
    std::optional<coloured_printer> printer;
    if (plain != nullptr && in_colours()) printer.emplace(plain);
    ADD_FAILURE_AT(file, line) << report;
}

}  // namespace heddle::detail
