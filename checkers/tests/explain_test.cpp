#include <random>
#include <string>

#include <gtest/gtest.h>

#include <heddle/checkers/explain.hpp>

#include "reports.hpp"

namespace heddle::checkers {
namespace {

using trace::operation;
using trace::stop;

TEST(Explain, ChoosesTheFindingByWhatStoppedTheExecution) {
    const std::pair<stop, const char*> slugs[] = {
        {stop::assertion, "assertion"},
        {stop::exception, "exception"},
        {stop::data_race, "data-race"},
        {stop::deadlock, "deadlock"},
        {stop::lost_notification, "lost-notification"},
        {stop::livelock, "livelock"},
        {stop::misuse, "misuse"},
        {stop::step_limit, "step-limit"},
        {stop::nondeterminism, "nondeterminism"},
        {stop::crash, "crash"},
        {stop::endless_loop, "livelock"},
    };
    for (const auto& [why, slug] : slugs) {
        trace::execution_trace t;
        t.why = why;
        EXPECT_EQ(explain(t).slug, slug);
    }
}

TEST(Explain, HasNothingToSayOfACompleteExecution) {
    EXPECT_EQ(explain({}).slug, "");
    EXPECT_TRUE(explain({}).labels.empty());
}

// Traces that no engine writes: a report may then be poor, but it comes.
TEST(Explain, SurvivesAnyTrace) {
    std::minstd_rand draw(19);
    const auto below = [&](unsigned n) { return static_cast<int>(draw() % n); };
    const auto builder = sample();
    for (int k = 0; k < 3'000; ++k) {
        trace::execution_trace t;
        const int threads = below(6), objects = below(5), steps = below(60);
        for (int i = 0; i < threads; ++i)
            t.threads.push_back({"thread-" + std::to_string(i), below(6) - 1, {}});
        for (int i = 0; i < objects; ++i) {
            trace::object_record o;
            o.kind = static_cast<trace::object_kind>(below(7));
            o.name = "object-" + std::to_string(below(4));
            o.format = static_cast<trace::value_format>(below(6));
            o.bytes = static_cast<unsigned>(below(20));
            t.objects.push_back(o);
        }
        const auto some_place = [&] {
            trace::place where;
            if (below(4) != 0)
                where = {
                    test_folder() + "/programs/pool.hpp", static_cast<unsigned>(below(90)), {}};
            return where;
        };
        for (int i = 0; threads > 0 && i < steps; ++i) {
            trace::event e;
            e.step = static_cast<unsigned>(i) + 1;
            e.thread = below(static_cast<unsigned>(threads));
            e.op = static_cast<operation>(below(37));
            e.object = below(static_cast<unsigned>(objects) + 1) - 1;
            e.other_thread = below(static_cast<unsigned>(threads) + 1) - 1;
            e.memory_order = static_cast<trace::order>(below(8));
            e.reads = below(2) != 0;
            e.writes = below(2) != 0;
            e.blocked = below(6) == 0;
            e.stale = below(6) == 0;
            e.before = draw();
            e.after = draw();
            e.reads_from = below(62) - 1;
            if (below(3) == 0) e.woken.push_back(below(8) - 1);
            e.reason = static_cast<trace::switch_reason>(below(5));
            e.where = some_place();
            t.events.push_back(e);
        }
        for (int i = 0; i < threads; ++i) {
            trace::thread_end end;
            end.state = static_cast<trace::thread_state>(below(3));
            end.waiting_in = static_cast<operation>(below(37));
            end.object = below(6) - 1;
            end.other_thread = below(7) - 1;
            end.since = static_cast<unsigned>(below(70));
            end.spinning = below(6) == 0;
            end.where = some_place();
            t.ends.push_back(end);
        }
        for (int i = below(4); i > 0; --i)
            t.holdings.push_back({below(6) - 1, below(7) - 1, static_cast<unsigned>(below(70))});
        for (int i = below(4); i > 0; --i) t.cycle.push_back(below(7) - 1);
        t.why = static_cast<stop>(below(10));
        t.thread = below(7) - 1;
        t.step = static_cast<unsigned>(below(70));
        t.other_step = static_cast<unsigned>(below(70));
        t.object = below(6) - 1;
        t.misuse = static_cast<trace::misuse_kind>(below(18));
        t.owner_exited = below(2) != 0;
        t.passing_waiter = below(7) - 1;
        t.where = some_place();
        const std::string text = report(t, explain(t));
        EXPECT_FALSE(text.empty());
    }
}

}  // namespace
}  // namespace heddle::checkers
