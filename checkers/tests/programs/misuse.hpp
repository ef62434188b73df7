// A sample program for the reports of the checkers: read, never compiled.
HEDDLE_TEST(Misuse, Calls) {
    heddle::fibers::mutex mutex, second_mutex;
    heddle::fibers::condition_variable ready;
    heddle::fibers::thread worker([&] { mutex.lock(); });
    heddle::fibers::thread other([&] { mutex.unlock(); });
    mutex.lock();
    mutex.unlock();
    mutex.unlock();  // once too often
    if (mutex.try_lock()) return;
    std::unique_lock lock{mutex, std::defer_lock};
    ready.wait(lock);
    std::unique_lock second_lock{second_mutex};
    ready.wait(second_lock);
    worker.join();
    worker.join();  // joined twice
    other.detach();
    flag.load(std::memory_order_release);
    return heddle::choose(0);
}
