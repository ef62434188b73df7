// Where the code of the program lies in memory, to tell the words of a stack that are return
// addresses.
#pragma once

#include <cstdint>

namespace heddle::scheduler {

// Of the program itself: every word of a stack is asked about, so that this is one comparison.
// Calls within shared libraries are not told apart.
class program_code {
public:
    static const program_code& loaded();

    // The place that an address stands for, wherever the program was loaded; 0: it is not there.
    std::uint64_t place_of(std::uint64_t address) const noexcept {
        return address - begin_ < size_ ? address - begin_ + 1 : 0;
    }

private:
    program_code();

    std::uint64_t begin_ = 0, size_ = 0;
};

}  // namespace heddle::scheduler
