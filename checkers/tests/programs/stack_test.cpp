// A sample program for the reports of the checkers: read, never compiled.
HEDDLE_TEST(Stack, KeepsItsNodes) {
    heddle::fibers::thread other([&] { s.recycle(); });
    const int got = s.pop();
    other.join();
    HEDDLE_ASSERT(s.size() == 2, "a node was lost");
    if (x.load(std::memory_order_relaxed) == 0) throw std::runtime_error("x is not set");
}
