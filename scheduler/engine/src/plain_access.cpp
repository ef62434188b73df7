// The race check on plain data: last write as an epoch, reads as an epoch or a clock.
//
// Source: Flanagan and Freund, "FastTrack: Efficient and Precise Dynamic Race Detection", PLDI
// 2009. Departs from the paper: a thread's time is its number of events, so accesses between two
// events share an epoch, and a clock of reads is taken from a pool of the execution.
#include <algorithm>

#include "engine.hpp"
#include "fair_cycle.hpp"
#include "recorder.hpp"

namespace heddle::scheduler {
namespace {

constexpr unsigned plain_burst =
    10'000;  // plain accesses without a schedule point before others get a turn

constexpr std::uint32_t no_epoch = ~0U;
unsigned slot_of(std::uint32_t epoch) noexcept { return epoch >> 16; }
unsigned time_of(std::uint32_t epoch) noexcept { return epoch & 0xffff; }

}  // namespace

// The epoch of an access of this object that conflicts with an access now, unordered; or none.
std::uint32_t engine::racing_epoch(const access_shadow& shadow, bool is_write) {
    const modelled_thread& t = *current_;
    const clock_ref known = now();
    const auto ordered = [&](std::uint32_t other) {
        return slot_of(other) == t.slot || known.covers(slot_of(other), time_of(other));
    };
    if (!ordered(shadow.last_write)) return shadow.last_write;
    if (!is_write || !shadow.was_read) return no_epoch;
    if (!shadow.shared_read) return ordered(shadow.last_read) ? no_epoch : shadow.last_read;
    const auto& reads = read_clocks_[shadow.last_read];
    for (unsigned s = 0; s < thread_slots_; ++s)
        if (reads[s] && s != t.slot && !known.covers(s, reads[s] - 1u))
            return s << 16 | (reads[s] - 1u);
    return no_epoch;
}

void engine::note_access(access_shadow& shadow, bool is_write) {
    const modelled_thread& t = *current_;
    const std::uint32_t epoch = std::uint32_t{t.slot} << 16 | t.position;
    if (is_write) {
        shadow.last_write = epoch;
        shadow.was_read = shadow.shared_read = false;
    } else if (!shadow.was_read) {
        shadow.was_read = true;
        shadow.last_read = epoch;
    } else if (shadow.shared_read) {
        read_clocks_[shadow.last_read][t.slot] = static_cast<std::uint16_t>(t.position + 1);
    } else if (slot_of(shadow.last_read) == t.slot ||
               now().covers(slot_of(shadow.last_read), time_of(shadow.last_read))) {
        shadow.last_read = epoch;
    } else {
        if (read_clocks_used_ == read_clocks_.size()) read_clocks_.emplace_back(max_threads);
        auto& reads = read_clocks_[read_clocks_used_];
        std::fill(reads.begin(), reads.end(), std::uint16_t{0});
        reads[slot_of(shadow.last_read)] =
            static_cast<std::uint16_t>(time_of(shadow.last_read) + 1);
        reads[t.slot] = static_cast<std::uint16_t>(t.position + 1);
        shadow.shared_read = true;
        shadow.last_read = read_clocks_used_++;
    }
}

void engine::meet_race(object_id object, std::uint32_t other, site where) {
    sanitizer_vars_.raced(object);
    finding f;
    f.why = trace::stop::data_race;
    f.slot = current_->slot;
    f.object = object;
    f.other_slot = static_cast<int>(slot_of(other));
    f.where = where;
    f.side = side_of(*this, current_->slot, current_->position);
    f.other_side = side_of(*this, slot_of(other), time_of(other));
    if (!options_.keep_going || autopsy_) stop(std::move(f));
    note(std::move(f));
}

template <path P>
void engine::plain_access_on(access_shadow& shadow, bool is_write, std::uint64_t bits, site where) {
    if (shadow.object >= object_count_) [[unlikely]]
        bad_object(shadow.object, where);
    if (is_write) {
        if (autopsy_on<P>()) [[unlikely]]
            autopsy_step(operation::plain_write, shadow.object, where);
        if (watches_on<P>()) {
            current_->visits.clear();
            ++objects_[shadow.object].value;
        }
        if (P == path::general && cycle_) cycle_->wrote_plain(current_->slot);
    }
    if (watches_on<P>() && !is_write) note_plain_look(shadow.object);
    const std::uint32_t other = racing_epoch(shadow, is_write);
    if (recorder_on<P>()) recorder_->plain(*this, shadow.object, is_write, bits, where);
    if (other != no_epoch) [[unlikely]]
        meet_race(shadow.object, other, where);
    note_access(shadow, is_write);
    if (++plain_steps_ >= plain_burst) [[unlikely]]
        give_turn();
}

void engine::plain_access(access_shadow& shadow, bool is_write, std::uint64_t bits, site where) {
    on_path([]<path P>(engine& e, access_shadow* s, auto... a) { e.plain_access_on<P>(*s, a...); },
            &shadow, is_write, bits, where);
}

// An object accessed both plainly and atomically: atomic accesses do not race with each other.
void engine::mixed_access(access_shadow& plain, access_shadow& atomic, bool is_write,
                          bool is_atomic, site where) {
    std::uint32_t other = racing_epoch(plain, is_write);
    if (other == no_epoch && !is_atomic) other = racing_epoch(atomic, is_write);
    if (other != no_epoch) meet_race(plain.object, other, where);
    note_access(is_atomic ? atomic : plain, is_write);
}

// A thread that only touches plain data would run for ever: the others get a turn, and if nobody
// else can run, it ends.
void engine::give_turn() {
    plain_steps_ = 0;
    yielded_ |= std::uint64_t{1} << current_->slot;
    if (autopsy_ || ready_ == (std::uint64_t{1} << current_->slot)) {
        if (++plain_bursts_ < 100) return;
        finding f;
        f.why = trace::stop::livelock;
        stop(std::move(f));
    }
    modelled_thread& next = pick();
    if (&next != current_) switch_to(next);
}

}  // namespace heddle::scheduler
