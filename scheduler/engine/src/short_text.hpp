// Text built without allocation: for signal handlers, where the heap may be in any state.
#pragma once

#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace heddle::scheduler {

// What does not fit is left out.
class short_text {
public:
    short_text& operator+=(std::string_view part) noexcept {
        const std::size_t n = std::min(part.size(), sizeof text_ - 1 - size_);
        std::memcpy(text_ + size_, part.data(), n);
        size_ += n;
        text_[size_] = '\0';
        return *this;
    }
    short_text& operator+=(std::uint64_t number) noexcept {
        char digits[20];
        std::size_t at = sizeof digits;
        do digits[--at] = static_cast<char>('0' + number % 10);
        while (number /= 10);
        return *this += std::string_view(digits + at, sizeof digits - at);
    }
    const char* c_str() const noexcept { return text_; }
    void write_to(int file) const noexcept {
        for (std::size_t at = 0; at < size_;) {
            const ssize_t n = write(file, text_ + at, size_ - at);
            if (n <= 0) return;
            at += static_cast<std::size_t>(n);
        }
    }

private:
    char text_[4096] = {};
    std::size_t size_ = 0;
};

}  // namespace heddle::scheduler
