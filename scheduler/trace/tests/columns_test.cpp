#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <heddle/trace/render.hpp>
#include <heddle/trace/source.hpp>

#include "golden.hpp"
#include "text_layout.hpp"
#include "trace_builder.hpp"

namespace heddle::trace {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

const std::string folder = HEDDLE_TEST_DIR;

trace_builder sample() {
    set_display_root(folder + "/programs");
    return trace_builder(folder + "/programs");
}

std::size_t widest_line(const std::string& text) {
    std::size_t widest = 0;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
        widest = std::max(widest, display_width(line));
    return widest;
}

TEST(Columns, ShowWhoDidWhatWithReasonsOfSwitches) {
    trace_builder t = sample();
    const int main = t.thread("main"), worker = t.thread("worker"), other = t.thread("other");
    const int count = t.atomic("count_"), mutex = t.mutex("mutex_"), second = t.mutex("second_");
    t.at("queue.hpp", "count_.store");
    t.spawn(main, worker);
    t.spawn(main, other);
    t.load(other, count, 0);
    t.store(worker, count, 1, order::release);
    t.add(worker, operation::yield, none);
    t.lock(main, mutex, none, operation::lock_all);
    t.lock(main, second, none, operation::lock_all);
    t.blocks_in_join(main, worker);
    t.nowhere();
    t.ends(worker);
    t.at("queue.hpp", "lock_guard");
    t.join(main, worker);
    diagnostic d;
    d.threads = {main, worker};
    const std::string text = render_columns(t.trace, d);
    EXPECT_TRUE(golden(folder + "/golden", "columns", text));
}

TEST(Columns, OfALongExecutionCountWhatTheyHide) {
    trace_builder t = sample();
    const int main = t.thread("main"), worker = t.thread("worker");
    const int count = t.atomic("count_"), local = t.atomic("local_");
    std::vector<int> others;  // in no order that repeats itself
    for (int k = 0; k < 7; ++k) others.push_back(t.atomic("other_" + std::to_string(k)));
    t.at("queue.hpp", "count_.store");
    t.spawn(main, worker);
    for (unsigned k = 0; k < 50; ++k) t.store(k % 10 < 5 ? main : worker, others[k % 7], k);
    t.store(worker, count, 1);
    t.store(main, local, 7);
    t.load(main, count, 1);
    for (unsigned k = 0; k < 9; ++k) t.store(main, others[k % 7], k);
    diagnostic d;
    d.threads = {main, worker};
    d.objects = {count};
    const std::string text = render_columns(t.trace, d);
    EXPECT_TRUE(golden(folder + "/golden", "columns_hidden", text));
    std::size_t hidden = 0;
    for (std::size_t at = text.find('('); at != text.npos; at = text.find('(', at + 1))
        if (text.find("hidden)", at) < text.find(')', at))
            hidden += std::stoul(text.substr(at + 1));
    std::size_t shown_rows = 0;
    for (std::size_t at = text.find("queue.hpp"); at != text.npos;
         at = text.find("queue.hpp", at + 1))
        ++shown_rows;
    EXPECT_EQ(hidden, t.last() - shown_rows) << "each step is shown or counted\n" << text;
}

// `main` starts a worker, waits for it, and is not involved.
trace_builder of_worker_alone(unsigned steps) {
    trace_builder t = sample();
    const int main = t.thread("main"), worker = t.thread("worker");
    const int count = t.atomic("count_");
    t.at("queue.hpp", "count_.store");
    t.store(main, count, 1);
    t.spawn(main, worker);
    t.blocks_in_join(main, worker);
    for (unsigned k = 0; k < steps; ++k) t.store(worker, count, k);
    return t;
}

TEST(Columns, OfAShortExecutionHideNothing) {
    diagnostic d;
    d.threads = {1};
    EXPECT_THAT(render_columns(of_worker_alone(9).trace, d),
                AllOf(HasSubstr("starts worker"), Not(HasSubstr("hidden"))));
    EXPECT_THAT(render_columns(of_worker_alone(10).trace, d),
                HasSubstr("(3 steps of main hidden)"));
}

TEST(Columns, ShowWhereAThreadStandsThatANoteMentions) {
    diagnostic d;
    d.threads = {1};
    d.mentioned = {0};
    EXPECT_THAT(render_columns(of_worker_alone(10).trace, d),
                AllOf(HasSubstr("(2 steps hidden)"), HasSubstr("worker.join()")));
}

TEST(Columns, EndWithWhatStoppedTheExecution) {
    trace_builder t = of_worker_alone(1);
    t.stops(stop::misuse, 1, 4);
    t.trace.where = t.place_of("queue.hpp", "count_.store");
    diagnostic d;
    d.stopped_by = "destroys count_";
    EXPECT_THAT(render_columns(t.trace, d), ContainsRegex("\n +destroys count_ +queue"));
    EXPECT_EQ(render_columns({}, d), "");
}

TEST(Columns, OfManyThreadsBecomeOne) {
    trace_builder t = sample();
    const int count = t.atomic("count_");
    t.at("queue.hpp", "count_.store");
    for (int k = 0; k < 5; ++k) t.store(t.thread("philosopher-" + std::to_string(k)), count, 1);
    const std::string text = render_columns(t.trace, {});
    EXPECT_THAT(text, StartsWith("   step  thread\n"));
    EXPECT_THAT(text, HasSubstr("      3  philosopher-2  count_.store(1)  queue.hpp:10\n"));
}

TEST(Columns, StayWithinTheWidth) {
    trace_builder t = sample();
    const std::string longest(70, 'n');
    const int x = t.atomic(longest);
    t.at("queue.hpp", "count_.store");
    for (int k = 0; k < 4; ++k) t.store(t.thread(longest + std::to_string(k)), x, 1);
    EXPECT_LE(widest_line(render_columns(t.trace, {})), 100U);
    t.thread("fifth");
    t.store(4, x, 1);
    EXPECT_LE(widest_line(render_columns(t.trace, {})), 100U);
}

TEST(Columns, OfAnEmptyTraceAreEmpty) { EXPECT_EQ(render_columns({}, {}), ""); }

}  // namespace
}  // namespace heddle::trace
