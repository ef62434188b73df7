// The alphabet and the check of the schedule line, shared by its printer and its parser.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace heddle::trace {

inline constexpr std::string_view schedule_version = "h1";
inline constexpr std::string_view schedule_models = "src";
inline constexpr std::size_t check_length = 4;
inline constexpr unsigned threads_per_underscore = 52;

// base64url, RFC 4648 section 5.
inline constexpr std::string_view base64_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// CRC-24 of RFC 4880, section 6.1: any burst of up to 24 wrong bits is found, so any one character.
constexpr std::uint32_t crc24(std::string_view text) noexcept {
    std::uint32_t crc = 0xb704ce;
    for (const char c : text) {
        crc ^= static_cast<std::uint32_t>(static_cast<unsigned char>(c)) << 16;
        for (int bit = 0; bit < 8; ++bit) {
            crc <<= 1;
            if (crc & 0x1000000) crc ^= 0x1864cfb;
        }
    }
    return crc & 0xffffff;
}

inline std::string check_of(std::string_view text) {
    const std::uint32_t crc = crc24(text);
    std::string check;
    for (int shift = 18; shift >= 0; shift -= 6) check += base64_alphabet[crc >> shift & 63];
    return check;
}

// The digests a line of `steps` steps holds.
constexpr std::size_t digest_count(std::size_t steps, std::uint32_t stride) noexcept {
    return (steps + stride - 1) / stride;
}

}  // namespace heddle::trace
