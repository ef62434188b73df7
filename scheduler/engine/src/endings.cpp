// How an execution ends before its threads have: at the step limit, or at a finding.
#include <utility>

#include "engine.hpp"
#include "fair_cycle.hpp"
#include "recorder.hpp"

namespace heddle::scheduler {
namespace {

// What the thread itself does wrong, and would not go on from.
bool ends_its_thread(const finding& f) {
    return f.why == trace::stop::assertion || f.why == trace::stop::exception ||
           f.why == trace::stop::misuse;
}

}  // namespace

void engine::hit_step_limit() {
    if (trial_.slot >= 0) end_trial();
    if (stuck_at_.events && !some_grow()) end_going_on();
    // Who goes on may wait for a thread that has stopped.
    if (thread_failed_) leave(ending::failed);
    if (assumption_failed_) leave(ending::dropped);
    // An expectation that failed before is a finding, however it goes on.
    if (soft_failed_ && (!options_.keep_going || passed_.arrived)) leave(ending::failed);
    finding f;
    f.slot = current_->slot;
    const std::optional<unsigned> kept_out = cycle_ ? cycle_->starved(*this) : std::nullopt;
    if (kept_out) {
        const modelled_thread& t = threads_[*kept_out];
        f.slot = t.slot;
        f.object = t.state == run_state::blocked ? t.pending.object : t.last_read_object;
        f.why = trace::stop::starvation;
        stop(std::move(f));
    }
    // Threads that only read, and all have their turns, do not get anywhere.
    const bool in_vain =
        (all_had_turns() && last_progress_ < step_limit_ / 2) || polling_since(step_limit_ / 2);
    f.why = in_vain ? trace::stop::livelock : trace::stop::step_limit;
    // A thread that was run for ever beside others that could go on, or did so at last: no schedule
    // that is fair does so.
    const bool proves = mode_ == mode::exhaustive || mode_ == mode::depth_first;
    const std::uint64_t others =
        (could_run() | ran_lately()) & ~(std::uint64_t{1} << current_->slot);
    if ((proves && !cycle_ && others && last_expiry_ <= step_limit_ / 2) ||
        (mode_ == mode::pct && !all_had_turns())) {
        finding_ = std::move(f);
        leave(ending::cut);
    }
    stop(std::move(f));
}

// The threads that can run, or wait for a lock, which may be free a step later.
std::uint64_t engine::could_run() const noexcept {
    std::uint64_t threads = ready_;
    for (std::uint64_t m = blocked_; m; m &= m - 1)
        if (is_lock(threads_[static_cast<unsigned>(__builtin_ctzll(m))].pending.op))
            threads |= m & -m;
    return threads;
}

// The threads that had a step in the later half of the execution.
std::uint64_t engine::ran_lately() const noexcept {
    std::uint64_t threads = 0;
    for (unsigned k = steps_ / 2; k < steps_; ++k) threads |= std::uint64_t{1} << order_[k];
    return threads;
}

// Whether each thread that can run did so in the later half of the execution. Where a timed wait
// expired for want of anything else to run, all had.
bool engine::all_had_turns() const noexcept {
    if (last_expiry_ > step_limit_ / 2) return true;
    return !(ready_ & ~ran_lately() & ~(std::uint64_t{1} << current_->slot));
}

void engine::stop(finding f) {
    if (autopsy_) leave(ending::failed);
    if (trial_.slot >= 0) end_trial(unlimited);
    if (f.slot < 0) f.slot = current_->slot;
    // Only this thread: what the others do may be a finding too, and revisit what it has read.
    const bool others_run_on = options_.keep_going && live_ && ends_its_thread(f) && !is_wanted(f);
    if (passed_.arrived || (others_run_on && passed_.wanted)) {
        passed_.went_past = true;
    } else {
        finding_ = std::move(f);
        if (options_.keep_going) keep(finding_);
    }
    if (others_run_on) {
        thread_failed_ = true;
        drop_thread();
    }
    leave(ending::failed);
}

void engine::stop_outright(finding f) {
    if (recorder_ && !autopsy_) recorder_->stopped_outright();
    stop(std::move(f));
}

void engine::stop_nondeterminism(finding f) {
    // What is compared with was run when the static existed already.
    if (warms_up_ || !open_statics_.empty()) {
        warms_up_ = true;
        leave(ending::restart);
    }
    // Which of two racing accesses came first decides what the body does: that is known already.
    if (options_.keep_going && passed_.has_raced) {
        passed_.unfinished = true;
        leave(ending::dropped);
    }
    f.why = trace::stop::nondeterminism;
    stop(std::move(f));
}

void engine::depart(const event& recorded, operation did, object_id object, site where) {
    finding f;
    f.slot = recorded.thread;
    f.departed_at = recorded.index;
    f.recorded = recorded.op;
    f.recorded_object = recorded.kind == fence_event ? no_object : recorded.object;
    f.did = did;
    f.object = object;
    f.where = where;
    stop_nondeterminism(std::move(f));
}

void engine::stop_misuse(trace::misuse_kind kind, object_id object, int other_slot, site where) {
    finding f;
    f.why = trace::stop::misuse;
    f.misuse = kind;
    f.object = object;
    f.other_slot = other_slot;
    f.where = where;
    if (recorder_) recorder_->misuse(*this, where);
    stop(std::move(f));
}

void engine::bad_object(object_id object, site where) {
    stop_misuse(trace::misuse_kind::outside_execution, object < object_count_ ? object : no_object,
                -1, where);
}

// Only this thread stops: the others run on, since their writes may revisit what it read before the
// assumption, or before its failure. Time does not pass, and nobody polls for ever: that would be
// for want of this thread.
void engine::drop_thread() {
    assumption_failed_ = true;
    current_->state = run_state::dropped;
    ready_ &= ~(std::uint64_t{1} << current_->slot);
    for (;;) {
        if (autopsy_ || !ready_) leave(ending::stuck);
        schedule_away();
    }
}

// All threads have ended, those that were detached among them. Who was to be joined by then is
// known only now: a thread that outlives the body may join what it started.
void engine::stop_if_threads_are_left() {
    for (unsigned s = 1; s < thread_slots_; ++s) {
        const modelled_thread& t = threads_[s];
        if (!t.joinable || t.state == run_state::off || soft_failed_) continue;
        finding f;
        f.why = trace::stop::misuse;
        f.misuse = trace::misuse_kind::body_left_threads;
        f.slot = t.parent;
        f.other_slot = static_cast<int>(s);
        stop(std::move(f));
    }
}

void engine::stop_too_many_objects() {
    finding f;
    f.why = trace::stop::step_limit;
    f.message = "more than 65,000 modelled objects in one execution";
    stop(std::move(f));
}

}  // namespace heddle::scheduler
