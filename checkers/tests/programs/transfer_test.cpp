// A sample program for the reports of the checkers: read, never compiled.
HEDDLE_TEST(Transfer, BothWays) {
    account<heddle::fibers> alice, bob;
    heddle::fibers::thread mover_1([&] {
        transfer(alice, bob, 10);
    });
    heddle::fibers::thread mover_2([&] {
        transfer(bob, alice, 20);
    });
    mover_1.join();
    mover_2.join();
}

HEDDLE_TEST(Transfer, JoinsUnderALock) {
    heddle::fibers::mutex mutex;
    heddle::fibers::thread worker([&] {
        std::scoped_lock guard{mutex};
    });
    std::unique_lock lock{mutex};
    worker.join();
}
