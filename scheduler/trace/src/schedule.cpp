#include <algorithm>
#include <cassert>

#include <heddle/trace/schedule.hpp>

#include "schedule_text.hpp"

namespace heddle::trace {
namespace {

constexpr std::size_t digests_in_line = 256;

// The digests of a stride are folded into one; a stride of one step keeps its digest.
std::uint32_t fold(std::uint32_t folded, std::uint8_t digest) noexcept {
    return (folded ^ (digest & 63U)) * 0x9e3779b1U;
}

std::uint8_t folded_digest(std::uint32_t folded) noexcept {
    return static_cast<std::uint8_t>(folded >> 26);
}

std::uint8_t digest_of(const std::vector<std::uint8_t>& digests, std::size_t begin,
                       std::size_t end) noexcept {
    if (end - begin == 1) return digests[begin] & 63;
    std::uint32_t folded = 0;
    for (std::size_t i = begin; i < end; ++i) folded = fold(folded, digests[i]);
    return folded_digest(folded);
}

std::string thread_letter(unsigned thread) {
    std::string text(thread / threads_per_underscore, '_');
    const unsigned k = thread % threads_per_underscore;
    text += static_cast<char>(k < 26 ? 'a' + k : 'A' + (k - 26));
    return text;
}

std::string print_steps(const std::vector<std::uint8_t>& steps) {
    std::string text;
    for (std::size_t i = 0; i < steps.size();) {
        std::size_t end = i + 1;
        while (end < steps.size() && steps[end] == steps[i]) ++end;
        text += thread_letter(steps[i]);
        if (end - i > 1) text += std::to_string(end - i);
        i = end;
    }
    return text;
}

std::string print_choices(const std::vector<schedule_choice>& choices) {
    std::string text;
    for (const schedule_choice& c : choices) {
        if (!text.empty()) text += '.';
        text += std::to_string(c.step);
        if (c.ordinal != 0) text += '_' + std::to_string(c.ordinal);
        text += '-' + std::to_string(c.value);
    }
    return text;
}

std::string print_digests(const schedule& s) {
    const std::uint32_t stride = digest_stride(s.steps.size());
    const std::size_t count = digest_count(s.steps.size(), stride);
    const bool one_a_step = s.digests.size() == s.steps.size();
    assert(s.digests.empty() || one_a_step || s.digests.size() == count);
    std::string text;
    if (!one_a_step && s.digests.size() != count) return text;
    for (std::size_t k = 0; k < count; ++k) {
        const std::size_t begin = k * stride;
        const std::size_t end = std::min<std::size_t>(begin + stride, s.steps.size());
        text += base64_alphabet[one_a_step ? digest_of(s.digests, begin, end) : s.digests[k] & 63];
    }
    return text;
}

}  // namespace

std::string to_string(const schedule& s) {
    std::string text{schedule_version};
    text += ':';
    text += s.model;
    text += std::to_string(s.spurious_bound);
    if (s.early_timeout_bound != default_early_timeout_bound)
        text += 'e' + std::to_string(s.early_timeout_bound);
    if (s.unproductive_bound != default_unproductive_bound)
        text += 'u' + std::to_string(s.unproductive_bound);
    text += ':' + print_steps(s.steps);
    if (s.repeat) text += '.' + std::to_string(s.repeat);
    text += ':' + print_choices(s.choices);
    text += ':' + print_digests(s);
    return text + ':' + check_of(text);
}

std::uint8_t step_digest(operation op, int object, order o) noexcept {
    std::uint32_t hash = static_cast<std::uint32_t>(op) + 1;
    hash = hash * 0x85ebca6bU ^ static_cast<std::uint32_t>(object + 1);
    hash = hash * 0xc2b2ae35U ^ static_cast<std::uint32_t>(o);
    return static_cast<std::uint8_t>((hash * 0x9e3779b1U) >> 26);
}

std::uint32_t digest_stride(std::size_t steps) noexcept {
    return static_cast<std::uint32_t>(
        std::max<std::size_t>(1, (steps + digests_in_line - 1) / digests_in_line));
}

digest_comparison::digest_comparison(const schedule& s) noexcept
    : schedule_(s),
      stride_(s.digests.size() == s.steps.size() ? 1 : digest_stride(s.steps.size())) {}

std::optional<schedule_difference> digest_comparison::next(std::uint8_t digest) noexcept {
    const std::size_t step = done_++;
    const std::size_t stride = step / stride_;
    if (step >= schedule_.steps.size() || stride >= schedule_.digests.size()) return std::nullopt;
    const std::size_t begin = stride * stride_;
    const std::size_t last = std::min<std::size_t>(begin + stride_, schedule_.steps.size()) - 1;
    folded_ = fold(step == begin ? 0 : folded_, digest);
    if (step != last) return std::nullopt;
    const unsigned found = begin == last ? digest & 63U : folded_digest(folded_);
    if (found == (schedule_.digests[stride] & 63U)) return std::nullopt;
    return schedule_difference{begin, last};
}

}  // namespace heddle::trace
