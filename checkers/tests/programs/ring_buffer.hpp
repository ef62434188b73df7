// A sample program for the reports of the checkers: read, never compiled.
template <class T, class Backend>
class ring_buffer {
  public:
    void put_relaxed(T value) {
        const auto relaxed_head = head_++;
        slots_[relaxed_head % size] = value;
        ready_.store(relaxed_head + 1, std::memory_order_relaxed);
    }

    void put_release(T value) {
        const auto release_head = head_++;
        slots_[release_head % size] = value;
        ready_.store(release_head + 1, std::memory_order_release);
    }

    bool get_acquire(T& value) {
        const auto acquire_tail = tail_;
        if (ready_.load(std::memory_order_acquire) == acquire_tail) return false;
        ++tail_;
        value = slots_[acquire_tail % size];
        return true;
    }

    bool get_relaxed(T& value) {
        const auto relaxed_tail = tail_;
        if (ready_.load(std::memory_order_relaxed) == relaxed_tail) return false;
        ++tail_;
        value = slots_[relaxed_tail % size];
        return true;
    }

  private:
    typename Backend::template var<T> slots_[size];
    typename Backend::template atomic<int> ready_{0};
};
