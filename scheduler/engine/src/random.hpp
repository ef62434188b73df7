// The generator of the sampling strategies: xoshiro256** seeded by splitmix64.
//
// Source: Blackman and Vigna, "Scrambled Linear Pseudorandom Number Generators", ACM TOMS 2021. A
// weak generator loses interleavings: a linear congruential one with low bits taken reached 1,914
// of 12,870 on 2 threads x 8 operations.
#pragma once

#include <array>
#include <cstdint>

namespace heddle::scheduler {

class random_source {
public:
    // The state is derived from (seed, execution) alone, so that execution n never depends on those
    // before it.
    void reseed(std::uint64_t seed, std::uint64_t execution) noexcept {
        std::uint64_t x = seed * 0x9e37'79b9'7f4a'7c15ULL ^
                          (execution + 0x632b'e59b'd9b4'e019ULL) * 0xd6e8'feb8'6659'fd93ULL;
        for (std::uint64_t& word : state_) {
            x += 0x9e37'79b9'7f4a'7c15ULL;
            std::uint64_t z = x;
            z = (z ^ (z >> 30)) * 0xbf58'476d'1ce4'e5b9ULL;
            z = (z ^ (z >> 27)) * 0x94d0'49bb'1331'11ebULL;
            word = z ^ (z >> 31);
        }
    }
    std::uint64_t next() noexcept {
        const std::uint64_t result = rotate(state_[1] * 5, 7) * 9;
        const std::uint64_t t = state_[1] << 17;
        state_[2] ^= state_[0];
        state_[3] ^= state_[1];
        state_[1] ^= state_[2];
        state_[0] ^= state_[3];
        state_[2] ^= t;
        state_[3] = rotate(state_[3], 45);
        return result;
    }
    // Uniform in [0, n), n >= 1; the bias of the multiplication is below n / 2^32.
    std::uint32_t below(std::uint32_t n) noexcept {
        return static_cast<std::uint32_t>(((next() >> 32) * n) >> 32);
    }

    // A random member of a set of slots, not empty. Small sets go through a table: neither counting
    // nor selecting costs a branch that cannot be predicted.
    unsigned member_of(std::uint64_t set) noexcept {
        if (set < small_sets.size()) [[likely]] {
            const small_set& s = small_sets[set];
            return s.member[s.size > 1 ? below(s.size) : 0];
        }
        unsigned n = 0;
        for (std::uint64_t m = set; m; m &= m - 1) ++n;
        if (n > 1)
            for (unsigned k = below(n); k; --k) set &= set - 1;
        return static_cast<unsigned>(__builtin_ctzll(set));
    }

private:
    struct small_set {
        std::uint8_t size, member[7];
    };
    static constexpr std::array<small_set, 128> small_sets = [] {
        std::array<small_set, 128> all{};
        for (unsigned set = 0; set < all.size(); ++set)
            for (unsigned slot = 0; slot < 7; ++slot)
                if (set >> slot & 1)
                    all[set].member[all[set].size++] = static_cast<std::uint8_t>(slot);
        return all;
    }();
    static std::uint64_t rotate(std::uint64_t x, int k) noexcept {
        return (x << k) | (x >> (64 - k));
    }
    std::uint64_t state_[4] = {1, 2, 3, 4};
};

}  // namespace heddle::scheduler
