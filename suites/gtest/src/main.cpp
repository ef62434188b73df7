#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <heddle/heddle.hpp>

int main(int argc, char** argv) {
    testing::InitGoogleMock(&argc, argv);  // also does InitGoogleTest
    heddle::init(&argc, argv);
    return RUN_ALL_TESTS();
}
