#include <gtest/gtest.h>

#include <heddle/litmus/parser.hpp>

namespace heddle::litmus {
namespace {

// "offset: message" of the error, or "no error".
std::string error_of(const std::string& text) {
    try {
        parse(text);
    } catch (const parse_error& e) {
        return std::to_string(e.offset()) + ": " + e.what();
    }
    return "no error";
}

std::string repeated(std::string_view text, int times) {
    std::string result;
    for (int i = 0; i < times; ++i) result += text;
    return result;
}

TEST(ParserErrors, NothingToRun) {
    EXPECT_EQ(error_of(""), "0: expected a statement, found the end of the program");
    EXPECT_EQ(error_of(" | "), "3: expected a statement, found the end of the program");
}

TEST(ParserErrors, NoStatement) {
    EXPECT_EQ(error_of("x=1; 3"), "5: expected a statement, found '3'");
    EXPECT_EQ(error_of("else { x=1 }"), "0: expected a statement, found 'else'");
    EXPECT_EQ(error_of("x=1; or"), "5: expected a statement, found 'or'");
    EXPECT_EQ(error_of("(x=1)"), "0: expected a statement, found '('");
    EXPECT_EQ(error_of("§"), "0: expected a statement, found '§'");
}

TEST(ParserErrors, EndOfAStatement) {
    EXPECT_EQ(error_of("x=1 x=2"), "4: expected ';', '|' or the end of the program, found 'x'");
    EXPECT_EQ(error_of("if r0 { x=1 x=2 }"), "12: expected ';' or '}', found 'x'");
    EXPECT_EQ(error_of("r0=x+1"), "4: expected ';', '|' or the end of the program, found '+'");
    EXPECT_EQ(error_of("k=r0<r1<r2"), "7: expected ';', '|' or the end of the program, found '<'");
    EXPECT_EQ(error_of("x=1 || x=2"),
              "4: expected ';', '|' or the end of the program, found '||' ('|' separates threads; "
              "the logical or is written 'or')");
}

TEST(ParserErrors, Blocks) {
    EXPECT_EQ(error_of("if r0 x=1"), "6: expected '{' to begin the block of 'if', found 'x'");
    EXPECT_EQ(error_of("if r0==0 || r1==0 { x=1 }"),
              "9: expected '{' to begin the block of 'if', found '||' ('|' separates threads; "
              "the logical or is written 'or')");
    EXPECT_EQ(error_of("if r0 { x=1"),
              "11: expected '}' to end the block of 'if', found the end of the program");
    EXPECT_EQ(error_of("while r0 { x=1 | x=2 }"),
              "15: expected '}' to end the block of 'while', found '|'");
    EXPECT_EQ(error_of("if r0 { } else if r1 { }"),
              "15: expected '{' to begin the block of 'else', found 'if'");
    EXPECT_EQ(error_of("x=1 }"),
              "4: expected a statement, '|' or the end of the program, found '}'");
    EXPECT_EQ(error_of("repeat r0 { }"), "7: expected how often to repeat, found 'r0'");
    EXPECT_EQ(error_of("repeat -1 { }"), "7: expected how often to repeat, found '-'");
    EXPECT_EQ(error_of("repeat 2 x=1"),
              "9: expected '{' to begin the block of 'repeat', found 'x'");
    EXPECT_EQ(error_of(repeated("if r0 { ", 101)),
              "806: expected at most 100 blocks in each other, found '{' to begin one more");
}

TEST(ParserErrors, Orders) {
    EXPECT_EQ(error_of("x.load(foo)"),
              "7: expected an order for load (na, rlx, acq or sc), found 'foo'");
    EXPECT_EQ(
        error_of("x.load(relaxed)"),
        "7: expected an order for load (na, rlx, acq or sc), found 'relaxed'; did you mean 'rlx'?");
    EXPECT_EQ(
        error_of("x.store(1,rxl)"),
        "10: expected an order for store (na, rlx, rel or sc), found 'rxl'; did you mean 'rlx'?");
    EXPECT_EQ(error_of("x.store(1,acq)"),
              "10: expected an order for store (na, rlx, rel or sc), found 'acq'");
    EXPECT_EQ(error_of("x.store(1,acqrel)"),
              "10: expected an order for store (na, rlx, rel or sc), found 'acqrel'");
    EXPECT_EQ(error_of("x.load(rel)"),
              "7: expected an order for load (na, rlx, acq or sc), found 'rel'");
    EXPECT_EQ(error_of("x.fetch_add(1,na)"),
              "14: expected an order for fetch_add (rlx, acq, rel, acqrel or sc), found 'na'");
    EXPECT_EQ(error_of("x.exchange(1,seq_cst)"),
              "13: expected an order for exchange (rlx, acq, rel, acqrel or sc), found 'seq_cst'; "
              "did you mean 'sc'?");
    EXPECT_EQ(error_of("x.cas(0,1,na,rlx)"),
              "10: expected an order for cas (rlx, acq, rel, acqrel or sc), found 'na'");
    EXPECT_EQ(error_of("x.cas(0,1,sc,rel)"),
              "13: expected an order for a failing cas (rlx, acq or sc), found 'rel'");
    EXPECT_EQ(error_of("x.wcas(0,1,sc,acqrel)"),
              "14: expected an order for a failing wcas (rlx, acq or sc), found 'acqrel'");
    EXPECT_EQ(error_of("x.await(1,rel)"),
              "10: expected an order for await (rlx, acq or sc), found 'rel'");
    EXPECT_EQ(error_of("x.await_ne(1,na)"),
              "13: expected an order for await_ne (rlx, acq or sc), found 'na'");
    EXPECT_EQ(error_of("x.await_cas(0,1,na)"),
              "16: expected an order for await_cas (rlx, acq, rel, acqrel or sc), found 'na'");
    EXPECT_EQ(error_of("fence(na)"),
              "6: expected an order for fence (rlx, acq, rel, acqrel or sc), found 'na'");
    EXPECT_EQ(error_of("x.load()"),
              "7: expected an order for load (na, rlx, acq or sc), found ')'");
}

TEST(ParserErrors, Operations) {
    EXPECT_EQ(error_of("x.laod(rlx)"),
              "2: expected an operation (load, store, fetch_add, fetch_sub, fetch_or, fetch_and, "
              "fetch_xor, exchange, "
              "cas, wcas, await, await_ne or await_cas), found 'laod'; did you mean 'load'?");
    EXPECT_EQ(error_of("x.7"),
              "2: expected an operation (load, store, fetch_add, fetch_sub, fetch_or, fetch_and, "
              "fetch_xor, exchange, "
              "cas, wcas, await, await_ne or await_cas), found '7'");
    EXPECT_EQ(error_of("x.store 1"), "8: expected '(', found '1'");
    EXPECT_EQ(error_of("x.store(1)"), "9: expected ',', found ')'");
    EXPECT_EQ(error_of("x.cas(0,1,sc)"), "12: expected ',' and the order of a failure, found ')'");
    EXPECT_EQ(error_of("x.load(rlx; y=1"), "10: expected ')' to close '(', found ';'");
    EXPECT_EQ(error_of("r0=x.store(1,rlx)"),
              "5: expected an operation that gives a value, found 'store'");
    EXPECT_EQ(error_of("x"),
              "1: expected '.' and an operation, or '=' and a value, after the location 'x', "
              "found the end of the program");
    EXPECT_EQ(error_of("x==1"),
              "1: expected '.' and an operation, or '=' and a value, after the location 'x', "
              "found '=='");
}

TEST(ParserErrors, TwoResults) {
    EXPECT_EQ(error_of("r0,ok=x.load(rlx)"),
              "8: expected cas or wcas after two registers, found 'load'");
    EXPECT_EQ(error_of("r0,ok=x"),
              "7: expected '.cas' or '.wcas' after two registers, found the end of the program");
    EXPECT_EQ(error_of("r0,ok=3"),
              "6: expected the name of a location, then '.cas' or '.wcas', found '3'");
    EXPECT_EQ(error_of("r0,ok=trylock(m)"),
              "6: expected the name of a location, then '.cas' or '.wcas', found 'trylock'");
    EXPECT_EQ(error_of("r0,x=y.cas(0,1,sc,sc)"), "3: expected a second register, found 'x'");
    EXPECT_EQ(error_of("r0,r0=y.cas(0,1,sc,sc)"),
              "3: expected another register than the first, found 'r0'");
    EXPECT_EQ(error_of("r0 x"), "3: expected '=', found 'x'");
}

TEST(ParserErrors, Expressions) {
    EXPECT_EQ(error_of("r0="),
              "3: expected a number, a register or '(', found the end of the program");
    EXPECT_EQ(error_of("r0=1+x"),
              "5: expected a number, a register or '(', found 'x' "
              "(a location has to be read into a register first)");
    EXPECT_EQ(error_of("x=y.load(rlx)"),
              "2: expected a number, a register or '(', found 'y' "
              "(a location has to be read into a register first)");
    EXPECT_EQ(error_of("x=if"), "2: expected a number, a register or '(', found 'if'");
    EXPECT_EQ(error_of("r0=(1+2"), "7: expected ')' to close '(', found the end of the program");
    EXPECT_EQ(error_of("x=3x"), "2: expected a number, found '3x'");
    EXPECT_EQ(error_of("x=9223372036854775808"),
              "2: expected a number of at most 64 bits, found '9223372036854775808'");
    EXPECT_EQ(error_of("x=" + repeated("(", 101)),
              "102: expected an expression of at most 100 levels, "
              "found '(' one level deeper");
    EXPECT_EQ(error_of("x=r0" + repeated("+1", 100)),
              "202: expected an expression of at most 100 levels, "
              "found '+' one level deeper");
}

TEST(ParserErrors, Locations) {
    EXPECT_EQ(error_of("a[1=2"), "3: expected ']' to close '[', found '='");
    EXPECT_EQ(error_of("lock(3)"), "5: expected the name of a mutex, found '3'");
    EXPECT_EQ(error_of("lock(r0)"), "5: expected the name of a mutex, found 'r0'");
    EXPECT_EQ(error_of("lock m"), "5: expected '(', found 'm'");
    EXPECT_EQ(error_of("lock(m"), "6: expected ')' to close '(', found the end of the program");
    EXPECT_EQ(error_of("trylock(m)"),
              "0: expected a register for its result, as in 'r0=trylock(m)', found 'trylock'");
    EXPECT_EQ(error_of("x=1 | lock(x)"),
              "11: expected a mutex, found 'x', which is used as data before");
    EXPECT_EQ(error_of("lock(m) | m.store(0,rel)"),
              "10: expected data, found 'm', which is used as a mutex before");
}

TEST(ParserErrors, InitialValues) {
    EXPECT_EQ(error_of("[r0=1] x=1"), "1: expected the name of a location, found 'r0'");
    EXPECT_EQ(error_of("[x 1] x=1"), "3: expected '=' and the initial value, found '1'");
    EXPECT_EQ(error_of("[x=r0] x=1"), "3: expected a number, found 'r0'");
    EXPECT_EQ(error_of("[a[i]=1] a[0]=1"), "3: expected a number, found 'i'");
    EXPECT_EQ(error_of("[x=1 y=1] x=1"), "5: expected ']' to end the initial values, found 'y'");
    EXPECT_EQ(error_of("[] x=1"), "1: expected the name of a location, found ']'");
    EXPECT_EQ(error_of("[m=1] lock(m)"),
              "1: expected no initial value for a mutex, which starts unlocked, found 'm'");
    EXPECT_EQ(error_of("[m=0] lock(m)"), "no error");
}

TEST(ParserErrors, ThreadsOfStartAndJoin) {
    EXPECT_EQ(error_of("start(2) | x=1"), "6: expected a thread from 0 to 1, found '2'");
    EXPECT_EQ(error_of("x=1 | join(99999999999)"),
              "11: expected a thread from 0 to 1, found '99999999999'");
    EXPECT_EQ(error_of("x=1 | join(1)"), "11: expected another thread than this one, found '1'");
    EXPECT_EQ(error_of("start(r0) | x=1"), "6: expected the number of a thread, found 'r0'");
}

TEST(ParserErrors, Limits) {
    EXPECT_EQ(error_of("x=1" + repeated(" | x=1", 62)),
              "372: expected at most 62 threads, found 'x' in one more");
    std::string registers;
    for (int r = 0; r < 65; ++r) registers += 'r' + std::to_string(r) + "=1;";
    EXPECT_EQ(error_of(registers),
              "374: expected at most 64 registers in a thread, found 'r64' as one more");
    EXPECT_EQ(error_of("repeat 100000000000 { x=1 }"),
              "0: expected a program of at most 100000 instructions, found 'repeat' beyond them");
}

}  // namespace
}  // namespace heddle::litmus
