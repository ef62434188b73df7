// The programs of the notes that are right, on real threads: what is proved there holds here.
#include <gtest/gtest.h>

#include "programs.hpp"
#include "table_parameters.hpp"

namespace heddle::notes {
namespace {

class CleanProgram : public testing::TestWithParam<program> {};

TEST_P(CleanProgram, RunsOnRealThreads) {
    for (int run = 0; run != 200; ++run) GetParam().on_real_threads();
}

INSTANTIATE_TEST_SUITE_P(Notes, CleanProgram, testing::ValuesIn(clean_programs()), test_name);

}  // namespace
}  // namespace heddle::notes
