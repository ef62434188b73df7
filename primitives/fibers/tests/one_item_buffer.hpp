// A bounded buffer of capacity one: the smallest program in which both sides wait.
#pragma once

#include <mutex>

namespace heddle::testing_support {

// One item at most, one mutex, a condition for each side.
template <class Backend>
class buffer {
public:
    void put(int item) {
        std::unique_lock lock(mutex_);
        not_full_.wait(lock, [this] { return !full_; });
        full_ = true;
        item_ = item;
        not_empty_.notify_one();
    }
    int get() {
        std::unique_lock lock(mutex_);
        while (!full_) not_empty_.wait(lock);
        full_ = false;
        not_full_.notify_one();
        return item_;
    }

private:
    typename Backend::mutex mutex_;
    typename Backend::condition_variable not_full_, not_empty_;
    typename Backend::template var<bool> full_{false};
    typename Backend::template var<int> item_{0};
};

}  // namespace heddle::testing_support
