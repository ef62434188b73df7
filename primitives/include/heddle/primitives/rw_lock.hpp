// A lock for many readers or one writer. std::shared_lock and std::unique_lock work on it.
//
//   heddle::rw_lock<heddle::rw_preference::fair, heddle::real_threads> lock;
//   { std::shared_lock reading(lock); ... }
//   { std::unique_lock writing(lock); ... }
//
// Who goes first when both wait:
// - readers: a reader enters whenever no writer is in. Writers may wait for ever.
// - writers: no reader enters while a writer waits. Readers may wait for ever, and a thread that
//   reads must not take the lock a second time: a writer may have come in between.
// - fair: in the order of arrival; readers that arrive one after the other are in together. Nobody
//   waits for ever. (Tickets: Mellor-Crummey and Scott 1991.)
//
// A reader cannot become a writer: two that tried would wait for each other.
#pragma once

#include <cstdint>
#include <mutex>

#include <heddle/primitives/backend.hpp>

namespace heddle {

enum class rw_preference { readers, writers, fair };

template <rw_preference Preference, class Backend>
requires has_condition_variable<Backend> && has_var<Backend> && has_misuse<Backend>
class rw_lock {
public:
    void lock() {
        std::unique_lock guard(mutex_);
        const std::uint64_t ticket = arrive();
        waiting_writers_ += 1;
        while (!may_write(ticket)) changed_.wait(guard);
        waiting_writers_ -= 1;
        writing_ = true;
        enter();
    }
    bool try_lock() {
        const std::lock_guard guard(mutex_);
        if (!may_write(next_ticket_)) return false;
        arrive();
        writing_ = true;
        enter();
        return true;
    }
    void unlock() {
        const std::lock_guard guard(mutex_);
        if (!writing_) Backend::misuse("a reader-writer lock is unlocked that nobody holds");
        writing_ = false;
        changed_.notify_all();
    }

    void lock_shared() {
        std::unique_lock guard(mutex_);
        const std::uint64_t ticket = arrive();
        while (!may_read(ticket)) changed_.wait(guard);
        readers_ += 1;
        enter();
    }
    bool try_lock_shared() {
        const std::lock_guard guard(mutex_);
        if (!may_read(next_ticket_)) return false;
        arrive();
        readers_ += 1;
        enter();
        return true;
    }
    void unlock_shared() {
        const std::lock_guard guard(mutex_);
        if (readers_ == 0) Backend::misuse("a reader-writer lock is unlocked that nobody reads");
        readers_ -= 1;
        if (readers_ == 0) changed_.notify_all();
    }

private:
    static constexpr bool is_fair = Preference == rw_preference::fair;

    std::uint64_t arrive() {
        if constexpr (!is_fair) return 0;
        const std::uint64_t ticket = next_ticket_;
        next_ticket_ += 1;
        return ticket;
    }
    // The one that arrived next may come in beside a reader.
    void enter() {
        if constexpr (!is_fair) return;
        serving_ += 1;
        if (!writing_) changed_.notify_all();
    }
    bool may_write(std::uint64_t ticket) const {
        return !writing_ && readers_ == 0 && (!is_fair || ticket == serving_);
    }
    bool may_read(std::uint64_t ticket) const {
        if (writing_) return false;
        if constexpr (Preference == rw_preference::writers) return waiting_writers_ == 0;
        return !is_fair || ticket == serving_;
    }

    template <class T>
    using var = typename Backend::template var<T>;

    typename Backend::mutex mutex_;
    typename Backend::condition_variable changed_;
    var<unsigned> readers_{0}, waiting_writers_{0};
    var<bool> writing_{false};
    var<std::uint64_t> next_ticket_{0}, serving_{0};  // fair
};

}  // namespace heddle
