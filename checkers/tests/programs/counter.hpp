// A sample program for the reports of the checkers: read, never compiled.
template <class Backend>
class counter {
  public:
    void add() {
        typename Backend::mutex::guard guard{mutex_};
        count_ = count_ + 1;
    }

    int get() {
        return count_;  // not locked
    }

    void set(int value) {
        std::lock_guard guard{other_mutex_};
        count_ = value;
    }

    void publish() {
        count_ = 41;
        std::atomic_thread_fence(std::memory_order_release);
        done_.store(true, std::memory_order_relaxed);
    }

    void take() {
        while (!done_.load(std::memory_order_relaxed)) Backend::this_thread::yield();
        int seen = count_;
    }

    void publish_late() {
        Backend::atomic_thread_fence(std::memory_order_release);
        count_ = 42;
        done_.store(true, std::memory_order_relaxed);
    }

    void take_early() {
        Backend::atomic_thread_fence(std::memory_order_acquire);
        if (done_.load(std::memory_order_relaxed)) int seen = count_;
    }

  private:
    typename Backend::template var<int> count_{0};
    typename Backend::template atomic<bool> done_{false};
    typename Backend::mutex mutex_, other_mutex_;
};
