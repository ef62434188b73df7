// Two accounts that are paid from both sides, without names and with. Both tests fail.
#include <mutex>

#include <heddle/gtest/heddle_test.hpp>

namespace {

using heddle::fibers;

// [names_account]
template <class Backend>
struct account {
    typename Backend::mutex mutex;
    typename Backend::template var<int> balance{10};

    void pay(account& to, int amount) {
        std::lock_guard mine(mutex);
        std::lock_guard theirs(to.mutex);
        balance -= amount;
        to.balance += amount;
    }
};
// [/names_account]

HEDDLE_TEST(Transfer, WithoutNames) {
    account<fibers> alice, bob;
    fibers::thread payer([&] { alice.pay(bob, 3); });
    bob.pay(alice, 5);
    payer.join();
}

// [names_test]
HEDDLE_TEST(Transfer, WithNames) {
    account<fibers> alice, bob;
    heddle::name(alice.mutex, "alice.mutex");
    heddle::name(bob.mutex, "bob.mutex");
    heddle::name_thread("teller-1");
    fibers::thread payer([&] {
        heddle::name_thread("teller-2");
        alice.pay(bob, 3);
    });
    bob.pay(alice, 5);
    payer.join();
}
// [/names_test]

}  // namespace
