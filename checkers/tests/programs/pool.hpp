// A sample program for the reports of the checkers: read, never compiled.
template <class Backend>
class pool {
  public:
    void submit() {
        pending_.fetch_add(1);
        jobs_ready_.notify_one();
    }

    void submit_quietly() {
        std::unique_lock lock{mutex_};
        pending_.fetch_add(2);
    }

    void submit_two() {
        std::unique_lock lock{mutex_};
        pending_.fetch_add(3);
        jobs_ready_.notify_one();
    }

    void drain() {
        if (pending_.load() == 0) {
            std::unique_lock lock{mutex_};
            jobs_ready_.wait(lock);
        }
    }

    void take() {
        std::unique_lock lock{mutex_};
        while (pending_.load() <= 0) jobs_ready_.wait(lock);
        pending_.fetch_sub(1);
    }

    void wait_until_empty() {
        std::unique_lock lock{mutex_};
        while (pending_.load() != 0) jobs_ready_.wait(lock);
    }

    void open() {
        gate_.store(true);
    }

    void pass() {
        gate_.wait(false);
    }

    void rest() {
        std::unique_lock lock{mutex_};
        jobs_ready_.wait(lock);
    }

    void ring() { jobs_ready_.notify_all(); }

  private:
    typename Backend::mutex mutex_;
    typename Backend::condition_variable jobs_ready_;
    typename Backend::template atomic<int> pending_{0};
    typename Backend::template atomic<bool> gate_{false};
};
