// The unit of the figures: a jump to another stack and nothing else, by Boost.Context.
#pragma once

#include <boost/context/detail/fcontext.hpp>

#include <cstddef>
#include <ctime>
#include <memory>

namespace heddle::throughput {

// A second stack whose code jumps back at once.
class jumper {
public:
    void there_and_back() { other_ = boost::context::detail::jump_fcontext(other_, nullptr).fctx; }

private:
    static void bounce(boost::context::detail::transfer_t t) {
        for (;;) t = boost::context::detail::jump_fcontext(t.fctx, nullptr);
    }

    static constexpr std::size_t bytes = 64 * 1024;
    std::unique_ptr<std::byte[]> stack_{new std::byte[bytes]};
    boost::context::detail::fcontext_t other_ =
        boost::context::detail::make_fcontext(stack_.get() + bytes, bytes, bounce);
};

// Processor time of one jump now, for ratios: a few milliseconds of jumps.
inline double seconds_a_jump() {
    constexpr int pairs = 1'000'000;
    jumper j;
    const std::clock_t begin = std::clock();
    for (int k = 0; k < pairs; ++k) j.there_and_back();
    return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC / (2.0 * pairs);
}

}  // namespace heddle::throughput
