// Same seed, same schedules: a hash over what every execution did, written to a file that all
// builds must agree on.
#include <gtest/gtest.h>

#include <heddle/scheduler/explore.hpp>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "generated_body.hpp"
#include "sanitizers.hpp"

namespace heddle {
namespace {

// Who did what, in the order in which it happened, over all executions of a search.
class history {
public:
    void add(std::uint64_t x) {
        hash_ ^= x;
        hash_ *= 0x100'0000'01b3ULL;
    }
    std::uint64_t hash() const { return hash_; }

private:
    std::uint64_t hash_ = 0xcbf2'9ce4'8422'2325ULL;
};

void counter_and_flag(history& h) {
    fibers::mutex m;
    fibers::condition_variable changed;
    fibers::var<int> count{0};
    fibers::atomic<int> flag{0};
    const auto work = [&](unsigned self) {
        for (unsigned k = 0; k < 2; ++k) {
            std::unique_lock lock(m);
            count += 1;
            h.add(self * 16 + k);
            changed.notify_one();
        }
        flag.fetch_add(1, std::memory_order_acq_rel);
        h.add(self * 16 + 15);
    };
    fibers::thread a([&] { work(1); });
    fibers::thread b([&] { work(2); });
    {
        std::unique_lock lock(m);
        while (count.load() < 2) changed.wait(lock);
        h.add(3);
    }
    const int seen = flag.load(std::memory_order_relaxed);
    h.add(100 + static_cast<unsigned>(seen));
    a.join();
    b.join();
}

void relaxed_traffic(history& h) {
    fibers::atomic<int> x{0}, y{0};
    const auto note = [&h](int v) { h.add(static_cast<std::uint64_t>(v) + 1000); };
    fibers::thread a([&] {
        x.store(1, std::memory_order_relaxed);
        note(y.load(std::memory_order_relaxed));
        x.store(2, std::memory_order_release);
    });
    fibers::thread b([&] {
        y.store(1, std::memory_order_seq_cst);
        note(x.load(std::memory_order_acquire));
        int expected = 1;
        note(x.compare_exchange_weak(expected, 5, std::memory_order_acq_rel,
                                     std::memory_order_relaxed));
        note(expected);
    });
    note(static_cast<int>(choose(3)));
    a.join();
    b.join();
}

void timed(history& h) {
    using namespace std::chrono_literals;
    fibers::timed_mutex m;
    fibers::mutex n;
    fibers::condition_variable changed;
    fibers::var<bool> ready{false};
    const auto note_time = [&h] {
        h.add(static_cast<std::uint64_t>(fibers::steady_clock::now().time_since_epoch().count()));
    };
    fibers::thread a([&] {
        const std::lock_guard held(m);
        fibers::this_thread::sleep_for(7ms);
        const std::lock_guard lock(n);
        ready = true;
        changed.notify_one();
    });
    {
        std::unique_lock lock(n);
        h.add(changed.wait_for(lock, 5ms, [&] { return ready.load(); }));
    }
    note_time();
    h.add(std::unique_lock(m, 10ms).owns_lock());
    note_time();
    a.join();
    note_time();
}

void generated_row(std::ostream& out, const std::string& suffix, std::uint64_t seed,
                   generated::mix what) {
    generated::program p = generated::generate(seed, what);
    options o;
    o.keep_going = true;
    o.execution_limit = 500;
    o.strategy = seed % 2 ? strategy{strategies::random{}} : strategy{strategies::exhaustive{}};
    scheduler::search_hooks hooks;
    hooks.shrink = false;
    const auto body = [](void* program) {
        generated::run(*static_cast<generated::program*>(program));
    };
    const result r = scheduler::search(o, body, &p, hooks);
    history h;
    for (const auto& [text, count] : r.outcomes) {
        for (const char c : text) h.add(static_cast<unsigned char>(c));
        h.add(count);
    }
    out << "generated" << suffix << ' ' << seed << ' ' << to_string(r.verdict) << ' '
        << r.executions << ' ' << r.deadlocks << ' ' << r.steps << ' ' << std::hex << h.hash()
        << std::dec << ' ' << (r.failure ? r.failure->replay : "-") << '\n';
    if (!r.failure || seed % 4) return;
    out << "shrunk" << suffix << ' ' << seed << ' '
        << explore(o, [&] { generated::run(p); }).failure->replay << '\n';
}

std::string all_hashes() {
    struct row {
        const char* name;
        strategy how;
        std::uint64_t executions;
        unsigned spurious_bound;
    };
    const row rows[] = {{"exhaustive", strategies::exhaustive{}, 0, 0},
                        {"exhaustive_spurious", strategies::exhaustive{}, 0, 1},
                        {"depth_first", strategies::depth_first{}, 20'000, 0},
                        {"random", strategies::random{}, 5'000, 0},
                        {"random_spurious", strategies::random{}, 5'000, 2},
                        {"pct", strategies::pct{}, 5'000, 0},
                        {"pct_3", strategies::pct{3}, 5'000, 0}};
    struct body {
        const char* name;
        void (*run)(history&);
    };
    const body bodies[] = {{"counter_and_flag", counter_and_flag},
                           {"relaxed_traffic", relaxed_traffic}};
    std::ostringstream out;
    for (const body& b : bodies)
        for (const row& r : rows)
            for (const memory_model model :
                 {memory_model::cpp20, memory_model::rc11, memory_model::sc}) {
                options o;
                o.strategy = r.how;
                o.execution_limit = r.executions;
                o.spurious_bound = r.spurious_bound;
                o.memory_model = model;
                o.seed = 12345;
                history h;
                const result found = explore(o, [&] { b.run(h); });
                out << b.name << ' ' << r.name << ' ' << to_string(model) << ' ' << found.executions
                    << ' ' << found.steps << ' ' << std::hex << h.hash() << std::dec << '\n';
            }
    for (std::uint64_t seed = 1; seed <= 200; ++seed)
        generated_row(out, "", seed, static_cast<generated::mix>(seed % 3));
    for (const row& r : rows)
        for (const unsigned bound : {0U, 2U}) {
            options o;
            o.strategy = r.how;
            o.execution_limit = r.executions;
            o.spurious_bound = r.spurious_bound;
            o.early_timeout_bound = bound;
            o.seed = 12345;
            history h;
            const result found = explore(o, [&h] { timed(h); });
            out << "timed_" << bound << ' ' << r.name << ' ' << found.executions << ' '
                << found.steps << ' ' << std::hex << h.hash() << std::dec << '\n';
        }
    for (std::uint64_t seed = 1; seed <= 100; ++seed)
        generated_row(out, "_timed", seed,
                      seed % 4 < 2 ? generated::mix::timed_locks : generated::mix::timed_waits);
    return out.str();
}

TEST(ScheduleHashes, AreThoseOfEveryOtherBuild) {
    const std::string now = all_hashes();
    std::ofstream(HEDDLE_HASHES_OF_THIS_BUILD_) << now;
    if (std::getenv("HEDDLE_APPROVE")) std::ofstream(HEDDLE_HASHES_OF_ALL_BUILDS_) << now;
    std::ostringstream approved;
    approved << std::ifstream(HEDDLE_HASHES_OF_ALL_BUILDS_).rdbuf();
    EXPECT_EQ(now, approved.str());
}

TEST(ScheduleHashes, DoNotChangeWithinAProcess) {
    if (testing_support::under_thread_sanitizer)
        GTEST_SKIP() << "half a minute for what others show";
    EXPECT_EQ(all_hashes(), all_hashes());
}

}  // namespace
}  // namespace heddle
