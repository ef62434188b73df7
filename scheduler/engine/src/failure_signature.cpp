#include "failure_signature.hpp"

#include <algorithm>
#include <string>

#include "engine.hpp"

namespace heddle::scheduler {
namespace {

std::string place_text(site where) {
    return where.known() ? std::string(where.file) + ':' + std::to_string(where.line)
                         : std::string();
}

// An end of a bound comes at no place of its own.
bool has_a_place(trace::stop why) noexcept {
    switch (why) {
        case trace::stop::livelock:
        case trace::stop::starvation:
        case trace::stop::step_limit:
        case trace::stop::endless_loop:
        case trace::stop::nondeterminism:
        case trace::stop::leak: return false;
        default: return true;
    }
}

}  // namespace

std::uint64_t side_of(const engine& e, unsigned slot, unsigned position) {
    std::uint64_t h = e.descent_of(slot);
    if (position == 0) return h;
    const event& last = (*e.graph_)[e.graph_->at(slot, position - 1u)];
    h = h * 0x9e37'79b9'7f4a'7c15ULL ^ static_cast<std::uint64_t>(last.op);
    return h * 0x9e37'79b9'7f4a'7c15ULL ^ (last.accesses() ? e.identity_of(last.object) : 0);
}

failure_signature signature_of(const engine& e, const finding& f) {
    failure_signature s;
    s.why = f.why;
    s.misuse = f.misuse;
    if (f.why == trace::stop::assertion && f.where.known())
        s.message = place_text(f.where);
    else if (f.why == trace::stop::crash)
        s.message = trace::phrase_of(f.death);
    else
        s.message = f.message;
    std::vector<unsigned> stuck;  // slots
    const auto add_object = [&](object_id object) {
        if (object == no_object) return std::uint64_t{0};
        s.objects.push_back(e.identity_of(object));
        return s.objects.back();
    };
    const auto add_waiting = [&](unsigned slot, object_id object) {
        s.parties.push_back(e.descent_of(slot) ^ add_object(object) << 20);
        stuck.push_back(slot);
    };
    const auto add_thread = [&](unsigned slot) {
        const modelled_thread& t = e.threads_[slot];
        add_waiting(slot, t.state == run_state::blocked ? t.pending.object : no_object);
    };
    if (f.why != trace::stop::deadlock) {
        if (f.object != no_object) s.parties.push_back(add_object(f.object));
        if (f.slot >= 0) stuck.push_back(static_cast<unsigned>(f.slot));
    } else if (f.owner_exited) {
        add_thread(static_cast<unsigned>(f.slot));
    } else if (f.cycle.size() == 1) {  // it need not have come to its wait
        add_waiting(static_cast<unsigned>(f.slot), f.object);
    } else if (!f.cycle.empty()) {
        for (const int slot : f.cycle) add_thread(static_cast<unsigned>(slot));
    } else {
        for (unsigned t = 0; t < e.thread_slots_; ++t)
            if (e.threads_[t].state == run_state::blocked) add_thread(t);
    }
    std::sort(s.parties.begin(), s.parties.end());
    std::sort(s.objects.begin(), s.objects.end());
    if (f.why == trace::stop::data_race) {
        s.sides = {f.side, f.other_side};
        s.later_side = f.side;
        s.later_place = place_text(f.where);
    } else if (e.options_.keep_going && has_a_place(f.why)) {
        for (const unsigned slot : stuck)
            s.sides.push_back(side_of(e, slot, e.threads_[slot].position));
        s.later_place = place_text(f.where);
    }
    std::sort(s.sides.begin(), s.sides.end());
    return s;
}

failure_signature signature_of(const engine& e) { return signature_of(e, e.finding_); }

bool is_same_failure(const failure_signature& found, const failure_signature& wanted) {
    if (found.why != wanted.why || found.misuse != wanted.misuse ||
        found.message != wanted.message || found.parties != wanted.parties)
        return false;
    if (wanted.sides.empty()) return true;
    return found.sides == wanted.sides &&
           (found.later_side != wanted.later_side || found.later_place == wanted.later_place);
}

bool has_found(const engine& e, const failure_signature& wanted) {
    return e.passed_.arrived || is_same_failure(signature_of(e), wanted);
}

std::vector<std::string> places_of(const trace::execution_trace& t) {
    std::vector<std::string> places;
    const auto add = [&](const trace::place& p) {
        if (p.known()) places.push_back(p.file + ':' + std::to_string(p.line));
    };
    const auto add_step = [&](unsigned step) {
        if (const trace::event* const e = trace::event_at(t, step)) add(e->where);
    };
    switch (t.why) {
        case trace::stop::data_race:
            add_step(t.step);
            add_step(t.other_step);
            for (const trace::unwatched_access& a : t.unwatched) add(a.where);
            break;
        case trace::stop::deadlock:
            for (std::size_t k = 0; k < t.ends.size(); ++k) {
                const bool in_cycle =
                    std::find(t.cycle.begin(), t.cycle.end(), static_cast<int>(k)) != t.cycle.end();
                if (t.cycle.empty() ? t.ends[k].state == trace::thread_state::blocked : in_cycle)
                    add(t.ends[k].where);
            }
            break;
        case trace::stop::lost_notification:
            if (t.passing_waiter >= 0)
                add(t.ends[static_cast<std::size_t>(t.passing_waiter)].where);
            break;
        case trace::stop::leak:
            for (const trace::leaked_block& b : t.leaked) add(b.where);
            break;
        default:
            if (t.where.known())
                add(t.where);
            else
                add_step(t.step);
    }
    std::sort(places.begin(), places.end());
    return places;
}

}  // namespace heddle::scheduler
