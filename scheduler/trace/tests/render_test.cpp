#include <bit>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <heddle/trace/render.hpp>
#include <heddle/trace/source.hpp>

#include "golden.hpp"
#include "text_layout.hpp"
#include "trace_builder.hpp"

namespace heddle::trace {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;

const std::string folder = HEDDLE_TEST_DIR;

trace_builder sample() {
    set_display_root(folder + "/programs");
    return trace_builder(folder + "/programs");
}

std::string shown(value_format format, unsigned bytes, std::uint64_t bits) {
    object_record o;
    o.format = format;
    o.bytes = bytes;
    return show_value(o, bits);
}

std::size_t widest_line(const std::string& text) {
    std::size_t widest = 0;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
        widest = std::max(widest, display_width(line));
    return widest;
}

TEST(ShowValue, PrintsWhatTheUserWouldWrite) {
    EXPECT_EQ(shown(value_format::unsigned_integer, 8, ~0ULL), "18446744073709551615");
    EXPECT_EQ(shown(value_format::unsigned_integer, 1, 0x1ff), "255");
    EXPECT_EQ(shown(value_format::signed_integer, 4, 0xffff'ffff), "-1");
    EXPECT_EQ(shown(value_format::signed_integer, 8, ~0ULL), "-1");
    EXPECT_EQ(shown(value_format::signed_integer, 2, 7), "7");
    EXPECT_EQ(shown(value_format::boolean, 1, 1), "true");
    EXPECT_EQ(shown(value_format::boolean, 1, 0), "false");
    EXPECT_EQ(shown(value_format::pointer, 8, 0), "nullptr");
    EXPECT_EQ(shown(value_format::pointer, 8, 0x10f0), "0x10f0");
    EXPECT_EQ(shown(value_format::floating, 8, std::bit_cast<std::uint64_t>(1.5)), "1.5");
    EXPECT_EQ(shown(value_format::floating, 4, std::bit_cast<std::uint32_t>(-2.0F)), "-2.0");
    EXPECT_EQ(shown(value_format::floating, 2, 0x3c00), "0x3c00");
    EXPECT_EQ(shown(value_format::bits, 4, 255), "0xff");
    EXPECT_EQ(shown(value_format::bits, 24, 0), "(24 bytes)");
}

TEST(ShowEvent, ReadsLikeTheCall) {
    trace_builder t;
    const int main = t.thread("main"), worker = t.thread("worker");
    const int x = t.atomic("x"), m = t.mutex("m"), cv = t.condition_variable("cv"), v = t.var("v");
    const int flag = t.object(object_kind::atomic_flag, "flag", value_format::boolean, 1);
    const auto last = [&] { return show_event(t.trace, t.trace.events.back()); };

    t.load(main, x, 0);
    EXPECT_EQ(last(), "x.load() -> 0");
    t.load(main, x, 0, none, order::acquire);
    t.trace.events.back().stale = true;
    EXPECT_EQ(last(), "x.load(acquire) -> 0 (stale)");
    t.store(main, x, 1, order::release);
    EXPECT_EQ(last(), "x.store(1, release)");
    t.update(main, operation::exchange, x, 1, 5);
    EXPECT_EQ(last(), "x.exchange(5) -> 1");
    t.update(main, operation::fetch_add, x, 1, 0);
    EXPECT_EQ(last(), "x.fetch_add(-1) -> 1");
    t.update(main, operation::fetch_sub, x, 5, 3, none, order::acq_rel);
    EXPECT_EQ(last(), "x.fetch_sub(2, acq_rel) -> 5");
    t.update(main, operation::fetch_or, x, 1, 3);
    EXPECT_EQ(last(), "x.fetch_or(...) -> 1, now 3");
    t.update(main, operation::compare_exchange_strong, x, 0, 1, none, order::acquire);
    EXPECT_EQ(last(), "x.compare_exchange_strong(0, 1, acquire) -> true");
    t.load(main, x, 7);
    t.trace.events.back().op = operation::compare_exchange_weak;
    EXPECT_EQ(last(), "x.compare_exchange_weak() -> false, reads 7");
    t.trace.events.back().spurious = true;
    EXPECT_EQ(last(), "x.compare_exchange_weak() -> false (spurious), reads 7");
    t.load(main, x, 7);
    t.trace.events.back().op = operation::await_not_equal;
    EXPECT_EQ(last(), "await(x) -> 7");
    t.blocks(main, operation::await_equal, x);
    EXPECT_EQ(last(), "await(x)  blocks");
    t.update(main, operation::exchange, flag, 0, 1);
    EXPECT_EQ(last(), "flag.test_and_set() -> false");
    t.store(main, flag, 0);
    EXPECT_EQ(last(), "flag.clear()");
    t.lock(main, m);
    EXPECT_EQ(last(), "m.lock()");
    t.lock(main, m, none, operation::try_lock);
    EXPECT_EQ(last(), "m.try_lock() -> true");
    t.try_lock_fails(main, m);
    EXPECT_EQ(last(), "m.try_lock() -> false");
    t.lock(main, m, none, operation::lock_all);
    EXPECT_EQ(last(), "lock(m)");
    t.blocks(main, operation::lock, m);
    EXPECT_EQ(last(), "m.lock()  blocks");
    t.unlock(main, m);
    EXPECT_EQ(last(), "m.unlock()");
    t.blocks(main, operation::wait_wake, cv);
    EXPECT_EQ(last(), "cv.wait()  sleeps");
    t.wakes(main, cv, 9);
    EXPECT_EQ(last(), "cv.wait()  woken by step 9");
    t.add(main, operation::wait_spurious, cv);
    EXPECT_EQ(last(), "cv.wait()  wakes spuriously");
    t.notify(main, operation::notify_one, cv);
    EXPECT_EQ(last(), "cv.notify_one() -> wakes nobody");
    t.notify(main, operation::notify_all, cv, {main, worker});
    EXPECT_EQ(last(), "cv.notify_all() -> wakes main, worker");
    t.fence(main, order::acq_rel);
    EXPECT_EQ(last(), "atomic_thread_fence(acq_rel)");
    t.spawn(main, worker);
    EXPECT_EQ(last(), "starts worker");
    t.join(main, worker);
    EXPECT_EQ(last(), "worker.join()");
    t.plain_read(main, v, 3);
    EXPECT_EQ(last(), "v -> 3");
    t.plain_write(main, v, 4);
    EXPECT_EQ(last(), "v = 4");
    t.add(main, operation::log, none).text = "found 3\nand more";
    EXPECT_EQ(last(), "log: found 3");
    t.add(main, operation::choose, none).after = 2;
    EXPECT_EQ(last(), "choose() -> 2");
    t.add(main, operation::load, 99);
    EXPECT_EQ(last(), "an unknown object.load()");
}

TEST(ShowEvent, OfATimedWaitSaysHowLongAndHowItEnds) {
    trace_builder t;
    const int main = t.thread("main");
    const int m = t.mutex("m");
    const int c = t.condition_variable("c");
    const auto timed = [&](operation op, int object, std::int64_t nanoseconds) -> event& {
        event& e = t.add(main, op, object);
        e.timed = true;
        e.nanoseconds = nanoseconds;
        return e;
    };
    const auto last = [&] { return show_event(t.trace, t.trace.events.back()); };
    timed(operation::timed_try_lock, m, 10'000'000).writes = true;
    EXPECT_EQ(last(), "m.try_lock_for(10ms) -> true");
    timed(operation::timed_try_lock, m, 1'500).timed_out = true;
    EXPECT_EQ(last(), "m.try_lock_for(1500ns) -> false (timeout)");
    timed(operation::timed_lock, m, 2'000'000'000).blocked = true;
    EXPECT_EQ(last(), "m.try_lock_for(2s)  blocks");
    timed(operation::expire, m, 2'000'000'000).timed_out = true;
    EXPECT_EQ(last(), "m.try_lock_for(2s) -> timeout (nothing else can run)");
    timed(operation::wait_enqueue, c, 3'000);
    EXPECT_EQ(last(), "c.wait_for(lock, 3us)");
    timed(operation::wait_timed, c, 3'000).timed_out = true;
    EXPECT_EQ(last(), "c.wait_for(lock, 3us) -> timeout");
    timed(operation::wait_timed, c, 3'000).reads_from = 5;
    EXPECT_EQ(last(), "c.wait_for(lock, 3us)  woken by step 5");
    timed(operation::expire, c, 0).timed_out = true;
    EXPECT_EQ(last(), "c.wait_for(lock, 0ns) -> timeout (nothing else can run)");
    t.add(main, operation::wait_late, c).after = 1;
    EXPECT_EQ(last(), "c.wait_for(lock) -> timeout");
    timed(operation::sleep, none, 1'000'000);
    EXPECT_EQ(last(), "sleep_for(1ms)");
    timed(operation::expire, none, 1'000'000);
    EXPECT_EQ(last(), "sleep_for(1ms)  wakes (nothing else can run)");
    t.add(main, operation::clock_read, none).before = 1'000;
    EXPECT_EQ(last(), "now() -> 1us");
}

TEST(TextLayout, WrapsAtBlanksAndKeepsQuotedTextTogether) {
    EXPECT_THAT(wrapped("one two three", 7), ElementsAre("one two", "three"));
    EXPECT_THAT(wrapped("  indented words wrap", 12), ElementsAre("  indented", "  words wrap"));
    EXPECT_THAT(wrapped("see `a b c` now", 9), ElementsAre("see", "`a b c`", "now"));
    EXPECT_THAT(wrapped("unbreakable", 4), ElementsAre("unbreakable"));
    EXPECT_THAT(wrapped("", 4), ElementsAre(""));
    EXPECT_THAT(wrapped("a   b", 10), ElementsAre("a   b"));
    EXPECT_THAT(wrapped("an `open quote", 6), ElementsAre("an", "`open", "quote"));
}

TEST(TextLayout, CountsCodePoints) {
    EXPECT_EQ(display_width("größe"), 5U);
    EXPECT_EQ(padded("größe", 7), "größe  ");
    EXPECT_EQ(shortened("größenordnung", 8), "größe...");
    EXPECT_EQ(shortened("abc", 3), "abc");
    EXPECT_EQ(shortened("abcd", 3), "...");
    EXPECT_EQ(right_aligned("7", 3), "  7");
}

TEST(TextLayout, NeverCutsTheResultOfAStep) {
    const std::string timeout = "filled_.wait_for(lock, 1ms) -> timeout";
    EXPECT_EQ(shortened_step(timeout, 40), timeout);
    EXPECT_EQ(shortened_step(timeout, 32), "filled_.wait_for(...) -> timeout");
    EXPECT_EQ(shortened_step(timeout, 20), "filled... -> timeout");
    EXPECT_EQ(shortened_step("a.wait(lock, 1ms)  woken by step 15", 29),
              "a.wait(...)  woken by step 15");
    EXPECT_EQ(shortened_step("log: from a -> b", 12), "log: from...");
    EXPECT_EQ(least_width_of_step(timeout), 19U);
    EXPECT_EQ(least_width_of_step("x -> 1"), 6U);
}

TEST(Render, EndsWithTheReplayLine) {
    trace_builder t = sample();
    const int main = t.thread("main"), x = t.atomic("x");
    t.store(main, x, 1);
    diagnostic d;
    d.slug = "assertion";
    d.headline = "x is 1";
    d.why = {"because"};
    d.found = "execution 1";
    d.replay = "./test --heddle_replay=h1:" + std::string(300, 'a');
    EXPECT_THAT(render(t.trace, d), EndsWith("\n   = replay: " + d.replay + "\n"));
    EXPECT_THAT(render({}, d),
                EndsWith("   = found: execution 1\n   = replay: " + d.replay + "\n"));
}

TEST(Render, LaysOutLabelsOfAllKinds) {
    trace_builder t = sample();
    diagnostic d;
    d.slug = "data-race";
    d.headline = "labels of all kinds";
    const auto label_at = [&](const std::string& text, const std::string& what) -> label& {
        d.labels.push_back({t.place_of("queue.hpp", text), what});
        return d.labels.back();
    };
    label_at("count_.store(1", "the call").call = operation::store;
    d.labels.back().primary = true;
    label_at("items_ = value", "a line without its comment");
    label_at("std::lock_guard", "first on this line");
    label_at("std::lock_guard", "second on this line");
    label_at("tabbed_", "a line with tabs");
    label_at("closed_.store", "one call of the line").call = operation::store;
    label_at("closed_.store", "another").call = operation::notify_all;
    label_at("deeply_nested_.store", "deep code is shifted left");
    label_at("very_long_name", "a line that is longer than a report is wide");
    label_at("wert_ = gr", "columns are code points");
    d.labels.push_back({{folder + "/programs/queue.hpp", 9'999, {}}, "a line beyond the end"});
    d.labels.push_back({{"/no/such/file.hpp", 12, {}}, "a file that cannot be read"});
    d.labels.push_back({{}, "nobody knows where"});
    d.why = {
        "a reason that is so long that it has to be wrapped at the width of the report, which is a "
        "hundred columns",
        "  a row --of--> a picture"};
    d.notes = {"two lines\nof one note"};
    const std::string text = render(t.trace, d);
    EXPECT_LE(widest_line(text), 100U);
    EXPECT_TRUE(golden(folder + "/golden", "labels", text));
}

TEST(Render, WithoutSourceShowsPlacesAndTexts) {
    trace_builder t;
    diagnostic d;
    d.slug = "deadlock";
    d.headline = "no source at hand";
    d.labels = {{{"pool.hpp", 63, {}}, "`worker` waits here", true},
                {{"pool.hpp", 47, {}}, "`main` notified"},
                {{"pool.hpp", 63, {}}, "and again"}};
    EXPECT_EQ(render(t.trace, d),
              "error[deadlock]: no source at hand\n"
              "  --> pool.hpp:63: `worker` waits here\n"
              "                   and again\n"
              "  ::: pool.hpp:47: `main` notified\n"
              "   |\n");
}

}  // namespace
}  // namespace heddle::trace
