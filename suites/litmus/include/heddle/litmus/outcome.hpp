// Outcomes: what an execution left in registers and memory, as one line, and the hash over a set of
// them.
//
//   0:r0=0 1:r0=1 x=1 y=1
//
// For every thread in order its registers `r..` and `ok..`, sorted by name, then the locations
// sorted by name. Mutexes are left out; of an array indexed by a register the touched elements are
// shown. Separated by one space.
#pragma once

#include <cstddef>
#include <cstdint>
#include <heddle/litmus/program.hpp>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace heddle::litmus {

// Keeps the texts and their order for one program, since outcomes are written once an execution.
// Requires: the program and the table outlive it.
class outcome_formatter {
public:
    outcome_formatter(const program& p, const location_table& table);

    // `registers` by thread; `final_values` and `touched` (0 or 1) by location number. Locations
    // past their ends are untouched and have their initial value. The text stays valid until the
    // next call. Cost: linear in its length; allocates only while it grows.
    const std::string& format(std::span<const register_file> registers,
                              std::span<const std::int64_t> final_values,
                              std::span<const std::uint8_t> touched);

private:
    struct shown_register {
        std::size_t thread, number;
        std::string prefix;  // "0:r0="
    };
    struct shown_location {
        location_index number;
        bool always;
        std::string prefix;  // "x="
    };

    void add_locations();

    const program& program_;
    const location_table& table_;
    std::vector<shown_register> registers_;
    std::vector<shown_location> locations_;  // sorted by name
    std::size_t known_locations_ = 0;        // of the table, when `locations_` was made
    std::string text_;
};

// The same for a single outcome.
std::string format_outcome(const program& p, const location_table& table,
                           std::span<const register_file> registers,
                           std::span<const std::int64_t> final_values,
                           std::span<const std::uint8_t> touched);

// FNV-1a, 64 bits, over the distinct outcomes sorted bytewise, each followed by a newline.
// Source: Fowler, Noll, Vo, Eastlake, "The FNV Non-Cryptographic Hash Algorithm", IETF
// draft-eastlake-fnv.
std::uint64_t hash_outcomes(const std::map<std::string, std::uint64_t>& outcomes) noexcept;

// Sixteen hexadecimal digits.
std::string format_hash(std::uint64_t hash);

}  // namespace heddle::litmus
