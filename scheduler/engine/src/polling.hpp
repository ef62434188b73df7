// Loops that wait by looking again and again: what a search knows of the places where threads poll,
// and what one thread has read there (docs/adr/0016-polling-loops.md).
#pragma once

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "event_graph.hpp"

namespace heddle::scheduler {

// Reads that find the same, so many times running, look like a loop that waits.
inline constexpr unsigned suspicious_repeats = 24;
// A loop that the thread does not leave in so many rounds, alone, does not end by itself.
inline constexpr unsigned trial_rounds = 1'000;

enum class loop_kind : std::uint8_t {
    unknown,
    ends,     // by itself: all of its rounds are explored
    endless,  // rounds that find the same are bounded
};

// What a search has learnt of a place that reads, by its key. Learnt in one execution and used from
// the next on, so that all executions that count obey the same bound.
struct polled_site {
    loop_kind kind = loop_kind::unknown;
    bool toggles = false;  // reads the same value of ever new writes, as two that give way do
};

class polled_sites {
public:
    polled_site of(std::uint64_t key) const noexcept {
        for (const auto& [k, site] : sites_)
            if (k == key) return site;
        return {};
    }
    void learn(std::uint64_t key, polled_site site) {
        for (auto& [k, known] : sites_)
            if (k == key) {
                known = site;
                return;
            }
        sites_.emplace_back(key, site);
    }
    // Whether the rounds of some loop are bounded.
    bool bounds() const noexcept {
        for (const auto& [k, site] : sites_)
            if (site.kind == loop_kind::endless || site.toggles) return true;
        return false;
    }

private:
    std::vector<std::pair<std::uint64_t, polled_site>> sites_;
};

// The last read of a thread at a place, and how often it found the same before, running.
struct polled_read {
    std::uint64_t key = 0;
    std::uint64_t value = 0;
    event_index source = nil;  // of another thread, or initial
    std::uint16_t object = 0;
    std::uint16_t position = 0;  // of the event in its thread
    bool is_lock = false;
    bool of_own = false;    // reads what the thread itself has written last, as a lock does
    bool is_plain = false;  // `value` counts the writes to the object
    unsigned same = 0;      // rounds that read the same write
    unsigned toggles = 0;   // reads of the same value, written anew each time
    polled_site site;
};

// The latest places at which a thread has read in this run.
class thread_polls {
public:
    void begin_run() noexcept {
        used_ = next_ = 0;
        waits = may_go_on = false;
        awaited = nothing;
        round = 0;
    }
    polled_read* find(std::uint64_t key) noexcept {
        for (unsigned k = 0; k < used_; ++k)
            if (reads_[k].key == key) return &reads_[k];
        return nullptr;
    }
    // Takes the place of the oldest.
    polled_read& enter() noexcept {
        polled_read& r = reads_[next_];
        next_ = (next_ + 1) % most;
        if (used_ < most) ++used_;
        return r = {};
    }
    const polled_read* begin() const noexcept { return reads_.data(); }
    const polled_read* end() const noexcept { return reads_.data() + used_; }
    polled_read* begin() noexcept { return reads_.data(); }
    polled_read* end() noexcept { return reads_.data() + used_; }

    static constexpr std::uint16_t nothing = 0xffff;
    bool waits = false;               // stands before its next read until something changes
    bool may_go_on = false;           // for one round, or until it has looked at what has changed
    std::uint64_t round = 0;          // key of the look with which the round begins and ends
    std::uint16_t awaited = nothing;  // the object whose change lets it go on

private:
    static constexpr unsigned most = 32;
    std::array<polled_read, most> reads_;
    unsigned used_ = 0, next_ = 0;
};

}  // namespace heddle::scheduler
