// Numbers that depend on the seed alone: std's distributions differ between libraries, its engine
// does not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <utility>
#include <vector>

namespace heddle::soundness {

class random_source {
public:
    explicit random_source(std::uint64_t seed) : engine_(seed) {}

    unsigned below(std::size_t n) { return static_cast<unsigned>((engine_() >> 33) % n); }
    int between(int first, int last) {
        return first + static_cast<int>(below(static_cast<std::size_t>(last - first + 1)));
    }
    bool percent(unsigned p) { return below(100) < p; }
    template <class T, std::size_t N>
    T pick(const T (&from)[N]) {
        return from[below(N)];
    }
    template <class T>
    void shuffle(std::vector<T>& v) {
        for (std::size_t k = v.size(); k > 1; --k) std::swap(v[k - 1], v[below(k)]);
    }

private:
    std::mt19937_64 engine_;
};

}  // namespace heddle::soundness
