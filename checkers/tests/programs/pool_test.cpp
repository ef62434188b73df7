// A sample program for the reports of the checkers: read, never compiled.
HEDDLE_TEST(Pool, DrainsOnExit) {
    pool<heddle::fibers> p;
    heddle::fibers::thread worker([&] { p.drain(); });
    heddle::fibers::thread second([&] { p.take(); });
    p.submit();
    worker.join();
    second.join();
}
