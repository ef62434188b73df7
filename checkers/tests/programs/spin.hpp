// A sample program for the reports of the checkers: read, never compiled.
template <class Backend>
struct polite_neighbours {
    void wait_for_flag() {
        while (!flag_.load(std::memory_order_acquire)) {
        }
    }

    void never_mind() {
        flag_.store(false);
    }

    void step_aside(int me) {
        wants_[me].store(true);
        while (other_wants(me)) {
            wants_[me].store(false);
            Backend::this_thread::yield();
            wants_[me].store(true);
        }
    }

    void retry() {
        while (!mutex_.try_lock()) Backend::this_thread::yield();
    }
};

template <class Backend>
struct spin_lock {
    void lock() {
        while (taken_.exchange(true)) Backend::this_thread::yield();
    }
    void unlock() {
        taken_.store(false);
    }
};
