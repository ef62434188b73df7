// The notes' bank: an account under its own lock, and three ways to move money between two of them.
//
// One account is easy: each operation is one critical section. A transfer needs two locks at once,
// and then the order in which they are taken decides whether two transfers can stand in each
// other's way.
#pragma once

#include <functional>
#include <mutex>

#include <heddle/heddle.hpp>

namespace heddle::notes {

template <class Backend>
class account {
    using mutex_type = typename Backend::mutex;

public:
    // `lock_name` is what reports call this account's lock; it outlives the account.
    account(int balance, const char* lock_name) : balance_(balance) {
        heddle::name(mutex_, lock_name);
    }

    void deposit(int amount) {
        std::lock_guard guard(mutex_);
        balance_ += amount;
    }

    // False, and nothing withdrawn, if the balance does not reach.
    bool withdraw(int amount) {
        std::lock_guard guard(mutex_);
        if (balance_.load() < amount) return false;
        balance_ -= amount;
        return true;
    }

    int balance() {
        std::lock_guard guard(mutex_);
        return balance_.load();
    }

    // The lock of the account that gives, then the lock of the account that takes: the order of the
    // arguments.
    static void transfer_from_then_to(account& from, account& to, int amount) {
        std::lock_guard first(from.mutex_);
        std::lock_guard second(to.mutex_);
        move_money(from, to, amount);
    }

    // The lock at the lower address first, whichever way the money goes.
    static void transfer_by_address(account& from, account& to, int amount) {
        const bool from_is_lower = std::less<>{}(&from, &to);
        std::lock_guard first(from_is_lower ? from.mutex_ : to.mutex_);
        std::lock_guard second(from_is_lower ? to.mutex_ : from.mutex_);
        move_money(from, to, amount);
    }

    // Both locks, in one step.
    static void transfer_scoped_lock(account& from, account& to, int amount) {
        typename Backend::template scoped_lock<mutex_type, mutex_type> both(from.mutex_, to.mutex_);
        move_money(from, to, amount);
    }

private:
    // Requires: both locks.
    static void move_money(account& from, account& to, int amount) {
        from.balance_ -= amount;
        to.balance_ += amount;
    }

    mutex_type mutex_;
    typename Backend::template var<int> balance_;
};

// One thread pays in, two take out: whether both get what they ask for depends on who comes first.
template <class Backend>
void deposit_and_withdraw() {
    account<Backend> alice(50, "alice.mutex");
    // Each written by one thread, and read after it is joined.
    typename Backend::template var<int> first_took{0}, second_took{0};
    typename Backend::thread payer([&] {
        heddle::name_thread("payer");
        alice.deposit(20);
        alice.deposit(30);
    });
    typename Backend::thread first([&] {
        heddle::name_thread("spender-1");
        if (alice.withdraw(40)) first_took += 40;
        alice.deposit(10);
    });
    typename Backend::thread second([&] {
        heddle::name_thread("spender-2");
        if (alice.withdraw(60)) second_took += 60;
        alice.deposit(10);
    });
    payer.join();
    first.join();
    second.join();
    const int left = alice.balance();
    HEDDLE_ASSERT(left >= 0, "withdraw never takes more than there is");
    HEDDLE_ASSERT(left + first_took.load() + second_took.load() == 50 + 20 + 30 + 10 + 10);
}

// Alice pays Bob while Bob pays Alice.
template <class Backend>
void transfer_both_ways(void (*transfer)(account<Backend>&, account<Backend>&, int)) {
    // In one object, so that Alice stands at the lower address whichever compiler lays out the
    // frame.
    struct {
        account<Backend> alice{100, "alice.mutex"};
        account<Backend> bob{100, "bob.mutex"};
    } bank;
    typename Backend::thread mover_1([&] {
        heddle::name_thread("mover-1");
        transfer(bank.alice, bank.bob, 30);
    });
    typename Backend::thread mover_2([&] {
        heddle::name_thread("mover-2");
        transfer(bank.bob, bank.alice, 20);
    });
    mover_1.join();
    mover_2.join();
    HEDDLE_ASSERT(bank.alice.balance() == 90);
    HEDDLE_ASSERT(bank.bob.balance() == 110);
}

template <class Backend>
void transfer_from_then_to() {
    transfer_both_ways<Backend>(&account<Backend>::transfer_from_then_to);
}

template <class Backend>
void transfer_by_address() {
    transfer_both_ways<Backend>(&account<Backend>::transfer_by_address);
}

template <class Backend>
void transfer_scoped_lock() {
    transfer_both_ways<Backend>(&account<Backend>::transfer_scoped_lock);
}

}  // namespace heddle::notes
