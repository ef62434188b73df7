// A sample program for the reports of the checkers: read, never compiled.
HEDDLE_TEST(Counter, Counts) {
    counter<heddle::fibers> c;
    heddle::fibers::thread worker([&] { c.add(); });
    heddle::fibers::thread other([&] { c.set(7); });
    EXPECT_EQ(c.get(), 1);
    worker.join();
    other.join();
}
