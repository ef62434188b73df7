#include <random>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <heddle/trace/schedule.hpp>

namespace heddle::trace {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

schedule small_schedule() {
    schedule s;
    s.model = 'c';
    s.steps = {0, 0, 0, 1, 1, 0, 2};
    s.choices = {{3, 0, 1}, {5, 2, 12}};
    s.digests = {1, 2, 3, 62, 63, 0, 26};
    return s;
}

// A pseudo-random schedule; the same for the same seed everywhere.
schedule drawn_schedule(unsigned seed, std::size_t steps, unsigned threads) {
    std::minstd_rand draw(seed);
    schedule s;
    s.model = "src"[draw() % 3];
    s.spurious_bound = static_cast<unsigned>(draw() % 3);
    s.early_timeout_bound = static_cast<unsigned>(draw() % 4);
    s.repeat =
        steps > 2 && draw() % 4 == 0 ? static_cast<std::uint32_t>(draw() % (steps - 1) + 1) : 0;
    for (std::size_t i = 0; i < steps; ++i) {
        const bool goes_on = i > 0 && draw() % 3 != 0;
        s.steps.push_back(goes_on ? s.steps.back() : static_cast<std::uint8_t>(draw() % threads));
        s.digests.push_back(static_cast<std::uint8_t>(draw() % 64));
        if (draw() % 5 == 0)
            s.choices.push_back({static_cast<std::uint32_t>(i),
                                 static_cast<std::uint32_t>(draw() % 3),
                                 static_cast<std::uint32_t>(draw() % 9 + 1)});
    }
    return s;
}

std::string error_of(const std::string& text) {
    schedule_error error;
    const schedule s = parse_schedule(text, error);
    if (!error.message.empty()) {
        EXPECT_EQ(s, schedule{}) << text;
    }
    return error.message;
}

TEST(Schedule, PrintsRunsChoicesDigestsAndACheck) {
    const std::string text = to_string(small_schedule());
    EXPECT_EQ(text.substr(0, text.rfind(':')), "h1:c0:a3b2ac:3-1.5_2-12:BCD-_Aa");
    EXPECT_THAT(text, MatchesRegex("[-A-Za-z0-9.:_]+"));
}

TEST(Schedule, ComesBackFromItsText) {
    for (unsigned seed = 1; seed <= 50; ++seed) {
        const schedule s = drawn_schedule(seed, seed * 5, seed % 7 + 1);
        schedule_error error;
        EXPECT_EQ(parse_schedule(to_string(s), error), s) << seed;
        EXPECT_EQ(error.message, "");
    }
}

TEST(Schedule, SaysHowManyOfItsStepsRepeat) {
    schedule s = small_schedule();
    s.repeat = 3;
    EXPECT_THAT(to_string(s), ::testing::StartsWith("h1:c0:a3b2ac.3:3-1.5_2-12:BCD-_Aa:"));
}

TEST(Schedule, WithoutStepsComesBack) {
    schedule_error error;
    const schedule none;
    EXPECT_EQ(parse_schedule(to_string(none), error), none);
    EXPECT_EQ(error.message, "");
}

TEST(Schedule, KnowsThreadsBeyondTheAlphabet) {
    schedule s;
    for (const unsigned t : {0U, 25U, 26U, 51U, 52U, 63U, 103U, 104U, 207U, 208U, 255U})
        s.steps.push_back(static_cast<std::uint8_t>(t));
    EXPECT_THAT(to_string(s), HasSubstr(":azAZ_a_l_Z__a___Z____a____V:"));
    schedule_error error;
    EXPECT_EQ(parse_schedule(to_string(s), error), s);
}

TEST(Schedule, OfManyStepsHoldsOneDigestAStride) {
    const schedule s = drawn_schedule(3, 20'000, 3);
    EXPECT_EQ(digest_stride(256), 1U);
    EXPECT_EQ(digest_stride(257), 2U);
    EXPECT_EQ(digest_stride(20'000), 79U);
    schedule_error error;
    const schedule again = parse_schedule(to_string(s), error);
    EXPECT_EQ(error.message, "");
    EXPECT_EQ(again.steps, s.steps);
    EXPECT_EQ(again.choices, s.choices);
    EXPECT_EQ(again.digests.size(), 254U);
    EXPECT_EQ(to_string(again), to_string(s));
}

TEST(Schedule, IsRefusedWhenCutShort) {
    for (const std::size_t steps : {0UL, 1UL, 40UL, 300UL}) {
        const std::string text = to_string(drawn_schedule(7, steps, 4));
        for (std::size_t length = 0; length < text.size(); ++length)
            EXPECT_THAT(error_of(text.substr(0, length)), HasSubstr(" is wrong at position "));
    }
}

TEST(Schedule, IsRefusedWhenOneCharacterDiffers) {
    const std::string text = to_string(drawn_schedule(11, 60, 4));
    const std::string others = "abyzABYZ0189.:-_ !\n\x01\xff";
    for (std::size_t i = 0; i < text.size(); ++i) {
        for (const char c : others) {
            if (c == text[i]) continue;
            std::string wrong = text;
            wrong[i] = c;
            const std::string message = error_of(wrong);
            EXPECT_THAT(message, HasSubstr(" is wrong at position ")) << wrong;
            EXPECT_THAT(message, HasSubstr("expected ")) << wrong;
        }
    }
}

TEST(Schedule, IsRefusedWhenOneCharacterIsLostOrTwice) {
    const std::string text = to_string(drawn_schedule(13, 60, 4));
    for (std::size_t i = 0; i < text.size(); ++i) {
        std::string lost = text, twice = text;
        lost.erase(i, 1);
        twice.insert(i, 1, text[i]);
        EXPECT_NE(error_of(lost), "") << lost;
        EXPECT_NE(error_of(twice), "") << twice;
    }
}

TEST(Schedule, SurvivesAnyText) {
    std::minstd_rand draw(17);
    const std::string likely = "h1c0:abz_-.9AZ";
    for (int k = 0; k < 20'000; ++k) {
        std::string text = k % 2 == 0 ? "h1:c0:" : "";
        const std::size_t length = draw() % 40;
        for (std::size_t i = 0; i < length; ++i)
            text += draw() % 8 == 0 ? static_cast<char>(draw()) : likely[draw() % likely.size()];
        EXPECT_NE(error_of(text), "");
    }
}

struct refusal {
    const char* text;
    const char* message;
};

TEST(Schedule, ErrorsSayWhereAndWhatWouldBeRight) {
    const refusal refusals[] = {
        {"",
         "schedule `` is wrong at position 1: the text is empty; expected `h1:` and what follows "
         "it"},
        {"h2:c0:a",
         "position 1: version `h2` is not known; expected `h1`, the version this program reads"},
        {"h1", "position 3: the text ends; expected `:` after the version"},
        {"h1:x0:", "position 4: found `x`; expected a memory model: s (sc), r (rc11) or c (cpp20)"},
        {"h1:c:", "position 5: found `:`; expected the bound of spurious wakeups (a number)"},
        {"h1:c00:", "position 5: the bound of spurious wakeups has leading zeros; expected 0"},
        {"h1:c0e:", "position 7: found `:`; expected the bound of early timeouts (a number)"},
        {"h1:c0e2:", "position 6: `e2`; expected nothing, since 2 is the bound where none is said"},
        {"h1:c0:3",
         "position 7: found `3`; expected a letter (the thread that runs), or `:` before the "
         "choices"},
        {"h1:c0:a3a2", "position 9: the same thread as before; expected one number for both runs"},
        {"h1:c0:a1", "position 8: a run of 1; expected 2 or more, or no number for 1"},
        {"h1:c0:a4000000000", "position 8: the number of steps is greater than 1000000"},
        {"h1:c0:a1000000b1000000", "position 15: more than 1,000,000 steps"},
        {"h1:c0:______a", "a thread above 255"},
        {"h1:c0:a3.:", "position 10: found `:`; expected the number of steps that repeat"},
        {"h1:c0:a3.0:",
         "position 10: 0 steps that repeat; expected at least 1, and fewer than the 3"},
        {"h1:c0:a3.3:",
         "position 10: 3 steps that repeat; expected at least 1, and fewer than the 3"},
        {"h1:c0:a3.2b:", "position 11: found `b`; expected `:` before the choices"},
        {"h1:c0:a3:9-1", "position 10: a choice at step 9; expected a step below 3"},
        {"h1:c0:a3:1-0", "position 12: value 0 is not written; expected 1 or more"},
        {"h1:c0:a3:2-1.1-1", "position 14: a choice out of order; expected one after step 2"},
        {"h1:c0:a3:1-1x", "position 13: found `x`; expected `.` before the next choice"},
        {"h1:c0:a3::AB:", "position 11: 2 digests; expected 3 for 3 steps"},
        {"h1:c0:a3::ABC:", "position 15: the text ends; expected the check, 4 characters"},
        {"h1:c0:a3::ABC:AAAA", "position 15: the check is `AAAA`, but the text before it needs `"},
        {"h1:c0:a3 ", "position 9: found a blank that schedules do not use"},
    };
    for (const refusal& r : refusals) EXPECT_THAT(error_of(r.text), HasSubstr(r.message)) << r.text;
}

TEST(Schedule, ErrorsQuoteLongTextsInPart) {
    const std::string message = error_of("h1:c0:" + std::string(500, 'a'));
    EXPECT_LT(message.size(), 200U);
    EXPECT_THAT(message, HasSubstr("aaa...`"));
}

TEST(Schedule, DigestsTellOperationsObjectsAndOrdersApart) {
    const std::uint8_t one = step_digest(operation::load, 1, order::acquire);
    EXPECT_LT(one, 64);
    EXPECT_EQ(one, step_digest(operation::load, 1, order::acquire));
    int different = 0;
    for (int op = 0; op < 37; ++op)
        for (int object = -1; object < 10; ++object)
            different += step_digest(static_cast<operation>(op), object, order::relaxed) != one;
    EXPECT_GT(different, 37 * 11 * 9 / 10);
}

std::optional<schedule_difference> compared(const schedule& s,
                                            const std::vector<std::uint8_t>& run) {
    digest_comparison comparison(s);
    for (const std::uint8_t digest : run)
        if (const auto difference = comparison.next(digest)) return difference;
    return std::nullopt;
}

TEST(Schedule, ARunOfTheSameProgramShowsNoDifference) {
    for (const std::size_t steps : {0UL, 5UL, 256UL, 257UL, 3'000UL}) {
        const schedule s = drawn_schedule(5, steps, 3);
        schedule_error error;
        const schedule parsed = parse_schedule(to_string(s), error);
        std::vector<std::uint8_t> run = s.digests;
        EXPECT_FALSE(compared(parsed, run).has_value()) << steps;
        run.push_back(9);  // steps after the end of the schedule are not its business
        EXPECT_FALSE(compared(parsed, run).has_value()) << steps;
        EXPECT_FALSE(compared(s, run).has_value()) << steps;
    }
}

TEST(Schedule, TheFirstDifferentStepIsNamed) {
    const schedule s = drawn_schedule(5, 100, 3);
    std::vector<std::uint8_t> run = s.digests;
    run[41] = static_cast<std::uint8_t>((run[41] + 1) % 64);
    EXPECT_EQ(compared(s, run), (schedule_difference{41, 41}));
}

TEST(Schedule, ADifferenceInALongRunIsNamedByItsStride) {
    const schedule s = drawn_schedule(5, 1'000, 3);
    schedule_error error;
    const schedule parsed = parse_schedule(to_string(s), error);
    std::vector<std::uint8_t> run = s.digests;
    run[41] = static_cast<std::uint8_t>((run[41] + 1) % 64);
    EXPECT_EQ(compared(parsed, run), (schedule_difference{40, 43}));
}

TEST(Schedule, WithoutDigestsComparesNothing) {
    schedule s = drawn_schedule(5, 10, 3);
    s.digests.clear();
    EXPECT_FALSE(compared(s, std::vector<std::uint8_t>(10, 1)).has_value());
}

}  // namespace
}  // namespace heddle::trace
