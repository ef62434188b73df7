// Loops that wait by looking again and again: what a search knows of them, and what one thread has
// read where it polls (docs/adr/0016-polling-loops.md).
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "event_graph.hpp"

namespace heddle::scheduler {

// Reads that find the same, so many times running, look like a loop that waits.
inline constexpr unsigned suspicious_repeats = 24;
// A loop that the thread does not leave in so many rounds, alone, does not end by itself.
inline constexpr unsigned trial_rounds = 1'000;
inline constexpr unsigned unlimited = ~0U;

// A step of a hash.
inline std::uint64_t mixed(std::uint64_t h, std::uint64_t x) noexcept {
    h = (h ^ x) * 0xff51'afd7'ed55'8ccdULL;
    return h ^ h >> 32;
}

// Operations by which a loop looks at an object.
inline bool looks(operation op) noexcept {
    return op == operation::load ||
           (op >= operation::exchange && op <= operation::compare_exchange_weak) ||
           op == operation::lock || op == operation::try_lock || op == operation::lock_all;
}

// What a search has learnt of the places where threads poll, by their keys. Learnt in one execution
// and used from the next on: the search begins again, so that all executions that count obey the
// same bounds.
class polled_sites {
public:
    // At some time a thread has looked there for `trial_rounds` rounds.
    bool is_endless(std::uint64_t key) const noexcept { return has(endless_, key); }
    void learn_endless(std::uint64_t key) { add(endless_, key); }
    // Reads the same value of ever new writes there, as two threads that give way do.
    bool toggles(std::uint64_t key) const noexcept { return has(toggling_, key); }
    void learn_toggling(std::uint64_t key) { add(toggling_, key); }
    // Whether the rounds of some loop are bounded.
    bool bounds() const noexcept { return !endless_.empty() || !toggling_.empty(); }

    // The rounds after which a thread that stands at a place with this past has shown all that it
    // does there, as far as its trial tells; `unlimited` if it goes away by itself. Nothing: it was
    // not tried.
    std::optional<unsigned> rounds(std::uint64_t past) const {
        const auto known = rounds_.find(past);
        return known == rounds_.end() ? std::nullopt : std::optional{known->second};
    }
    void note_rounds(std::uint64_t past, unsigned rounds) { rounds_[past] = rounds; }

    // No more trials are made at an endless place where so many, running, have shown nothing but
    // rounds that are all alike; or where so many said that the loop ends, and it did not: its past
    // does not come again as it was.
    bool is_settled(std::uint64_t key) const {
        const auto p = places_.find(key);
        return p != places_.end() && (p->second.alike >= 256 || p->second.surprises >= 64);
    }
    void note_trial(std::uint64_t key, bool alike) {
        unsigned& n = places_[key].alike;
        n = alike ? n + 1 : 0;
    }
    void note_surprise(std::uint64_t key) { ++places_[key].surprises; }

private:
    using keys = std::vector<std::uint64_t>;
    static bool has(const keys& set, std::uint64_t key) noexcept {
        return std::find(set.begin(), set.end(), key) != set.end();
    }
    static void add(keys& set, std::uint64_t key) {
        if (!has(set, key)) set.push_back(key);
    }

    struct place {
        unsigned alike = 0, surprises = 0;
    };
    keys endless_, toggling_;
    std::unordered_map<std::uint64_t, unsigned> rounds_;
    std::unordered_map<std::uint64_t, place> places_;
};

// What a thread does between two looks at a place: the rounds of a plain loop are all alike. A new
// kind of round shows that it has gone on to something else, though it finds the same.
class round_kinds {
public:
    void clear() noexcept { used_ = newest_ = 0; }
    void note(std::uint64_t kind, unsigned round) noexcept {
        for (unsigned k = 0; k < std::min<unsigned>(used_, most); ++k)
            if (kinds_[k] == kind) return;
        kinds_[used_++ % most] = kind;
        newest_ = round;
    }
    // The last round that was unlike all before it.
    unsigned newest() const noexcept { return newest_; }

private:
    static constexpr unsigned most = 8;
    std::array<std::uint64_t, most> kinds_;
    unsigned used_ = 0, newest_ = 0;
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
    bool grows = false;     // an update of what the thread has written last itself
    bool endless = false;   // what the search knows of the place
    bool may_toggle = false;
    unsigned same = 0;           // rounds that read the same write
    unsigned toggles = 0;        // reads of the same value, written anew each time
    unsigned since = 0;          // step at which this began
    std::uint16_t first = 0;     // and the position of the read
    unsigned limit = unlimited;  // rounds after which the thread waits
    std::uint64_t past = 0;      // what was tried
    std::uint64_t deeds = 0;     // of the thread, when it looked last
    round_kinds kinds;

    // A lock is never read taken: others may have had it in between.
    unsigned rounds() const noexcept { return is_lock ? same + toggles : same; }
    // What it finds is the doing of others, by a read that need not find a lock free.
    bool shows_others() const noexcept { return !is_lock && !of_own && !is_plain; }
    void begin(unsigned step, std::uint16_t at) noexcept {
        same = toggles = 0;
        since = step;
        first = at;
        limit = unlimited;
        kinds.clear();
    }
};

// Hashes of the machine of a thread as it looks; 0: not known.
struct machine_view {
    std::uint64_t state = 0;  // registers and stack
    std::uint64_t chain = 0;  // the calls that lead there
};

// The places at which a thread has read in this run.
class thread_polls {
public:
    void begin_run() noexcept {
        reads_.clear();
        std::fill(index_.begin(), index_.end(), std::uint16_t{0});
        waits = may_go_on = false;
        awaited = nothing;
        round = deeds = 0;
    }
    polled_read* find(std::uint64_t key) noexcept {
        if (reads_.empty()) return nullptr;
        for (std::size_t k = slot_of(key); index_[k]; k = (k + 1) % index_.size())
            if (reads_[index_[k] - 1U].key == key) return &reads_[index_[k] - 1U];
        return nullptr;
    }
    // One that is not there. A thread that looks at so many places is taken to have left the first.
    polled_read& enter(std::uint64_t key) {
        if (reads_.size() == most) {
            reads_.clear();
            std::fill(index_.begin(), index_.end(), std::uint16_t{0});
        }
        reads_.emplace_back().key = key;
        if (2 * reads_.size() > index_.size()) {
            index_.assign(std::max<std::size_t>(64, 2 * index_.size()), 0);
            for (std::size_t k = 0; k + 1 < reads_.size(); ++k) put(k);
        }
        put(reads_.size() - 1);
        return reads_.back();
    }
    const polled_read* begin() const noexcept { return reads_.data(); }
    const polled_read* end() const noexcept { return reads_.data() + reads_.size(); }

    static constexpr std::uint16_t nothing = 0xffff;
    bool waits = false;               // stands before its next read until something changes
    bool may_go_on = false;           // for one round, or until it has looked at what has changed
    std::uint64_t round = 0;          // key of the look with which the round begins and ends
    std::uint16_t awaited = nothing;  // the object whose change lets it go on
    std::uint64_t deeds = 0;          // sum over all that it has done
    machine_view machine;             // at the look that begins

private:
    static constexpr std::size_t most = 1'024;
    std::size_t slot_of(std::uint64_t key) const noexcept { return (key >> 7) % index_.size(); }
    void put(std::size_t read) noexcept {
        std::size_t k = slot_of(reads_[read].key);
        while (index_[k]) k = (k + 1) % index_.size();
        index_[k] = static_cast<std::uint16_t>(read + 1);
    }

    std::vector<polled_read> reads_;
    std::vector<std::uint16_t> index_;  // 1 + place in `reads_`; 0: none
};

// A thread that runs on alone, finding the same, to see whether it leaves its loop; and where the
// search stood before, to go back to.
struct polling_trial {
    int slot = -1;  // none
    std::uint64_t key = 0, past = 0;
    unsigned rounds = 0, position = 0;  // of its latest look
    event_index events = 0;
    std::size_t work = 0, probes = 0, choices = 0;
    std::uint8_t level = 0;
    // Of the last one after which the search went back: the run it was made in, and what it showed.
    std::uint64_t run = 0;
    unsigned shown = unlimited;
};

}  // namespace heddle::scheduler
