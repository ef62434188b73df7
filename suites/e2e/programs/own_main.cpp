// A test program with a main of its own.
#include <cstdio>

#include <heddle/gtest/heddle_test.hpp>

namespace {

HEDDLE_TEST(OwnMain, Test) {
    heddle::fibers::atomic<int> x{0};
    heddle::fibers::thread writer{[&] { x.store(1); }};
    EXPECT_LE(x.load(), 1);
    writer.join();
}

}  // namespace

int main(int argc, char** argv) {
    heddle::init(&argc, argv);
    testing::InitGoogleTest(&argc, argv);
    for (int i = 1; i < argc; ++i) std::printf("left: %s\n", argv[i]);
    return RUN_ALL_TESTS();
}
