// A frame that does not fit into the stack of its thread is a crash, however large it is, and
// reaches no memory of another thread.
#include <gmock/gmock.h>

#include <alloca.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <optional>
#include <string>

#include <heddle/heddle.hpp>

#include "sanitizers.hpp"

namespace heddle {
namespace {

using testing::ExitedWithCode;
using testing::HasSubstr;
using testing::StartsWith;

constexpr std::size_t kib = 1024, mib = 1024 * kib;

// What a compiler may touch first of a frame that is too large.
enum class part { lowest, middle, highest, all };

// Unknown to the compiler.
[[gnu::noinline]] void fill(char* begin, std::size_t n, char c) {
    std::memset(begin, c, n);
    asm volatile("" : : "r"(begin) : "memory");
}

void touch(char* frame, std::size_t n, part which) {
    constexpr std::size_t some = 8 * kib;
    switch (which) {
        case part::lowest: return fill(frame, some, 1);
        case part::middle: return fill(frame + n / 2, some, 1);
        case part::highest: return fill(frame + n - some, some, 1);
        case part::all: return fill(frame, n, 1);
    }
}

template <std::size_t Bytes>
[[gnu::noinline]] void frame_of(part which) {
    char frame[Bytes];
    touch(frame, Bytes, which);
}

[[gnu::noinline]] void frame_by_alloca(std::size_t n, part which) {
    touch(static_cast<char*>(alloca(n)), n, which);
}

// Reads below a stack pointer that has not moved: a probe, as some compilers make it.
[[gnu::noinline]] void probe_below(std::size_t n) {
    const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
    static_cast<void>(*reinterpret_cast<volatile char*>(here - n));
}

// `overflow` runs on one of three threads, in the middle of steps of all of them.
template <class Overflow>
result explore_three(int on, Overflow overflow) {
    return explore({.isolate = true}, [on, overflow] {
        fibers::atomic<int> x{0};
        const auto work = [&](int self) {
            char mine[100 * kib];
            fill(mine, sizeof mine, static_cast<char>(self));
            x.fetch_add(1);
            if (self == on) overflow();
            x.fetch_add(1);
            for (const char c : mine) HEDDLE_ASSERT(c == self);
        };
        fibers::thread a([&] { work(1); }), b([&] { work(2); });
        work(0);
        a.join();
        b.join();
    });
}

// Under ThreadSanitizer a crash gets the brief report.
constexpr bool explained = !testing_support::under_thread_sanitizer;

std::string dying(const std::string& thread) {
    return "error[crash]: " + (explained ? '`' + thread + '`' : "the process of the executions");
}

void expect_overflow(const result& r, int on, const std::string& what) {
    EXPECT_EQ(r.verdict, verdict::crash) << what << ": " << r.summary;
    ASSERT_TRUE(r.failure) << what;
    EXPECT_EQ(r.failure->trace.how_it_died, trace::death::stack_overflow) << what;
    const std::string thread = on ? "thread-" + std::to_string(on) : "main";
    EXPECT_THAT(r.failure->message, StartsWith(dying(thread) + " overflows its stack (SIGSEGV)"))
        << what;
}

TEST(Stack, EndsAFrameThatIsTooLargeOnAnyThread) {
    for (const int on : {0, 1, 2}) {
        expect_overflow(explore_three(on, [] { frame_of<400 * kib>(part::lowest); }), on, "lowest");
        expect_overflow(explore_three(on, [] { frame_of<400 * kib>(part::all); }), on, "all");
    }
}

TEST(Stack, EndsAFrameOfMegabytes) {
    expect_overflow(explore_three(0, [] { frame_of<2 * mib>(part::lowest); }), 0, "lowest");
    expect_overflow(explore_three(1, [] { frame_of<2 * mib>(part::middle); }), 1, "middle");
    expect_overflow(explore_three(2, [] { frame_of<2 * mib>(part::highest); }), 2, "highest");
    expect_overflow(explore_three(1, [] { frame_of<20 * mib>(part::all); }), 1, "20 MiB");
    expect_overflow(explore_three(2, [] { frame_of<60 * mib>(part::lowest); }), 2, "60 MiB");
}

TEST(Stack, EndsAFrameByAlloca) {
    expect_overflow(explore_three(1, [] { frame_by_alloca(600 * kib, part::lowest); }), 1,
                    "lowest");
    expect_overflow(explore_three(1, [] { frame_by_alloca(3 * mib, part::middle); }), 1, "middle");
    expect_overflow(explore_three(2, [] { frame_by_alloca(50 * mib, part::all); }), 2, "all");
}

TEST(Stack, EndsAProbeBelowTheStackPointer) {
    for (const std::size_t n : {300 * kib, 2 * mib, 60 * mib})
        expect_overflow(explore_three(1, [n] { probe_below(n); }), 1, std::to_string(n));
}

TEST(Stack, HoldsAFrameThatFits) {
    for (const int on : {0, 1, 2}) {
        const result r = explore_three(on, [] {
            frame_of<64 * kib>(part::all);
            frame_by_alloca(80 * kib, part::all);
        });
        EXPECT_TRUE(r.exhausted) << r.summary;
    }
    const auto large = [] {
        fibers::thread t([] { frame_of<2 * mib>(part::all); });
        t.join();
    };
    EXPECT_EQ(explore({.stack_bytes = 3 * mib}, large).verdict, verdict::ok);
}

TEST(Stack, IsThereForEveryThread) {
    const auto body = [] {
        std::array<std::optional<fibers::thread>, 63> threads;
        for (auto& t : threads) t.emplace([] { frame_of<64 * kib>(part::all); });
        for (auto& t : threads) t->join();
    };
    EXPECT_EQ(explore({.strategy = strategies::random{}, .execution_limit = 3}, body).verdict,
              verdict::ok);
}

TEST(Stack, OverflowIsExplainedAndReplays) {
    const auto body = [] {
        fibers::atomic<int> x{0};
        fibers::thread other([&] { x.store(1); });
        if (x.load() == 1) frame_of<400 * kib>(part::lowest);
        other.join();
    };
    const result r = explore({.isolate = true}, body);
    expect_overflow(r, 0, "first");
    if (explained) {
        EXPECT_THAT(r.failure->message, HasSubstr("`main` reads 1 from `x` at step"));
        EXPECT_THAT(r.failure->message, HasSubstr("--heddle_stack_bytes"));
        ASSERT_THAT(r.failure->replay, StartsWith("h1:"));
    }
    const result again = explore({.replay = r.failure->replay, .isolate = true}, body);
    expect_overflow(again, 0, "again");
    EXPECT_EQ(again.failure->replay, r.failure->replay);
}

TEST(Stack, IsNotToBlameForOtherFaults) {
    const auto death_of = [](auto fault) {
        const result r = explore_three(1, fault);
        return r.failure ? r.failure->trace.how_it_died : trace::death::unknown;
    };
    EXPECT_EQ(death_of([] { *reinterpret_cast<volatile int*>(0xdead'beef'0000) = 1; }),
              trace::death::segmentation_fault);
    EXPECT_EQ(death_of([] { *reinterpret_cast<volatile int*>(16) = 1; }),
              trace::death::null_access);
    // ThreadSanitizer keeps a signal that is sent until its OS thread calls the system.
    if (!testing_support::under_thread_sanitizer) {
        EXPECT_EQ(death_of([] { raise(SIGSEGV); }), trace::death::segmentation_fault);
    }
}

// The guard of another thread's stack.
TEST(Stack, OfAnotherThreadIsNotOverflownByAWildPointer) {
    const result r = explore({.isolate = true}, [] {
        fibers::atomic<char*> stack{nullptr};
        fibers::thread owner([&] {
            char local = 0;
            stack.store(&local);
        });
        owner.join();
        *static_cast<volatile char*>(stack.load() - mib) = 1;
    });
    ASSERT_TRUE(r.failure);
    EXPECT_EQ(r.failure->trace.how_it_died, trace::death::segmentation_fault);
    EXPECT_THAT(r.failure->message, StartsWith(dying("main") + " accesses memory"));
}

// ---- the memory of the others, looked at in the process that dies ------------------------------

constexpr std::size_t neighbour_bytes = 100 * kib;
constexpr int neighbours = 4, intact = 3, overwritten = 4;
std::array<const char*, neighbours> neighbour_frames;

void look_at_neighbours(int) {
    for (int k = 0; k < neighbours; ++k)
        for (std::size_t n = 0; n < neighbour_bytes; ++n)
            if (neighbour_frames[static_cast<std::size_t>(k)][n] != static_cast<char>(k + 1))
                _exit(overwritten);
    _exit(intact);
}

template <std::size_t Bytes>
void overflow_beside_neighbours() {
    struct sigaction look {};
    look.sa_handler = look_at_neighbours;
    look.sa_flags = SA_ONSTACK;
    sigaction(SIGSEGV, &look, nullptr);
    options o;
    o.strategy = strategies::depth_first{};
    explore(o, [] {
        fibers::atomic<int> waiting{0};
        const auto sleep = [&](int self) {
            char mine[neighbour_bytes];
            fill(mine, sizeof mine, static_cast<char>(self + 1));
            neighbour_frames[static_cast<std::size_t>(self)] = mine;
            waiting.fetch_add(1);
            await(waiting, [](int n) { return n > neighbours; });
            fill(mine, sizeof mine, 0);
        };
        std::array<fibers::thread, neighbours> threads;
        // Stacks stand one below the other: the thread in the middle has some above and some below.
        for (int k = 0; k < neighbours / 2; ++k)
            threads[static_cast<std::size_t>(k)] = fibers::thread([&, k] { sleep(k); });
        fibers::thread overflows([&] {
            await(waiting, [](int n) { return n == neighbours; });
            frame_of<Bytes>(part::all);
        });
        for (int k = neighbours / 2; k < neighbours; ++k)
            threads[static_cast<std::size_t>(k)] = fibers::thread([&, k] { sleep(k); });
        overflows.join();
        for (auto& t : threads) t.join();
    });
}

TEST(Stack, OverflowLeavesTheOtherThreadsAlone) {
    const char* const report = "`thread-3` overflows its stack";
    EXPECT_EXIT(overflow_beside_neighbours<300 * kib>(), ExitedWithCode(intact), report);
    EXPECT_EXIT(overflow_beside_neighbours<400 * kib>(), ExitedWithCode(intact), report);
    EXPECT_EXIT(overflow_beside_neighbours<2 * mib>(), ExitedWithCode(intact), report);
    EXPECT_EXIT(overflow_beside_neighbours<30 * mib>(), ExitedWithCode(intact), report);
}

}  // namespace
}  // namespace heddle
