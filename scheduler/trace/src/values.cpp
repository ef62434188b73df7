#include <array>
#include <charconv>
#include <cstring>

#include <heddle/trace/render.hpp>

namespace heddle::trace {
namespace {

constexpr std::uint64_t mask_of(unsigned bytes) noexcept {
    return bytes >= 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << bytes * 8) - 1;
}

std::string hexadecimal(std::uint64_t bits) {
    std::array<char, 16> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), bits, 16).ptr;
    return "0x" + std::string(digits.data(), end);
}

template <class Float>
std::string floating(Float value) {
    std::array<char, 64> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    std::string text(digits.data(), end);
    if (text.find_first_not_of("-0123456789") == text.npos) text += ".0";
    return text;
}

std::int64_t sign_extended(std::uint64_t bits, unsigned bytes) noexcept {
    if (bytes >= 8) return static_cast<std::int64_t>(bits);
    const std::uint64_t sign = std::uint64_t{1} << (bytes * 8 - 1);
    return static_cast<std::int64_t>((bits ^ sign) - sign);
}

}  // namespace

std::string show_value(const object_record& object, std::uint64_t bits) {
    const unsigned bytes = object.bytes == 0 ? 8 : object.bytes;
    if (bytes > 8) return '(' + std::to_string(bytes) + " bytes)";
    bits &= mask_of(bytes);
    switch (object.format) {
        case value_format::unsigned_integer: return std::to_string(bits);
        case value_format::signed_integer: return std::to_string(sign_extended(bits, bytes));
        case value_format::boolean: return bits != 0 ? "true" : "false";
        case value_format::pointer: return bits == 0 ? "nullptr" : hexadecimal(bits);
        case value_format::bits: return hexadecimal(bits);
        case value_format::floating: break;
    }
    if (bytes == 4) {
        const auto low = static_cast<std::uint32_t>(bits);
        float value = 0;
        std::memcpy(&value, &low, sizeof value);
        return floating(value);
    }
    if (bytes != 8) return hexadecimal(bits);
    double value = 0;
    std::memcpy(&value, &bits, sizeof value);
    return floating(value);
}

}  // namespace heddle::trace
