// A sample program for the reports: read, never compiled.
template <class T, class Backend>
class queue {
  public:
    void put(T value) {
        std::lock_guard guard{mutex_};
        items_ = value;  // the slot
	tabbed_ = value;	// a line with tabs
        while (count_.load() != 0 || count_.load() != 1) { /* spin */ }
        count_.store(1, std::memory_order_release);
    }

    void close() { closed_.store(true); ready_.notify_all(); }

    // One,
    // two,
    // three lines without a label.
                    if (deeply_nested_.load(std::memory_order_acquire)) {
                        deeply_nested_.store(false);
                    }
    // One,
    // two,
    // three lines without a label.
    const auto very_long_name_of_a_result = another_object_.compare_exchange_strong(expected, some_desired_value_of_it);
    // größer als Null
    wert_ = größe_ + 1;

  private:
    typename Backend::mutex mutex_;
    typename Backend::template var<T> items_{T{}};
    typename Backend::template atomic<int> count_{0};
    typename Backend::template atomic<bool> closed_ = false;
    typename Backend::condition_variable ready_;
};
