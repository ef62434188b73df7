#include "repetitions.hpp"

#include <algorithm>
#include <array>

namespace heddle::trace {
namespace {

std::size_t hidden_by(const repetition& r) { return r.rounds < 2 ? 0 : (r.rounds - 2) * r.length; }

}  // namespace

std::vector<repetition> repetitions_of(const std::vector<std::uint32_t>& sequence) {
    const std::size_t n = sequence.size();
    std::vector<repetition> best(n);
    // For each length: how many elements from here on are like the one so much later.
    std::array<std::size_t, longest_round + 1> alike{};
    for (std::size_t i = n; i-- > 0;)
        for (std::size_t length = 1; length <= std::min(longest_round, n - 1 - i); ++length) {
            alike[length] = sequence[i] == sequence[i + length] ? alike[length] + 1 : 0;
            const repetition here{i, length, alike[length] / length + 1};
            if (here.rounds >= fewest_rounds && hidden_by(here) > hidden_by(best[i]))
                best[i] = here;
        }
    std::vector<repetition> found;
    for (std::size_t i = 0; i < n;) {
        if (best[i].rounds) found.push_back(best[i]);
        i += best[i].rounds ? best[i].length * best[i].rounds : 1;
    }
    return found;
}

}  // namespace heddle::trace
