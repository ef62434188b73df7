#include "causality.hpp"

#include <algorithm>

#include "report_writer.hpp"

namespace heddle::checkers {
namespace {

constexpr bool has(trace::order o, trace::order half) noexcept {
    return (static_cast<unsigned>(o) & static_cast<unsigned>(half)) != 0;
}

bool releases(const event& e) {
    return e.op == operation::unlock || has(e.memory_order, trace::order::release);
}
// A failed `try_lock` synchronizes with nothing ([thread.mutex.requirements.mutex]).
bool acquires(const event& e) {
    return is_lock(e.op) ? e.writes : has(e.memory_order, trace::order::acquire);
}

bool is_fence(const event& e, trace::order half) {
    return e.op == operation::fence && has(e.memory_order, half);
}

// Sets of waiters carry no order: a notification does not synchronize.
bool synchronizes(const event& e) {
    return !e.blocked && !is_wait(e.op) && !is_notify(e.op) && !is_plain(e.op);
}

template <class Clock>
void join_into(Clock& into, const Clock& from) {
    for (std::size_t t = 0; t < from.size(); ++t) into[t] = std::max(into[t], from[t]);
}

}  // namespace

causality::causality(const execution_trace& trace) : trace_(trace) {
    std::size_t threads = trace.threads.size();
    for (const trace::event& e : trace.events)
        threads =
            std::max(threads, static_cast<std::size_t>(std::max(e.thread, e.other_thread) + 1));
    const clock nothing(threads, 0);
    std::vector<clock> now(threads, nothing), at_release_fence(threads, nothing),
        awaiting_fence(threads, nothing);
    clocks_.reserve(trace.events.size());
    messages_.resize(trace.events.size());
    for (std::size_t i = 0; i < trace.events.size(); ++i) {
        const trace::event& e = trace.events[i];
        clock& mine = now[e.thread];
        mine[e.thread] = static_cast<unsigned>(i) + 1;
        if (synchronizes(e)) {
            const trace::event* const w = e.reads ? source(e) : nullptr;
            const clock* const learnt = w ? &messages_[w - trace.events.data()] : nullptr;
            if (learnt && !learnt->empty())
                join_into(acquires(e) ? mine : awaiting_fence[e.thread], *learnt);
            if (is_fence(e, trace::order::acquire)) join_into(mine, awaiting_fence[e.thread]);
            if (is_fence(e, trace::order::release)) at_release_fence[e.thread] = mine;
            if (e.writes) {
                messages_[i] = releases(e) ? mine : at_release_fence[e.thread];
                if (e.reads && learnt && !learnt->empty()) join_into(messages_[i], *learnt);
            }
            if (e.other_thread >= 0) {
                if (e.op == operation::spawn) join_into(now[e.other_thread], mine);
                if (e.op == operation::join) join_into(mine, now[e.other_thread]);
            }
        }
        clocks_.push_back(mine);
    }
}

const event* causality::source(const trace::event& read) const {
    const int step = read.reads_from;
    if (step < 1 || step > static_cast<int>(trace_.events.size())) return nullptr;
    const trace::event& w = event(static_cast<unsigned>(step));
    return step < static_cast<int>(read.step) && w.writes ? &w : nullptr;
}

bool causality::knows(unsigned step, unsigned earlier) const {
    if (step < 1 || step > clocks_.size() || earlier < 1 || earlier > clocks_.size()) return false;
    return clocks_[step - 1][event(earlier).thread] >= earlier;
}

bool causality::happens_before(unsigned a, unsigned b) const { return a != b && knows(b, a); }

unsigned causality::last_known(unsigned step, int thread) const {
    if (step < 1 || step > clocks_.size() || thread < 0 ||
        thread >= static_cast<int>(clocks_[step - 1].size()))
        return 0;
    return clocks_[step - 1][thread];
}

std::optional<near_miss> causality::nearest_miss(unsigned earlier, unsigned later) const {
    if (earlier < 1 || later < 1 || std::max(earlier, later) > trace_.events.size()) return {};
    for (unsigned r = later; r >= 1; --r) {
        const trace::event& read = event(r);
        if (!read.reads || !is_data(read.op) || is_plain(read.op) || !knows(later, r)) continue;
        // The write it reads from, and through updates those before it.
        for (const trace::event* w = source(read); w; w = w->reads ? source(*w) : nullptr) {
            if (w->thread == read.thread || !knows(w->step, earlier)) continue;
            near_miss miss;
            miss.read = &read;
            miss.write = w;
            const clock& message = messages_[w->step - 1];
            miss.write_releases = !message.empty() && message[event(earlier).thread] >= earlier;
            miss.read_acquires = acquires(read);
            for (const trace::event& f : trace_.events) {
                if (f.thread == read.thread && is_fence(f, trace::order::acquire)) {
                    if (f.step > r && knows(later, f.step)) miss.read_acquires = true;
                    if (f.step < r) miss.early_acquire_fence = &f;
                }
                if (f.thread == w->thread && is_fence(f, trace::order::release) &&
                    f.step < w->step && !knows(f.step, earlier))
                    miss.early_release_fence = &f;
            }
            if (miss.write_releases && miss.read_acquires) continue;
            return miss;
        }
    }
    return std::nullopt;
}

}  // namespace heddle::checkers
