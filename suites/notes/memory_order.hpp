// The notes' two programs that live by memory order alone: Peterson's lock, and a message behind a
// flag.
//
// Source: Peterson, "Myths about the Mutual Exclusion Problem", Information Processing Letters
// 12(3), 1981.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>

#include <heddle/heddle.hpp>

namespace heddle::notes {

// Mutual exclusion of two threads, 0 and 1, by loads and stores. All orders are seq_cst, but for
// the store that gives way, whose order is `GivesWay`.
template <std::memory_order GivesWay, class Backend>
class peterson_lock {
public:
    peterson_lock() {
        heddle::name(interested_[0], "interested[0]");
        heddle::name(interested_[1], "interested[1]");
        heddle::name(turn_, "turn");
    }

    void lock(std::size_t self) {
        const std::size_t other = 1 - self;
        interested_[self].store(true);
        turn_.store(other, GivesWay);
        while (interested_[other].load() && turn_.load() == other) Backend::this_thread::yield();
    }

    void unlock(std::size_t self) { interested_[self].store(false); }

private:
    std::array<typename Backend::template atomic<bool>, 2> interested_{};
    typename Backend::template atomic<std::size_t> turn_{0};
};

// Two threads enter once each. What they share is plain data: the lock is all that may order their
// accesses.
template <std::memory_order GivesWay, class Backend>
void peterson() {
    peterson_lock<GivesWay, Backend> lock;
    typename Backend::template var<int> entries{0};
    heddle::name(entries, "entries");
    typename Backend::thread left([&] {
        heddle::name_thread("left");
        lock.lock(0);
        entries += 1;
        lock.unlock(0);
    });
    typename Backend::thread right([&] {
        heddle::name_thread("right");
        lock.lock(1);
        entries += 1;
        lock.unlock(1);
    });
    left.join();
    right.join();
    HEDDLE_ASSERT(entries.load() == 2);
}

// A plain payload, and the flag that says it is there.
template <std::memory_order Sends, std::memory_order Receives, class Backend>
class mailbox {
public:
    mailbox() {
        heddle::name(payload_, "payload");
        heddle::name(full_, "full");
    }

    void send(int payload) {
        payload_.store(payload);
        full_.store(true, Sends);
    }

    // Blocks until something is sent.
    int receive() {
        heddle::await(
            full_, [](bool full) { return full; }, Receives);
        return payload_.load();
    }

private:
    typename Backend::template var<int> payload_{0};
    typename Backend::template atomic<bool> full_{false};
};

template <std::memory_order Sends, std::memory_order Receives, class Backend>
void pass_message() {
    mailbox<Sends, Receives, Backend> box;
    typename Backend::thread sender([&] {
        heddle::name_thread("sender");
        box.send(42);
    });
    typename Backend::thread receiver([&] {
        heddle::name_thread("receiver");
        const int received = box.receive();
        HEDDLE_ASSERT(received == 42);
    });
    sender.join();
    receiver.join();
}

}  // namespace heddle::notes
