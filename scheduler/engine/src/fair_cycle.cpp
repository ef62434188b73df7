#include "fair_cycle.hpp"

#include "engine.hpp"

namespace heddle::scheduler {

bool gets_somewhere(const engine& e, const event& x) noexcept {
    return x.changes() && e.objects_[x.object].kind != object_kind::mutex &&
           e.objects_[x.object].kind != object_kind::recursive_mutex &&
           e.objects_[x.object].kind != object_kind::condition_variable;
}

bool starves_for_ever(engine& e, const trace::schedule& s) {
    fair_cycle cycle(s.steps.size(), s.repeat);
    e.cycle_ = &cycle;
    e.replay_steps_ = &s.steps;
    e.replay_choices_ = &s.choices;
    e.begin_forward(mode::replay);
    const bool failed = e.run() == ending::failed;
    e.cycle_ = nullptr;
    return failed && e.finding_.why == trace::stop::starvation;
}

bool fair_cycle::next_step(const engine& e, std::size_t n, std::uint64_t ready, unsigned slot) {
    if (n + length_ < steps_) return true;
    if ((n + length_ - steps_) % length_ == 0) {
        if (n >= steps_) {
            round_.clear();
            for (unsigned s = 0; s < e.thread_slots_; ++s)
                for (unsigned k = positions_[s]; k < e.threads_[s].position; ++k) {
                    const event& x = (*e.graph_)[e.graph_->at(s, k)];
                    round_.push_back({s, print_of(x), gets_somewhere(e, x)});
                }
            if (has_first_ && round_ != first_) return false;
            if (!has_first_) first_ = round_;
            has_first_ = true;
            all_rounds_.ready |= ready_;
            all_rounds_.ran |= ran_;
            all_rounds_.plain_writes |= plain_writes_;
        }
        for (unsigned s = 0; s < e.thread_slots_; ++s) positions_[s] = e.threads_[s].position;
        ready_ = ran_ = plain_writes_ = 0;
    }
    ready_ |= ready;
    ran_ |= std::uint64_t{1} << slot;
    return true;
}

std::optional<unsigned> fair_cycle::starved(const engine& e) const {
    if (!has_first_ || (all_rounds_.ready & ~all_rounds_.ran)) return std::nullopt;
    std::uint64_t somewhere = all_rounds_.plain_writes;
    for (const deed& d : first_)
        if (d.changes) somewhere |= std::uint64_t{1} << d.slot;
    if (!somewhere) return std::nullopt;
    // Who waits for the end of another thread is not the one that is kept out. Who runs and gets
    // nowhere may wait for one that is.
    for (const run_state kept_out : {run_state::blocked, run_state::runnable})
        for (unsigned s = 0; s < e.thread_slots_; ++s)
            if (e.threads_[s].state == kept_out && !(somewhere >> s & 1)) return s;
    return std::nullopt;
}

}  // namespace heddle::scheduler
