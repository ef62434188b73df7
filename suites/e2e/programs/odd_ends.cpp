// Tests that end in odd ways, and around each of them one that passes.
#include <err.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <cstdio>
#include <ctime>
#include <exception>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <unistd.h>
#include <utility>

#include <heddle/gtest/heddle_test.hpp>
#include <heddle/scheduler/explore.hpp>

namespace {

using heddle::fibers;

[[maybe_unused]] const bool in_a_hurry =
    (heddle::scheduler::set_loop_patience(std::chrono::milliseconds{200}), true);

// Sees the write of another thread, and does `end` then: not in the first execution.
template <class End>
void after_a_switch(End end) {
    fibers::atomic<int> x{0};
    fibers::thread mover{[&] {
        heddle::name_thread("mover");
        if (x.load() == 1) end();
    }};
    x.store(1);
    mover.join();
}

// Its caller's frame is still there in it.
template <class Function, class... Args>
void call(Function f, Args... args) {
    f(args...);
    __asm__ volatile("");
}

// Not stopped by UndefinedBehaviorSanitizer before they happen.
__attribute__((no_sanitize("undefined"))) void follow_null_pointer() {
    volatile int* volatile nothing = nullptr;
    *nothing = 1;
}
__attribute__((no_sanitize("undefined"))) void divide_by_zero() {
    volatile int hundred = 100, zero = 0;
    zero = hundred / zero;
}

HEDDLE_TEST(OddEnds, NullPointer) { after_a_switch(follow_null_pointer); }

HEDDLE_TEST(OddEnds, WildPointer) {
    after_a_switch([] { *reinterpret_cast<volatile int*>(0xdead'beef'0000) = 1; });
}

HEDDLE_TEST(OddEnds, Division) { after_a_switch(divide_by_zero); }

HEDDLE_TEST(OddEnds, Trap) {
    after_a_switch([] { __builtin_trap(); });
}

HEDDLE_TEST(OddEnds, BeyondTheFile) {
    after_a_switch([] {
        const int empty = memfd_create("empty", 0);
        auto* const byte = static_cast<volatile char*>(
            mmap(nullptr, 1, PROT_READ | PROT_WRITE, MAP_SHARED, empty, 0));
        *byte = 1;
    });
}

HEDDLE_TEST(OddEnds, Abort) {
    after_a_switch([] { std::abort(); });
}

HEDDLE_TEST(OddEnds, Exit) {
    after_a_switch([] { std::exit(7); });
}

HEDDLE_TEST(OddEnds, QuickExit) {
    after_a_switch([] { std::quick_exit(7); });
}

HEDDLE_TEST(OddEnds, ImmediateExit) {
    after_a_switch([] { _exit(7); });
}

// No success, whatever they say.
HEDDLE_TEST(OddEnds, ExitOfSuccess) {
    after_a_switch([] { std::exit(0); });
}
HEDDLE_TEST(OddEnds, QuickExitOfSuccess) {
    after_a_switch([] { std::quick_exit(0); });
}
HEDDLE_TEST(OddEnds, ImmediateExitOfSuccess) {
    after_a_switch([] { _exit(0); });
}
HEDDLE_TEST(OddEnds, StandardExitOfSuccess) {
    after_a_switch([] { std::_Exit(0); });
}
HEDDLE_TEST(OddEnds, ExitOfTwoHundredAndFiftySix) {  // of which the system keeps eight bits
    after_a_switch([] { std::exit(256); });
}
// By the C library, which calls its own exit.
HEDDLE_TEST(OddEnds, ErrOfSuccess) {
    after_a_switch([] { errx(0, "that is all"); });
}
// A handler of the program's own that makes nothing of a crash.
HEDDLE_TEST(OddEnds, CrashThatIsHandledByExit) {
    static const bool handled = (std::signal(SIGSEGV, [](int) { _exit(0); }), true);
    static_cast<void>(handled);
    after_a_switch(follow_null_pointer);
}

HEDDLE_TEST(OddEnds, RaisesSIGTERM) {
    after_a_switch([] { call(raise, SIGTERM); });
}
HEDDLE_TEST(OddEnds, RaisesSIGINT) {
    after_a_switch([] { call(raise, SIGINT); });
}
HEDDLE_TEST(OddEnds, RaisesSIGUSR2) {
    after_a_switch([] { call(kill, getpid(), SIGUSR2); });
}
HEDDLE_TEST(OddEnds, RaisesSIGALRM) {
    after_a_switch([] { call(sigqueue, getpid(), SIGALRM, sigval{}); });
}
HEDDLE_TEST(OddEnds, RaisesSIGXCPU) {
    after_a_switch([] { call(raise, SIGXCPU); });
}
HEDDLE_TEST(OddEnds, RaisesSIGTRAP) {
    after_a_switch([] { call(raise, SIGTRAP); });
}
HEDDLE_TEST(OddEnds, Breakpoint) {
    after_a_switch([] { __asm__ volatile("int3"); });
}
HEDDLE_TEST(OddEnds, RaisesSIGPIPE) {
    after_a_switch([] {
        int ends[2];
        if (pipe(ends) != 0) return;
        close(ends[0]);
        if (write(ends[1], "", 1) > 0) std::abort();
    });
}

// Sent by a process that has seen the test begin: not by what the body does.
[[maybe_unused]] void signal_from_outside(int number) {
    static const pid_t parent = getpid();
    static const pid_t sender = fork();
    if (sender == 0) {
        usleep(200'000);
        kill(parent, number);
        _exit(0);
    }
}
HEDDLE_TEST(OddEnds, SignalFromOutside,
            {.strategy = heddle::strategies::random{}, .time_limit = std::chrono::minutes{1}}) {
    signal_from_outside(SIGINT);
    fibers::atomic<int> x{0};
    fibers::thread writer{[&] { x.store(1); }};
    writer.join();
}

int descend(volatile char* above, int depth) {
    volatile char frame[512] = {};
    frame[0] = static_cast<char>(*above + depth);
    return depth < 0 ? 0 : descend(frame, depth + 1) + frame[0];
}

HEDDLE_TEST(OddEnds, StackOverflow) {
    after_a_switch([] {
        volatile char top = 0;
        static_cast<void>(descend(&top, 0));
    });
}

HEDDLE_TEST(OddEnds, ThrowWhileUnwinding) {
    struct throws_again {
        ~throws_again() noexcept(false) { throw std::runtime_error("the second"); }
    };
    after_a_switch([] {
        const throws_again guard;
        throw std::runtime_error("the first");
    });
}

HEDDLE_TEST(OddEnds, ThrowFromNoexcept) {
    after_a_switch([]() noexcept {
        std::rethrow_exception(std::make_exception_ptr(std::runtime_error("not let out")));
    });
}

HEDDLE_TEST(OddEnds, EndlessLoop) {
    after_a_switch([] {
        for (volatile bool forever = true; forever;) {
        }
    });
}

HEDDLE_TEST(OddEnds, ThrowFromAThread) {
    after_a_switch([] { throw std::runtime_error("thrown by a thread"); });
}

HEDDLE_TEST(OddEnds, ThrowOfAnInt) {
    after_a_switch([] { throw 7; });
}

// Half of a report is run by the process that dies: here it dies of that again.
HEDDLE_TEST(OddEnds, CrashInItsReport) {
    static int executions = 0;
    if (++executions == 1) std::abort();
    raise(SIGKILL);
}

HEDDLE_TEST(OddEnds, UseAfterFree) {
    after_a_switch([] {
        volatile int* volatile freed = new volatile int{1};  // unknown to the compiler
        delete freed;
        *freed = 2;
    });
}

HEDDLE_TEST(OddEnds, Killed) {
    after_a_switch([] { raise(SIGKILL); });
}

TEST(OddEnds, BeforeItsExploration) {
    EXPECT_TRUE(heddle::explore([] {}));
    std::abort();
}

TEST(OddEnds, ExitOfAPlainTest) {
    EXPECT_TRUE(heddle::explore([] {}));
    std::exit(7);
}

HEDDLE_TEST(OddEnds, EndlessAllocation) {
    after_a_switch([] {
        for (volatile bool forever = true; forever;) delete[] new char[100];
    });
}

// Several times as long as the patience with a loop, but with steps.
HEDDLE_TEST(OddEnds, LongComputation,
            {.strategy = heddle::strategies::random{}, .execution_limit = 1}) {
    fibers::atomic<unsigned> x{0};
    const std::clock_t begin = std::clock();
    while (x.load() < 8) {
        const std::clock_t part = std::clock();
        while (std::clock() - part < CLOCKS_PER_SEC / 10) {
        }
        x.fetch_add(1);
    }
    EXPECT_GE(std::clock() - begin, CLOCKS_PER_SEC / 2);
}

HEDDLE_TEST(OddEnds, LostException) {
    after_a_switch([] {
        try {
            throw 7;
        } catch (int) {
            HEDDLE_ASSERT(!std::current_exception(), "the exception of this thread");
        }
    });
}

HEDDLE_TEST(OddEnds, Unjoined) {
    fibers::thread mover{[] {}};
}

HEDDLE_TEST(OddEnds, LeftBehind) {
    new fibers::thread{[] {}};
}

HEDDLE_TEST(OddEnds, ExpectInADestructor) {
    struct checks {
        ~checks() { EXPECT_TRUE(false) << "in a destructor"; }
    };
    after_a_switch([] { const checks at_the_end; });
}

HEDDLE_TEST(OddEnds, UnderATrace) {
    SCOPED_TRACE("left by a dropped execution");
    fibers::mutex mutex;
    mutex.lock();
    mutex.lock();
}

HEDDLE_TEST(OddEnds, Nested) {
    heddle::explore([] {});
}

HEDDLE_TEST(OddEnds, StaticMutex) {
    static fibers::mutex mutex;
    const std::lock_guard guard{mutex};
}

HEDDLE_TEST(OddEnds, InsideAStatic) {
    fibers::atomic<int> x{0};
    fibers::thread writer{[&] { x.store(1); }};
    static const int value = [&] {
        HEDDLE_ASSERT(x.load() == 0, "fails in an initialiser");
        heddle::assume(false);  // never initialised
        return 1;
    }();
    EXPECT_EQ(value, 1);
    writer.join();
}

// ---- ends that are none -------------------------------------------------------------------------

HEDDLE_TEST(OddSuccess, ExitOfAChild) {
    static bool done = false;
    if (std::exchange(done, true)) return;
    const pid_t child = fork();
    if (child == 0) _exit(0);
    int status = -1;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
}

volatile std::sig_atomic_t handled_signals = 0;

HEDDLE_TEST(OddSuccess, SignalsThatAreHandledOrIgnored) {
    static const bool handled = [] {
        std::signal(SIGTERM, [](int) { handled_signals = handled_signals + 1; });
        std::signal(SIGINT, SIG_IGN);
        return true;
    }();
    static_cast<void>(handled);
    const int before = handled_signals;
    raise(SIGTERM);
    raise(SIGINT);
    EXPECT_EQ(handled_signals, before + 1);
}

HEDDLE_TEST(OddSuccess, ExceptionsAcrossSwitches) {
    fibers::atomic<int> x{0};
    const auto nest = [&](int number) {
        try {
            throw number;
        } catch (int first) {
            x.fetch_add(1);
            EXPECT_EQ(std::uncaught_exceptions(), 0);
            try {
                throw;
            } catch (int again) {
                x.fetch_add(1);
                EXPECT_EQ(again, number);
            }
            const std::exception_ptr kept = std::current_exception();
            x.fetch_add(1);
            try {
                std::rethrow_exception(kept);
            } catch (int last) {
                EXPECT_EQ(last, first);
            }
        }
        EXPECT_FALSE(std::current_exception());
    };
    fibers::thread other{[&] { nest(1); }};
    nest(2);
    other.join();
}

HEDDLE_TEST(OddSuccess, StepsWhileUnwinding) {
    fibers::atomic<int> x{0};
    struct steps {
        fibers::atomic<int>& x;
        ~steps() {
            EXPECT_EQ(std::uncaught_exceptions(), 1);
            x.fetch_add(1);
            EXPECT_EQ(std::uncaught_exceptions(), 1);
        }
    };
    const auto unwind = [&] {
        try {
            const steps guard{x};
            throw 1;
        } catch (int) {
            x.fetch_add(1);
        }
        EXPECT_EQ(std::uncaught_exceptions(), 0);
    };
    fibers::thread other{unwind};
    unwind();
    other.join();
}

HEDDLE_TEST(OddSuccess, ThreadsOfThreads) {
    fibers::atomic<int> x{0};
    fibers::thread child{[&] {
        fibers::thread grandchild{[&] { x.fetch_add(1); }};
        x.fetch_add(1);
        grandchild.join();
    }};
    child.join();
    EXPECT_EQ(x.load(), 2);
}

HEDDLE_TEST(OddSuccess, DetachedThread) {
    const auto x = std::make_shared<fibers::atomic<int>>(0);
    fibers::thread{[x] { x->store(1); }}.detach();
    EXPECT_LE(x->load(), 1);
}

// Both threads come to the static while one of them initialises it, in the middle of steps.
HEDDLE_TEST(OddSuccess, StaticInitialisedBySteps) {
    fibers::atomic<int> x{0};
    const auto use = [&] {
        static const int value = [&] {
            x.fetch_add(1);
            x.fetch_add(1);
            return 7;
        }();
        EXPECT_EQ(value, 7);
        x.fetch_add(1);
    };
    fibers::thread other{use};
    use();
    other.join();
}

HEDDLE_TEST(OddSuccess, StaticWhoseInitialiserWaitsForAThread) {
    fibers::atomic<int> x{0};
    fibers::thread starter{[&] { x.store(1); }};
    const auto use = [&] {
        static const int value = heddle::await(x, [](int v) { return v != 0; });
        EXPECT_EQ(value, 1);
    };
    fibers::thread other{use};
    use();
    other.join();
    starter.join();
}

HEDDLE_TEST(OddSuccess, StaticWhoseInitialiserThrowsAtFirst) {
    static int tries = 0;
    fibers::atomic<int> x{0};
    const auto use = [&] {
        static const int value = [&] {
            x.fetch_add(1);
            if (++tries == 1) throw 1;
            return 7;
        }();
        return value;
    };
    int first = 0;
    try {
        first = use();
    } catch (int) {
        first = use();
    }
    EXPECT_EQ(first, 7);
}

TEST(OddSuccess, ExploresTwiceAndOnOtherThreads) {
    const auto body = [] {
        fibers::atomic<int> x{0};
        fibers::thread writer{[&] { x.store(1); }};
        HEDDLE_ASSERT(x.load() <= 1);
        writer.join();
    };
    const auto explore_twice = [&](heddle::result& r) {
        for (int k = 0; k < 2; ++k) r = heddle::explore(body);
    };
    heddle::result here, one, two;
    std::thread first{[&] { explore_twice(one); }};
    std::thread second{[&] { explore_twice(two); }};
    explore_twice(here);
    first.join();
    second.join();
    for (const heddle::result* const r : {&here, &one, &two}) {
        EXPECT_TRUE(*r);
        EXPECT_EQ(r->executions, here.executions);
    }
}

// Passes, and comes after those that end in odd ways.
HEDDLE_TEST(OddEndsDone, Clean) {
    fibers::atomic<int> x{0};
    fibers::thread writer{[&] { x.store(1); }};
    EXPECT_LE(x.load(), 1);
    writer.join();
}

HEDDLE_TEST(OddLast, ExitOfSuccess) { std::exit(0); }

}  // namespace
