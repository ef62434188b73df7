// Record, print, parse, replay, same events: every strategy, by schedule and by seed.
#include <gmock/gmock.h>
#include <heddle/heddle.hpp>
#include <heddle/trace/render.hpp>
#include <heddle/trace/schedule.hpp>

#include <mutex>
#include <set>
#include <sstream>
#include <string>

#include "generated_body.hpp"

namespace heddle {
namespace {

using testing::HasSubstr;

struct failing_body {
    const char* name;
    void (*run)();
    verdict expected;
    memory_model model = memory_model::cpp20;
    unsigned spurious_bound = 0;
};

void lost_update() {
    fibers::atomic<int> x{0};
    const auto add = [&x] {
        const int seen = x.load();
        x.store(seen + 1);
    };
    fibers::thread t(add);
    add();
    t.join();
    HEDDLE_ASSERT(x.load() == 2);
}

void crossed_locks() {
    fibers::mutex a, b;
    fibers::thread t([&] {
        std::lock_guard first(a);
        std::lock_guard second(b);
    });
    {
        std::lock_guard first(b);
        std::lock_guard second(a);
    }
    t.join();
}

void notified_too_early() {
    fibers::mutex m;
    fibers::condition_variable ready;
    fibers::thread t([&] {
        std::unique_lock lock(m);
        ready.wait(lock);
    });
    ready.notify_one();
    t.join();
}

void unordered_writes() {
    fibers::var<int> data{0};
    fibers::atomic<bool> ready{false};
    fibers::thread t([&] {
        data = 1;
        ready.store(true, std::memory_order_relaxed);
    });
    if (ready.load(std::memory_order_relaxed)) data = 2;
    t.join();
}

void both_read_old() {
    fibers::atomic<int> x{0}, y{0};
    int r0 = 0, r1 = 0;
    fibers::thread t([&] {
        x.store(1, std::memory_order_release);
        r0 = y.load(std::memory_order_acquire);
    });
    y.store(1, std::memory_order_release);
    r1 = x.load(std::memory_order_acquire);
    t.join();
    HEDDLE_ASSERT(r0 + r1 > 0, "both threads read the initial value");
}

void if_in_place_of_while() {
    fibers::mutex m;
    fibers::condition_variable ready;
    fibers::var<bool> set{false};
    fibers::thread t([&] {
        std::unique_lock lock(m);
        if (!set) ready.wait(lock);
        HEDDLE_ASSERT(set);
    });
    {
        std::lock_guard lock(m);
        set = true;
        ready.notify_one();
    }
    t.join();
}

void unlucky_choice() { HEDDLE_ASSERT(choose(5) * choose(3) != 8); }

void throwing_thread() {
    fibers::atomic<int> x{0};
    fibers::thread t([&] {
        if (x.exchange(1) == 1) throw std::runtime_error("second");
    });
    x.exchange(1);
    t.join();
}

void unlock_of_another() {
    fibers::mutex m;
    fibers::atomic<int> x{0};
    fibers::thread t([&] {
        m.lock();
        x.store(1);
    });
    if (x.load() == 1) m.unlock();
    t.join();
}

void spins_for_ever() {
    fibers::atomic<int> x{0};
    fibers::thread t([&] { x.store(2); });
    while (x.load() != 1) fibers::this_thread::yield();
    t.join();
}

const failing_body bodies[] = {
    {"lost_update", lost_update, verdict::assertion},
    {"lost_update_sc", lost_update, verdict::assertion, memory_model::sc},
    {"crossed_locks", crossed_locks, verdict::deadlock},
    {"notified_too_early", notified_too_early, verdict::lost_notification},
    {"unordered_writes", unordered_writes, verdict::data_race},
    {"both_read_old", both_read_old, verdict::assertion},
    {"both_read_old_rc11", both_read_old, verdict::assertion, memory_model::rc11},
    {"if_in_place_of_while", if_in_place_of_while, verdict::assertion, memory_model::cpp20, 1},
    {"unlucky_choice", unlucky_choice, verdict::assertion},
    {"throwing_thread", throwing_thread, verdict::exception},
    {"unlock_of_another", unlock_of_another, verdict::misuse},
    {"spins_for_ever", spins_for_ever, verdict::livelock},
};

const strategy all_strategies[] = {strategies::automatic{},   strategies::exhaustive{},
                                   strategies::depth_first{}, strategies::random{},
                                   strategies::pct{},         strategies::pct{2}};

class Replay : public testing::TestWithParam<std::tuple<failing_body, strategy>> {};

std::string events_of(const failure& f) {
    std::string text;
    for (const trace::event& e : f.trace.events)
        text += std::to_string(e.thread) + " " + trace::show_event(f.trace, e) + "\n";
    return text;
}

TEST_P(Replay, ComesBackByScheduleAndBySeed) {
    const auto& [body, how] = GetParam();
    options o;
    o.strategy = how;
    o.memory_model = body.model;
    o.spurious_bound = body.spurious_bound;
    const result first = explore(o, body.run);
    ASSERT_EQ(to_string(first.verdict), to_string(body.expected)) << first.summary;
    const failure& f = *first.failure;

    trace::schedule_error error;
    const trace::schedule parsed = trace::parse_schedule(f.replay, error);
    ASSERT_EQ(error.message, "");
    EXPECT_EQ(trace::to_string(parsed), f.replay);

    for (const std::string& replay :
         {f.replay, std::to_string(f.seed) + ":" + std::to_string(f.execution)}) {
        options again = o;
        again.replay = replay;
        const result second = explore(again, body.run);
        ASSERT_EQ(to_string(second.verdict), to_string(body.expected)) << replay;
        EXPECT_EQ(events_of(*second.failure), events_of(f)) << replay;
        EXPECT_EQ(second.failure->replay, f.replay);
    }
}

INSTANTIATE_TEST_SUITE_P(Strategies, Replay,
                         testing::Combine(testing::ValuesIn(bodies),
                                          testing::ValuesIn(all_strategies)),
                         [](const auto& instance) {
                             std::string name = std::string(std::get<0>(instance.param).name) +
                                                "_" + to_string(std::get<1>(instance.param));
                             for (char& c : name)
                                 if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
                             return name;
                         });

// Every outcome of generated programs with timed waits, made a failure: the search finds it, and
// its explained re-run and its replay come back to it.
TEST(ReplayOfTimedWaits, ComesBackToEveryOutcome) {
    unsigned outcomes = 0;
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        const auto what = seed % 2 ? generated::mix::timed_locks : generated::mix::timed_waits;
        const generated::program p = generated::generate(seed, what);
        for (const unsigned bound : {0U, 1U, 2U}) {
            options o;
            o.strategy = strategies::exhaustive{};
            o.early_timeout_bound = bound;
            o.keep_going = true;
            std::set<std::string> texts;
            for (const auto& [text, count] : explore(o, [&p] { generated::run(p); }).outcomes) {
                std::istringstream in(text);
                std::string word, time, values;
                for (in >> time; in >> word && word.find('=') == word.npos;) values += word + ' ';
                texts.insert(values);
            }
            for (const std::string& refused : texts)
                for (const strategy how :
                     {strategy{strategies::exhaustive{}}, strategy{strategies::random{}}}) {
                    const auto body = [&] { generated::run(p, refused); };
                    options search;
                    search.strategy = how;
                    search.early_timeout_bound = bound;
                    search.execution_limit = 3'000;
                    const result found = explore(search, body);
                    // A hang may come first, and a sampler may miss.
                    if (found.verdict != verdict::assertion) {
                        ASSERT_NE(found.verdict, verdict::nondeterminism)
                            << "seed " << seed << to_string(p) << found.failure->message;
                        continue;
                    }
                    ++outcomes;
                    options again;
                    again.replay = found.failure->replay;
                    const result replayed = explore(again, body);
                    ASSERT_EQ(to_string(replayed.verdict), "assertion")
                        << "seed " << seed << to_string(p) << found.failure->message;
                    ASSERT_EQ(replayed.failure->replay, found.failure->replay);
                }
        }
    }
    EXPECT_GT(outcomes, 300U);
}

// A program without stale reads is shown without them: its schedule is an interleaving.
TEST(ReplayOrder, HasNoStaleReadsWhereNoneAreNeeded) {
    for (const auto& body : {lost_update, crossed_locks, if_in_place_of_while}) {
        const result r = explore({.strategy = strategies::exhaustive{}, .spurious_bound = 1}, body);
        ASSERT_TRUE(r.failure);
        for (const trace::event& e : r.failure->trace.events)
            EXPECT_FALSE(e.stale) << trace::show_event(r.failure->trace, e);
    }
}

TEST(ReplayRefused, ScheduleOfAChangedProgramNamesTheFirstDifference) {
    const auto program = [](bool changed) {
        return [changed] {
            fibers::atomic<int> x{0}, y{0};
            fibers::thread t([&] { x.store(1); });
            if (changed) y.store(7);
            HEDDLE_ASSERT(x.load() == 0);
            t.join();
        };
    };
    const result first = explore(program(false));
    ASSERT_TRUE(first.failure);
    options o;
    o.replay = first.failure->replay;
    const result other = explore(o, program(true));
    EXPECT_EQ(other.verdict, verdict::nondeterminism);
    EXPECT_THAT(other.failure->trace.message, HasSubstr("first difference at step"));
}

TEST(ReplayRefused, BadTextNamesTheValue) {
    const auto body = [] {};
    for (const char* text :
         {"nonsense", "h1:c0", "1:", ":2", "1:2:3", "99999999999999999999999:1"}) {
        options o;
        o.replay = text;
        try {
            static_cast<void>(explore(o, body));
            ADD_FAILURE() << text << " was accepted";
        } catch (const std::invalid_argument& e) {
            EXPECT_THAT(std::string(e.what()), HasSubstr(std::string(text).substr(0, 5)));
        }
    }
}

TEST(ReplayRefused, ExecutionBeyondTheEndOfTheSearch) {
    options o;
    o.replay = "1:5000";
    o.strategy = strategies::exhaustive{};
    EXPECT_THROW(static_cast<void>(explore(o,
                                           [] {
                                               fibers::atomic<int> x{0};
                                               x.store(1);
                                           })),
                 std::invalid_argument);
}

}  // namespace
}  // namespace heddle
