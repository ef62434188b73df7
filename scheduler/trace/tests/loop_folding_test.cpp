// Loops in the column trace: a first round, a line, a last round.
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <heddle/trace/render.hpp>
#include <heddle/trace/source.hpp>

#include "golden.hpp"
#include "trace_builder.hpp"

namespace heddle::trace {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string folder = HEDDLE_TEST_DIR;

trace_builder sample() {
    set_display_root(folder + "/programs");
    trace_builder t(folder + "/programs");
    t.at("queue.hpp", "count_.store");
    return t;
}

std::size_t rows_of(const std::string& columns) {
    std::size_t rows = 0;
    for (std::size_t at = 0; (at = columns.find("queue.hpp:", at)) != columns.npos; ++at) ++rows;
    return rows;
}

// A thread that waits in vain, in `rounds` rounds of two steps, and counts them.
trace_builder retries(unsigned rounds) {
    trace_builder t = sample();
    const int main = t.thread("main");
    const int ready = t.atomic("ready_"), tries = t.atomic("tries_");
    for (unsigned k = 0; k < rounds; ++k) {
        t.load(main, ready, 0);
        t.update(main, operation::fetch_add, tries, k, k + 1);
    }
    t.load(main, ready, 0);
    return t;
}

TEST(LoopFolding, ShowsTheFirstAndTheLastRound) {
    EXPECT_TRUE(golden(folder + "/golden", "loop", render_columns(retries(1'000).trace, {})));
}

TEST(LoopFolding, LeavesThreeRoundsAlone) {
    EXPECT_THAT(render_columns(retries(3).trace, {}), Not(HasSubstr("rounds")));
    EXPECT_THAT(render_columns(retries(4).trace, {}),
                HasSubstr("\n         ... 2 rounds like this, steps 3 to 6 ...\n"));
}

// Two that undo what the other does, with reasons of switches.
TEST(LoopFolding, TakesTheRoundsOfSeveralThreads) {
    trace_builder t = sample();
    const int main = t.thread("main"), left = t.thread("left"), right = t.thread("right");
    const int turn = t.atomic("turn_");
    t.spawn(main, left);
    t.spawn(main, right);
    t.blocks_in_join(main, left);
    for (unsigned k = 0; k < 500; ++k)
        for (const int me : {left, right}) {
            t.load(me, turn, k);
            t.store(me, turn, k + 1);
            t.add(me, operation::yield, none);
        }
    diagnostic d;
    d.threads = {left, right};
    EXPECT_TRUE(golden(folder + "/golden", "loop_of_two", render_columns(t.trace, d)));
}

TEST(LoopFolding, KeepsWhatTheReportSpeaksOf) {
    trace_builder t = retries(1'000);
    t.stops(stop::data_race, 0, 1'111);
    t.trace.other_step = 600;
    diagnostic d;
    d.labels.push_back({{}, "`main` reads 0 at step 1501", true, {}, {}});
    d.why = {"and so in the steps 41 to 43"};
    d.notes = {"the limit of steps: 30 steps, step by step"};
    const std::string text = render_columns(t.trace, d);
    for (const char* row :
         {"\n     41  ", "\n     42  ", "\n     43  ", "\n    600  ", "\n   1111  ", "\n   1501  "})
        EXPECT_THAT(text, HasSubstr(row));
    EXPECT_THAT(text, AllOf(HasSubstr("... 19 rounds like this, steps 3 to 40 ..."),
                            HasSubstr("... 277 rounds like this, steps 45 to 598 ..."),
                            HasSubstr("... 248 rounds like this, steps 1503 to 1998 ...")));
    EXPECT_EQ(rows_of(text), 2U * (2 + 2 + 3) + 1) << text;
}

// Each step is in a row, or in the count of one line.
TEST(LoopFolding, LosesNoStep) {
    for (unsigned rounds = 1; rounds < 40; ++rounds) {
        const trace_builder t = retries(rounds);
        const std::string text = render_columns(t.trace, {});
        std::size_t steps = rows_of(text);
        for (std::size_t at = 0; (at = text.find("... ", at)) != text.npos; at += 4) {
            if (text.find(" rounds like", at) == text.npos) continue;
            steps += 2 * std::stoul(text.substr(at + 4));
        }
        EXPECT_EQ(steps, t.last()) << text;
    }
}

// What other threads do in between is counted with the rounds.
TEST(LoopFolding, PassesOverThreadsThatAreNotInvolved) {
    trace_builder t = sample();
    const int main = t.thread("main"), other = t.thread("other");
    const int x = t.atomic("x_"), y = t.atomic("y_");
    for (unsigned k = 0; k < 100; ++k) {
        t.load(main, x, 0);
        for (unsigned j = 0; j < k % 3; ++j) t.store(other, y, j);
        t.add(main, operation::yield, none);
    }
    diagnostic d;
    d.threads = {main};
    const std::string text = render_columns(t.trace, d);
    EXPECT_THAT(text, HasSubstr("... 98 rounds like this, steps 3 to 297 ..."));
    EXPECT_EQ(rows_of(text), 4U) << text;
}

// A loop among so much else that only the latest rows are shown.
TEST(LoopFolding, GoesWithTheRowsThatAreLeftOut) {
    trace_builder t = sample();
    const int main = t.thread("main");
    std::vector<int> x;
    for (int k = 0; k < 60; ++k) x.push_back(t.atomic("x" + std::to_string(k)));
    for (unsigned k = 0; k < 50; ++k) t.load(main, x[0], k);
    for (int k = 1; k < 60; ++k) t.store(main, x[k], 1);
    for (unsigned k = 0; k < 50; ++k) t.load(main, x[0], k);
    diagnostic d;
    d.threads = {main};
    d.objects = x;
    const std::string text = render_columns(t.trace, d);
    EXPECT_THAT(text, AllOf(HasSubstr("(71 steps hidden)"),
                            HasSubstr("... 48 rounds like this, steps 111 to 158 ...")));
    EXPECT_EQ(rows_of(text), 40U) << text;
}

TEST(LoopFolding, TellsOtherDeedsApart) {
    trace_builder t = sample();
    const int main = t.thread("main");
    const int x = t.atomic("x_"), y = t.atomic("y_");
    for (unsigned k = 0; k < 8; ++k) t.store(main, k % 3 == 0 ? x : y, 1);  // no loop of four
    for (unsigned k = 0; k < 3; ++k) t.update(main, operation::compare_exchange_strong, x, 0, 1);
    t.add(main, operation::compare_exchange_strong, x).reads = true;  // one that fails
    EXPECT_THAT(render_columns(t.trace, {}), Not(HasSubstr("rounds")));
}

}  // namespace
}  // namespace heddle::trace
