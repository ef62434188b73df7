#include <gmock/gmock.h>

#include <heddle/litmus/interpreter.hpp>
#include <heddle/litmus/outcome.hpp>
#include <heddle/litmus/parser.hpp>

#include "sequential_machine.hpp"

namespace heddle::litmus {
namespace {

using ::testing::ElementsAre;

// Runs the threads one after the other.
struct sequential_run {
    explicit sequential_run(const std::string& text, bool weak_failure = false)
        : code(parse(text)), memory(code), registers(code.threads.size()) {
        memory.next_wcas_fails = weak_failure;
        for (std::size_t t = 0; t < code.threads.size(); ++t)
            run_thread(code, t, registers[t], memory);
    }
    std::string outcome() const {
        return format_outcome(code, memory.table, registers, memory.memory, memory.touched);
    }

    program code;
    sequential_machine memory;
    std::vector<register_file> registers;
};

std::string outcome_of(const std::string& text) { return sequential_run(text).outcome(); }

TEST(Interpreter, PassesOrdersAndLocations) {
    const sequential_run run(
        "x.store(1,rel); r0=y.load(acq); x=2; r0=x; x.load(na); x.store(0,na); "
        "x.fetch_add(1,acqrel);"
        "x.cas(1,2,sc,acq); x.wcas(2,3,rlx,sc); x.await(3,acq); x.await_ne(0,sc); "
        "x.await_cas(3,4,rel);"
        "fence(sc); lock(m); unlock(m); r1=trylock(n); start(1); join(1) | exit");
    EXPECT_THAT(
        run.memory.calls,
        ElementsAre("store x rel", "load y acq", "plain_store x na", "plain_load x na",
                    "plain_load x na", "plain_store x na", "rmw x acqrel", "cas/acq x sc",
                    "wcas/sc x rlx", "await x acq", "await_ne x sc", "await_cas x rel", "fence sc",
                    "lock m acq", "unlock m rel", "lock n acq", "start 1", "join 1"));
    EXPECT_EQ(run.outcome(), "0:r0=2 0:r1=1 x=4 y=0");
}

TEST(Interpreter, ReadModifyWritesGiveTheValueBefore) {
    EXPECT_EQ(outcome_of("r0=x.fetch_add(5,rlx); r1=x.fetch_sub(2,rlx); r2=x.exchange(6,rlx); "
                         "r3=x.fetch_and(3,rlx);"
                         "r4=x.fetch_or(4,rlx); r5=x.fetch_xor(1,rlx)"),
              "0:r0=0 0:r1=5 0:r2=3 0:r3=6 0:r4=2 0:r5=6 x=7");
}

TEST(Interpreter, CompareAndSwapGivesValueAndSuccess) {
    EXPECT_EQ(
        outcome_of(
            "r0,ok=x.cas(0,1,rlx,rlx); r1,ok1=x.cas(0,2,rlx,rlx); r2,ok2=x.wcas(1,3,rlx,rlx)"),
        "0:ok=1 0:ok1=0 0:ok2=1 0:r0=0 0:r1=1 0:r2=1 x=3");
    EXPECT_EQ(sequential_run("r0,ok=x.wcas(0,1,rlx,rlx); x.wcas(0,2,rlx,rlx)", true).outcome(),
              "0:ok=0 0:r0=0 x=0");
}

TEST(Interpreter, Awaits) {
    EXPECT_EQ(
        outcome_of(
            "x.store(1,rlx) | r0=x.await(1,rlx); r1=x.await_ne(0,rlx); r2=x.await_cas(1,5,rlx)"),
        "1:r0=1 1:r1=1 1:r2=1 x=5");
    EXPECT_THROW(sequential_run("x.await(1,rlx)"), std::logic_error);
}

TEST(Interpreter, Locks) {
    EXPECT_EQ(
        outcome_of("lock(m); c=1; unlock(m) | r0=trylock(m); r1=trylock(m); unlock(m); lock(m)"),
        "1:r0=1 1:r1=0 c=1");
    EXPECT_THROW(sequential_run("lock(m); lock(m)"), std::logic_error);
}

TEST(Interpreter, FollowsBothBranches) {
    EXPECT_EQ(outcome_of("if r0==0 { r1=1 } else { r1=2 } if r1!=1 { r2=1 } else { r2=2 }"),
              "0:r0=0 0:r1=1 0:r2=2");
    EXPECT_EQ(outcome_of("if 0 { r0=1 } r1=1"), "0:r0=0 0:r1=1");
}

TEST(Interpreter, LoopsAndRepeats) {
    EXPECT_EQ(outcome_of("i=5; while i { r0=r0+i; i=i-1 }"), "0:r0=15");
    EXPECT_EQ(outcome_of("r0=1; repeat 3 { repeat 2 { if r0<20 { r0=r0*2 } } }"), "0:r0=32");
}

TEST(Interpreter, ExitEndsTheThreadOnly) {
    EXPECT_EQ(outcome_of("r0=1; repeat 3 { r0=r0+1; if r0==3 { exit } } r0=9 | r0=4"),
              "0:r0=3 1:r0=4");
}

TEST(Interpreter, AssumeEndsTheExecution) {
    const sequential_run run("assume(r0==0); r1=1; assume(r0==1); r1=2");
    EXPECT_TRUE(run.memory.assumption_failed);
    EXPECT_EQ(run.outcome(), "0:r0=0 0:r1=1");
    EXPECT_FALSE(sequential_run("assume(1)").memory.assumption_failed);
}

TEST(Interpreter, IndexesByRegistersGrowTheTable) {
    const sequential_run run("i=2; a[i].store(7,rlx); r0=a[i-1]; b[0]=1; b[1]=2");
    EXPECT_TRUE(run.memory.table.grew());
    EXPECT_EQ(run.outcome(), "0:r0=0 a[1]=0 a[2]=7 b[0]=1 b[1]=2");
}

TEST(Interpreter, IndexesByRegistersMeetTheNamedElements) {
    const sequential_run run("a[1]=5; i=1; r0=a[i]; if 0 { a[2]=1 }");
    EXPECT_FALSE(run.memory.table.grew());
    EXPECT_EQ(run.outcome(), "0:r0=5 a[1]=5");
}

TEST(Interpreter, NoticesALoopThatNeverOperates) {
    EXPECT_TRUE(sequential_run("while 1 { i=i+1 }").memory.loops);
    EXPECT_FALSE(sequential_run("i=900000; while i { i=i-1 } x=1; i=900000; while i { i=i-1 }")
                     .memory.loops);
}

}  // namespace
}  // namespace heddle::litmus
