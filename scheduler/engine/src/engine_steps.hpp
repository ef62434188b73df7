// What each step of the engine goes through, to be inlined: the end of engine.hpp.
#pragma once

#include "engine.hpp"

namespace heddle::scheduler {

template <class F, class... A>
decltype(auto) engine::on_general_path(F f, A... arguments) {
    if constexpr (std::is_void_v<decltype(call_general(f, *this, arguments...))>) {
        call_general(f, *this, arguments...);
        if (probes_states_) clear_stack_below();
    } else {
        const auto value = call_general(f, *this, arguments...);
        if (probes_states_) clear_stack_below();
        return value;
    }
}

inline void engine::switch_to(modelled_thread& t) {
    if constexpr (thread_sanitizer) follow_with_sanitizer();
    switch_amid_event(t);
}

inline void engine::switch_amid_event(modelled_thread& t) {
    if constexpr (thread_sanitizer) release_to_sanitizer();
    assert(body_level_ == 0);  // else another thread would come back to the wrong level
    modelled_thread& from = *current_;
    current_ = &t;
    switch_fiber(*from.stack, *t.stack, exceptions_);
}

template <path P>
void engine::point() {
    if (P == path::general && trial_.slot >= 0) [[unlikely]] {
        // Others run where the thread that is tried cannot.
        if (current_->slot != trial_.slot && ready_ >> trial_.slot & 1)
            switch_to(threads_[static_cast<unsigned>(trial_.slot)]);
        return;
    }
    if (mode_on<P>() == mode::exhaustive || autopsy_on<P>() || !current_->position) return;
    modelled_thread& next = pick<P>();
    if (&next != current_) switch_to(next);
}

template <path P>
void engine::count_step(modelled_thread& t) {
    if (mode_on<P>() != mode::exhaustive) return;
    if (!t.start_counted) [[unlikely]] {
        t.start_counted = true;
        if (t.position > 1) note_step(t);
    }
    note_step(t);
}

template <path P>
void engine::count_start(modelled_thread& t) {
    if (mode_on<P>() != mode::exhaustive || t.start_counted) return;
    t.start_counted = true;
    note_step(t);
}

inline void engine::note_step(modelled_thread& t) {
    order_[steps_++] = static_cast<std::uint8_t>(t.slot);
    plain_steps_ = 0;
    choice_ordinal_ = 0;
    if (steps_ >= step_limit_) [[unlikely]]
        hit_step_limit();
}

template <path P>
modelled_thread& engine::pick() {
    std::uint64_t candidates = ready_ & ~yielded_;
    if (!candidates) [[unlikely]] {
        yielded_ = 0;
        candidates = blocked_ ? ready_or_overdue() : ready_;
    }
    // Any will do. The youngest: whoever joins its threads one by one then waits but once.
    if (mode_on<P>() == mode::exhaustive)
        return threads_[63U - static_cast<unsigned>(__builtin_clzll(candidates))];
    const unsigned slot =
        mode_on<P>() == mode::random ? random_.member_of(candidates) : pick_slow(candidates);
    modelled_thread& t = threads_[slot];
    note_step(t);
    return t;
}

template <path P>
void engine::link(event_index i, unsigned kind) {
    const event& e = (*graph_)[i];
    const unsigned orders = kind == read_event ? e.orders >> 4 : e.orders & 15;
    if (orders & total_order_bit && kind & (update_event | fence_event)) {
        ++graph_->total_order_events;
        graph_->total_order_threads |= std::uint64_t{1} << e.thread;
    }
    if constexpr (P == path::general)
        rules_.compute_clocks(*graph_, i);
    else
        rules_.compute_clocks(*graph_, i, predecessor<P>(e), kind, P == path::proving);
    if (kind & read_event) graph_->add_reader(i, e.reads_from);
}

}  // namespace heddle::scheduler
