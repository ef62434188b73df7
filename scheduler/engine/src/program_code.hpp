// Where the code of this process lies in memory, to tell the words of a stack that are return
// addresses.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace heddle::scheduler {

class program_code {
public:
    // What was loaded when it was asked for first.
    static const program_code& loaded();

    // The place that an address stands for, wherever its object was loaded; 0: it is in no code.
    std::uint64_t place_of(std::uint64_t address) const noexcept {
        for (std::size_t k = 0; k < used_; ++k)
            if (address - parts_[k].begin < parts_[k].size)
                return address - parts_[k].begin + parts_[k].number;
        return 0;
    }

private:
    program_code();

    struct part {
        std::uint64_t begin, size, number;
    };
    // Of an object each; the program comes first. Calls through others are not told apart.
    std::array<part, 16> parts_;
    std::size_t used_ = 0;
};

}  // namespace heddle::scheduler
