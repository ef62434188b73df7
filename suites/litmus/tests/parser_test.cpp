#include <gmock/gmock.h>

#include <heddle/litmus/parser.hpp>

#include "listing.hpp"

namespace heddle::litmus {
namespace {

using ::testing::ElementsAre;

TEST(Parser, LoadsAndStoresOfEveryOrder) {
    EXPECT_THAT(
        listing(parse("r0=x.load(na); r0=x.load(rlx); r1=x.load(acq); x.load(sc)")),
        ElementsAre("r0 = load x na", "r0 = load x rlx", "r1 = load x acq", "load x sc", "end"));
    EXPECT_THAT(listing(parse("x.store(1,na); x.store(1,rlx); x.store(2,rel); x.store(r0+1,sc)")),
                ElementsAre("store x 1 na", "store x 1 rlx", "store x 2 rel", "store x (r0 + 1) sc",
                            "end"));
}

TEST(Parser, PlainReadsAndWrites) {
    EXPECT_THAT(listing(parse("x=1; r0=x; c=r0+1; a[2]=3; r1=a[2]")),
                ElementsAre("store x 1 na", "r0 = load x na", "store c (r0 + 1) na",
                            "store a[2] 3 na", "r1 = load a[2] na", "end"));
}

TEST(Parser, ReadModifyWrites) {
    EXPECT_THAT(
        listing(parse(
            "r0=x.fetch_add(1,rlx); x.fetch_sub(2,acq); x.fetch_or(3,rel); x.fetch_and(4,acqrel);"
            "x.fetch_xor(5,sc); r1=x.exchange(6,sc)")),
        ElementsAre("r0 = add x 1 rlx", "sub x 2 acq", "or x 3 rel", "and x 4 acqrel", "xor x 5 sc",
                    "r1 = exchange x 6 sc", "end"));
}

TEST(Parser, CompareAndSwap) {
    EXPECT_THAT(
        listing(parse("x.cas(0,1,rlx,rlx); r0=x.cas(0,1,acqrel,acq); r0,ok=x.cas(r1,r1+1,sc,sc);"
                      "r0,ok1=x.wcas(0,1,rel,acq)")),
        ElementsAre("cas x 0->1 rlx rlx", "r0 = cas x 0->1 acqrel acq",
                    "r0,ok = cas x r1->(r1 + 1) sc sc", "r0,ok1 = wcas x 0->1 rel acq", "end"));
}

TEST(Parser, Awaits) {
    EXPECT_THAT(listing(parse("x.await(1,rlx); r0=x.await_ne(1,acq); r1=x.await_cas(0,2,rel)")),
                ElementsAre("await x == 1 rlx", "r0 = await x != 1 acq",
                            "r1 = await_cas x 0->2 rel", "end"));
}

TEST(Parser, FencesAndLocks) {
    EXPECT_THAT(
        listing(parse("fence(acq); fence(rel); fence(acqrel); fence(sc); fence(rlx)")),
        ElementsAre("fence acq", "fence rel", "fence acqrel", "fence sc", "fence rlx", "end"));
    EXPECT_THAT(listing(parse("lock(m); unlock(m); r0=trylock(m[1])")),
                ElementsAre("lock m", "unlock m", "r0 = trylock m[1]", "end"));
}

TEST(Parser, StartJoinAssumeExit) {
    const program p = parse("start(1); join(2); assume(r0==1); exit; x=1 | x=2 | x=3");
    EXPECT_THAT(listing(p),
                ElementsAre("start 1", "join 2", "assume (r0 == 1)", "end", "store x 1 na", "end"));
    EXPECT_TRUE(p.has_assume);
    EXPECT_FALSE(p.threads[0].late);
    EXPECT_TRUE(p.threads[1].late);
    EXPECT_FALSE(p.threads[2].late);
}

TEST(Parser, ConditionalsBecomeJumps) {
    EXPECT_THAT(listing(parse("if r0==1 { x=1 } x=2")),
                ElementsAre("unless (r0 == 1) go 2", "store x 1 na", "store x 2 na", "end"));
    EXPECT_THAT(listing(parse("if r0 { x=1; } else { x=2 } ; x=3")),
                ElementsAre("unless r0 go 3", "store x 1 na", "go 4", "store x 2 na",
                            "store x 3 na", "end"));
    EXPECT_THAT(
        listing(parse("if r0 { if r1 { x=1 } else { exit } }")),
        ElementsAre("unless r0 go 5", "unless r1 go 4", "store x 1 na", "go 5", "end", "end"));
}

TEST(Parser, LoopsJumpBack) {
    EXPECT_THAT(
        listing(parse("while t!=0 { t=x } x=1")),
        ElementsAre("unless (t != 0) go 3", "t = load x na", "go 0", "store x 1 na", "end"));
}

TEST(Parser, RepeatUnrollsAndShiftsTheJumpsInside) {
    EXPECT_THAT(listing(parse("repeat 2 { if r0 { x=1 } y=1 }")),
                ElementsAre("unless r0 go 2", "store x 1 na", "store y 1 na", "unless r0 go 5",
                            "store x 1 na", "store y 1 na", "end"));
    EXPECT_THAT(listing(parse("repeat 2 { repeat 2 { start(1) } } | exit")),
                ElementsAre("start 1", "start 1", "start 1", "start 1", "end"));
    EXPECT_THAT(listing(parse("repeat 0 { x=1 } y=1")), ElementsAre("store y 1 na", "end"));
    EXPECT_THAT(listing(parse("repeat 1000000000000 { }")), ElementsAre("end"));
}

TEST(Parser, ExpressionsFollowThePrecedenceOfC) {
    const auto shown = [](const std::string& e) { return listing(parse("k=" + e)).front(); };
    EXPECT_EQ(shown("r0+r1*r2"), "k = (r0 + (r1 * r2))");
    EXPECT_EQ(shown("r0-r1-r2"), "k = ((r0 - r1) - r2)");
    EXPECT_EQ(shown("(r0+r1)*r2/r3%r4"), "k = ((((r0 + r1) * r2) / r3) % r4)");
    EXPECT_EQ(shown("r0==0 or r1==1 && r2!=3"), "k = ((r0 == 0) or ((r1 == 1) && (r2 != 3)))");
    EXPECT_EQ(shown("r0<r1+1"), "k = (r0 < (r1 + 1))");
    EXPECT_EQ(shown("r0<=1"), "k = (r0 <= 1)");
    EXPECT_EQ(shown("r0>=1"), "k = (r0 >= 1)");
    EXPECT_EQ(shown("r0>1"), "k = (r0 > 1)");
    EXPECT_EQ(shown("!r0==1"), "k = (!r0 == 1)");
    EXPECT_EQ(shown("-r0*2"), "k = (-r0 * 2)");
    EXPECT_EQ(shown("r0-1"), "k = (r0 - 1)");
    EXPECT_EQ(shown("r0 - -1"), "k = (r0 - -1)");
}

TEST(Parser, ComputesWhatNeedsNoRegister) {
    const auto shown = [](const std::string& e) { return listing(parse("k=" + e)).front(); };
    EXPECT_EQ(shown("2+3*4"), "k = 14");
    EXPECT_EQ(shown("7/0"), "k = 0");
    EXPECT_EQ(shown("7%0"), "k = 0");
    EXPECT_EQ(shown("!(1==2) && 3"), "k = 1");
    EXPECT_EQ(shown("-9223372036854775808"), "k = -9223372036854775808");
    EXPECT_EQ(shown("9223372036854775807+1"), "k = -9223372036854775808");
}

TEST(Parser, NumbersLocationsWithConstantIndex) {
    const program p = parse("y=1; x=1; a[1+1]=1; a[2]=2; a[-1]=3 | x=2; a[0]=1");
    std::vector<std::string> names;
    for (const location& l : p.locations) names.push_back(l.name);
    EXPECT_THAT(names, ElementsAre("y", "x", "a[2]", "a[-1]", "a[0]"));
    EXPECT_FALSE(p.bases[2].dynamic);
}

TEST(Parser, LeavesIndexesOfRegistersToTheExecution) {
    const program p = parse("r0=a[i+1].load(acq); a[0].store(1,rlx)");
    EXPECT_THAT(listing(p), ElementsAre("r0 = load a[(i + 1)] acq", "store a[0] 1 rlx", "end"));
    EXPECT_EQ(p.threads[0].code[0].location, none);
    EXPECT_TRUE(p.bases[0].dynamic);
    ASSERT_EQ(p.locations.size(), 1U);
    EXPECT_FALSE(p.always_shown(p.locations[0]));
}

TEST(Parser, InitialValues) {
    const program p =
        parse("[x=2, nx[1]=-3, a=7] x.load(rlx); nx[0].load(rlx); nx[1].load(rlx); a[5].load(rlx)");
    EXPECT_EQ(p.locations[0].initial, 2);
    EXPECT_EQ(p.locations[1].initial, 0);
    EXPECT_EQ(p.locations[2].initial, -3);
    EXPECT_EQ(p.locations[3].initial, 7);
}

TEST(Parser, KnowsHowALocationIsUsed) {
    const program p =
        parse("[u=1] lock(m); p=1; a.store(1,sc); b=1 | b.store(1,rlx); r0=a.load(na)");
    std::vector<std::pair<std::string, location_use>> uses;
    for (const location_base& b : p.bases) uses.emplace_back(b.name, b.use);
    EXPECT_THAT(
        uses, ElementsAre(std::pair("u", location_use::unused), std::pair("m", location_use::mutex),
                          std::pair("p", location_use::plain), std::pair("a", location_use::mixed),
                          std::pair("b", location_use::mixed)));
    EXPECT_TRUE(p.has_plain);
    EXPECT_TRUE(p.is_mutex(p.locations[0]));
    EXPECT_EQ(parse("x.store(1,sc)").bases[0].use, location_use::atomic);
    EXPECT_FALSE(parse("x.store(1,sc)").has_plain);
}

TEST(Parser, TellsRegistersFromLocations) {
    const program p =
        parse("r0=1; ok=1; ok12=1; i=1; j1=1; k=1; t22=1; r=1; okay=1; ii=1; r1x=1; okk=1");
    EXPECT_THAT(p.threads[0].registers, ElementsAre("r0", "ok", "ok12", "i", "j1", "k", "t22"));
    EXPECT_EQ(p.locations.size(), 5U);
}

TEST(Parser, RegistersBelongToTheirThread) {
    const program p = parse("r1=1; r0=r2 | r0=1");
    EXPECT_THAT(p.threads[0].registers, ElementsAre("r1", "r0", "r2"));
    EXPECT_THAT(p.threads[1].registers, ElementsAre("r0"));
}

TEST(Parser, SemicolonsMayBeDoubledOrEndAThread) {
    EXPECT_THAT(listing(parse(" ; x=1 ;; x=2 ; | ")),
                ElementsAre("store x 1 na", "store x 2 na", "end"));
    EXPECT_THAT(listing(parse("x=1 | ; "), 1), ElementsAre("end"));
}

TEST(Parser, TakesSixtyTwoThreads) {
    std::string text = "x=1";
    for (int t = 1; t < 62; ++t) text += " | x=1";
    EXPECT_EQ(parse(text).threads.size(), 62U);
}

TEST(Parser, LineEndsAreSpaces) {
    EXPECT_THAT(listing(parse("x=1;\r\n\tx=2\n")),
                ElementsAre("store x 1 na", "store x 2 na", "end"));
}

}  // namespace
}  // namespace heddle::litmus
