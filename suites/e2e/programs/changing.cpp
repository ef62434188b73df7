// One test in two versions: the second does one more step before the failing one.
#include <heddle/gtest/heddle_test.hpp>

namespace {

using heddle::fibers;

HEDDLE_TEST(Changing, Test) {
    fibers::atomic<int> x{0};
    fibers::thread writer{[&] {
#ifdef HEDDLE_E2E_CHANGED
        x.fetch_add(1);
#endif
        x.store(1);
    }};
    const int first = x.load();
    const int second = x.load();
    writer.join();
    EXPECT_EQ(first, second);
}

}  // namespace
