// The door outside of an execution, and what it refuses inside.
#include <gmock/gmock.h>

#include <heddle/scheduler/explore.hpp>
#include <heddle/scheduler/hooks.hpp>

namespace heddle::scheduler {
namespace {

constexpr site here{"hooks_test.cpp", 1};

result run(void (*body)(void*)) { return search(options{}, body, nullptr); }

TEST(HooksOutside, AreInactiveAndMakeNoObjects) {
    EXPECT_FALSE(hooks::active());
    EXPECT_EQ(hooks::make_object(object_kind::atomic, 0, 4, value_format::bits, here), no_object);
    EXPECT_EQ(hooks::self(), no_thread);
    EXPECT_EQ(hooks::holder(0), no_thread);
}

TEST(HooksOutside, LeavePlainDataAlone) {
    access_shadow shadow;
    hooks::make_plain(shadow, 4, value_format::bits, here);
    hooks::plain_write(shadow, 1, here);
    hooks::plain_read(shadow, 1, here);
    EXPECT_EQ(shadow.object, no_object);
}

TEST(HooksOutsideDeathTest, OperationsEndTheProcessWithTheirPlace) {
    EXPECT_DEATH(hooks::load(0, order::relaxed, here), "outside of an execution.*HEDDLE_TEST");
    EXPECT_DEATH(hooks::lock(0, here), "hooks_test.cpp:1");
}

TEST(Hooks, RefuseAnObjectThatWasBuiltOutside) {
    const result r = run([](void*) { hooks::load(no_object, order::relaxed, here); });
    EXPECT_EQ(r.verdict, verdict::misuse);
    EXPECT_EQ(r.failure->trace.misuse, trace::misuse_kind::outside_execution);
}

TEST(Hooks, RefuseADestroyedObject) {
    const result r = run([](void*) {
        const object_id x = hooks::make_object(object_kind::atomic, 0, 4, value_format::bits, here);
        hooks::destroy_object(x, here);
        hooks::store(x, 1, order::relaxed, here);
    });
    EXPECT_EQ(r.verdict, verdict::misuse);
}

TEST(Hooks, RefuseAnEmptyChoice) {
    const result r = run([](void*) { hooks::choose(0, here); });
    EXPECT_EQ(r.failure->trace.misuse, trace::misuse_kind::choose_zero);
}

TEST(Hooks, KeepNarrowValuesInTheirWidth) {
    const result r = run([](void*) {
        const object_id x =
            hooks::make_object(object_kind::atomic, 255, 1, value_format::unsigned_integer, here);
        if (hooks::read_modify_write(x, operation::fetch_add, 1, order::relaxed, here) != 255)
            hooks::fail_assertion("the value before", here);
        if (hooks::peek(x) != 0) hooks::fail_assertion("does not wrap around", here);
    });
    EXPECT_EQ(r.verdict, verdict::ok);
}

// Two kinds of access that do not race with themselves, but with each other.
TEST(Hooks, AtomicAgainstPlainAccessOfOneObjectRaces) {
    struct shared {
        access_shadow plain, atomic;
        bool is_atomic;
    };
    const auto explore_with = [](bool both_atomic) {
        return search(
            options{},
            [](void* data) {
                shared s;
                s.is_atomic = *static_cast<bool*>(data);
                hooks::make_plain(s.plain, 4, value_format::bits, here);
                hooks::make_plain(s.atomic, 4, value_format::bits, here);
                const hooks::new_thread t =
                    hooks::reserve_thread(sizeof(void*), alignof(void*), here);
                *static_cast<shared**>(t.storage) = &s;
                hooks::start_thread(
                    t.id,
                    [](void* storage) {
                        shared& both = **static_cast<shared**>(storage);
                        hooks::mixed_access(both.plain, both.atomic, true, true, here);
                    },
                    here);
                hooks::mixed_access(s.plain, s.atomic, true, s.is_atomic, here);
                hooks::join(t.id, here);
            },
            &both_atomic);
    };
    EXPECT_EQ(explore_with(true).verdict, verdict::ok);
    EXPECT_EQ(explore_with(false).verdict, verdict::data_race);
}

TEST(Hooks, PartOfAnErrorInOneThreadStopsOnlyThatExecution) {
    unsigned failures = 0;
    for (int k = 0; k < 3; ++k)
        failures +=
            run([](void*) { hooks::fail_exception("thrown"); }).verdict == verdict::exception;
    EXPECT_EQ(failures, 3U);
}

}  // namespace
}  // namespace heddle::scheduler
