// A sample program for the reports of the checkers: read, never compiled.
template <class Backend>
struct account {
    typename Backend::mutex mutex_;
    typename Backend::template var<int> balance_{100};

    static void transfer(account& from, account& to, int amount) {
        from.mutex_.lock();
        to.mutex_.lock();
        from.balance_ -= amount;
        to.balance_ += amount;
        to.mutex_.unlock();
        from.mutex_.unlock();
    }

    void close() {
        std::lock_guard guard{mutex_};
        audit();
    }

    void audit() {
        std::lock_guard guard{mutex_};
        HEDDLE_ASSERT(balance_ >= 0);
    }

    void take_all() {
        mutex_.lock();
        if (balance_ == 0) return;
        balance_ = 0;
        mutex_.unlock();
    }
};
