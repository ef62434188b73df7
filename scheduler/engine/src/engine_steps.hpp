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
