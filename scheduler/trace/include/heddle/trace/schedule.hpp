// A schedule: the strategy-independent choices of one execution, printable as one line.
//
//   std::string line = to_string(s);   // "h1:c0:a9b4a:7-1:3fKx...:Q2fa"
//   schedule_error error;
//   schedule again = parse_schedule(line, error);
//   if (!error.message.empty()) ...    // says where the text is wrong and what would be right
//
// The line has six fields, joined by colons:
//
//   h1     the version of this format
//   c0     memory model (s: sc, r: rc11, c: cpp20) and the bound of spurious wakeups; then, where
//   it
//          is not 2, `e` and the bound of early timeouts: c0e5
//   a9b4a  who performs each step: `a` is the thread created first (main), `b` the second; a number
//          is how often in a row; after `z` come `A` to `Z`, and each `_` before a letter adds 52;
//          a `.` and a number at the end say how many of the last steps repeat for ever
//   7-1    choices other than the first: step-value, or step_ordinal-value; joined by dots
//   3fKx   digests, one base64url character each
//   Q2fa   a check of all the text before it: CRC-24 of RFC 4880, section 6.1, in base64url
//
// Only letters, digits and `. : - _` occur, so the line needs no quoting in a shell.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <heddle/trace/operation.hpp>

namespace heddle::trace {

// A choice other than 0 made at a step. One step makes at most three choices, in the order asked.
struct schedule_choice {
    std::uint32_t step = 0;     // index into `steps`, from 0
    std::uint32_t ordinal = 0;  // which of the choices of that step
    std::uint32_t value = 0;    // never 0
    friend bool operator==(const schedule_choice&, const schedule_choice&) = default;
};

// A schedule that does not say otherwise is one of this bound.
inline constexpr unsigned default_early_timeout_bound = 2;
inline constexpr unsigned default_unproductive_bound = 4;

// `steps` says which thread performs each step, by order of creation; `choices` are the answers
// that were not the default one: which coherent write a read takes, where a write enters the
// modification order, which waiter a notification takes, a spurious failure, a timed wait that goes
// on although it could time out, a value of `choose`.
// `digests` let a schedule of another program be refused with its first difference: one 6-bit hash
// a step (`step_digest`); a parsed schedule holds one a *stride* of steps (`digest_stride`).
struct schedule {
    char model = 'c';  // s: sc, r: rc11, c: cpp20
    unsigned spurious_bound = 0;
    unsigned early_timeout_bound = default_early_timeout_bound;
    unsigned unproductive_bound = default_unproductive_bound;
    std::vector<std::uint8_t> steps;
    std::uint32_t repeat = 0;  // how many of the last steps are done again and again; 0: none
    std::vector<schedule_choice> choices;  // ascending by step, then ordinal
    std::vector<std::uint8_t> digests;     // a step, or a stride of steps; empty: none known
    friend bool operator==(const schedule&, const schedule&) = default;
};

// The longest schedule that can be written: 1,000,000 steps.
inline constexpr std::size_t schedule_step_limit = 1'000'000;

// The line described above. `s.digests` may be one a step, one a stride, or empty.
std::string to_string(const schedule& s);

struct schedule_error {
    std::string message;  // names the text, the position and what would be right; empty: no error
};

// Parses what `to_string` printed. On failure `error.message` is set and the result is empty.
// A text with one wrong character, or cut short, is always refused.
schedule parse_schedule(std::string_view text, schedule_error& error);

// The 6-bit hash of one step: what is done, on which object (by order of construction; `none` for
// no object), with which order.
std::uint8_t step_digest(operation op, int object, order o) noexcept;

// How many steps share one digest in the line, so that it holds at most 256 of them.
std::uint32_t digest_stride(std::size_t steps) noexcept;

// Where a run departs from its schedule: in one of the steps `first` to `last`, counted from 0.
struct schedule_difference {
    std::size_t first = 0, last = 0;
    friend bool operator==(const schedule_difference&, const schedule_difference&) = default;
};

// Compares a run with its schedule as it goes: one call of `next` for each step it has done.
class digest_comparison {
public:
    // `s` is a schedule as it was recorded or parsed; it must outlive the comparison.
    explicit digest_comparison(const schedule& s) noexcept;

    // The digest of the next step. Returns the difference, once the step shows one. The steps of a
    // stride are compared when its last one is done; steps after the end of `s` are not compared.
    std::optional<schedule_difference> next(std::uint8_t digest) noexcept;

private:
    const schedule& schedule_;
    std::uint32_t stride_;  // of `schedule_.digests`
    std::size_t done_ = 0;
    std::uint32_t folded_ = 0;
};

}  // namespace heddle::trace
