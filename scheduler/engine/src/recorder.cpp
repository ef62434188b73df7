#include "recorder.hpp"

#include <unwind.h>

#include <algorithm>
#include <cstring>
#include <iterator>

#include "debugging.hpp"
#include "runtime_code.hpp"

namespace heddle::scheduler {
namespace {

struct unwinding {
    void** frames;
    int count, capacity;
};

_Unwind_Reason_Code collect(_Unwind_Context* context, void* data) {
    auto& u = *static_cast<unwinding*>(data);
    if (u.count == u.capacity) return _URC_END_OF_STACK;
    // A call returns behind itself, a signal to the instruction that it came at: what is above that
    // is the handler.
    int at_signal = 0;
    const auto pc = _Unwind_GetIPInfo(context, &at_signal);
    if (at_signal) u.count = 0;
    if (pc) u.frames[u.count++] = reinterpret_cast<void*>(at_signal ? pc : pc - 1);
    return _URC_NO_REASON;
}

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

// Code of libraries and of heddle, which a user does not mean when asking "where" or "from where".
bool is_internal(std::string_view file) {
    constexpr std::string_view folders[] = {"/include/c++/",         "/bits/",
                                            "heddle/fibers/",        "heddle/scheduler/",
                                            "scheduler/engine/src/", "primitives/fibers/src/",
                                            "suites/explore/src/",   "heddle/heddle.hpp",
                                            "suites/gtest/src/",     "heddle/gtest/",
                                            "/googletest/",          "/gtest/gtest"};
    return std::any_of(std::begin(folders), std::end(folders),
                       [&](std::string_view folder) { return contains(file, folder); });
}

}  // namespace

recorder::stack_sample recorder::sample(site where) const {
    stack_sample s;
    s.given = where;
    if (hooks_.resolve) {
        unwinding u{s.frames, 0, max_frames};
        _Unwind_Backtrace(collect, &u);
        s.count = u.count;
    }
    return s;
}

const std::vector<trace::place>& recorder::places_at(void* address) {
    const auto [at, added] = places_.try_emplace(address);
    if (added && !in_runtime_code(reinterpret_cast<std::uintptr_t>(address)))
        hooks_.resolve(&address, 1, at->second);
    return at->second;
}

// The given site if it is the user's, else the innermost frame that is; its callers are the user's
// frames around it.
void recorder::resolve(const stack_sample& s, trace::place& where,
                       std::vector<trace::place>& callers) {
    const bool given = s.given.known() && !is_internal(s.given.file);
    if (given) where = {s.given.file, s.given.line, {}};
    if (!hooks_.resolve) {
        if (!given && s.given.known()) where = {s.given.file, s.given.line, {}};
        return;
    }
    bool found = false;
    for (int k = 0; k < s.count; ++k)
        for (const trace::place& p : places_at(s.frames[k])) {
            if (!p.known() || is_internal(p.file)) continue;
            if (!found) {
                found = true;
                if (!given) {
                    where = p;
                    continue;
                }
                if (p.line == where.line) continue;
            }
            if (callers.size() < 8) callers.push_back(p);
        }
    if (!given && !found && s.given.known()) where = {s.given.file, s.given.line, {}};
}

std::string recorder::thread_name(unsigned created_as) const {
    return created_as < trace_.threads.size() ? trace_.threads[created_as].name : std::string();
}

std::string recorder::object_name(object_id object) const {
    const int index = index_of(object);
    return index == trace::none ? "?" : trace_.objects[static_cast<std::size_t>(index)].name;
}

int recorder::index_of(object_id object) const {
    const auto at = objects_.find(object);
    return at == objects_.end() ? trace::none : at->second;
}

int recorder::creation(const engine& e, int slot) const {
    return slot < 0 ? trace::none : e.threads_[static_cast<unsigned>(slot)].created_as;
}

void recorder::begin(engine& e) {
    trace_ = {};
    trace_.threads.push_back({"main", trace::none, {}});
    trace_.memory_model = to_string(e.options_.memory_model);
    trace_.step_limit = e.step_limit_;
    digests_.clear();
    comparison_.reset();
    if (expected_ && !expected_->digests.empty()) comparison_.emplace(*expected_);
    samples_.clear();
    step_of_event_.clear();
    objects_.clear();
    std::memset(ordinals_, 0, sizeof ordinals_);
    blocked_samples_.assign(max_threads, {});
    timed_waits_.assign(max_threads, -1);
    has_failing_ = false;
    alive_blocks_.clear();
    allocations_ = 0;
    last_slot_ = -1;
    switches_ = preemptions_ = 0;
}

void recorder::created(engine& e, object_id object, bool waiters, value_format format,
                       unsigned bytes, site where) {
    if (autopsy_from_) return;
    const modelled_object& o = e.objects_[object];
    trace::object_record r;
    r.kind = o.kind;
    r.format = format;
    r.bytes = static_cast<std::uint8_t>(std::min(bytes, 8U));
    if (!waiters)
        r.name = std::string(name_of(o.kind)) + "-" +
                 std::to_string(++ordinals_[static_cast<unsigned>(o.kind)]);
    if (where.known()) r.created_at = {where.file, where.line, {}};
    objects_[object] = static_cast<int>(trace_.objects.size());
    trace_.objects.push_back(std::move(r));
}

void recorder::spawned(const modelled_thread& t, site where) {
    trace::thread_record r;
    r.name = "thread-" + std::to_string(t.created_as);
    if (where.known()) r.created_at = {where.file, where.line, {}};
    if (trace_.threads.size() <= t.created_as) trace_.threads.resize(t.created_as + 1u);
    trace_.threads[t.created_as] = std::move(r);
}

void recorder::begin_timed_wait(const modelled_thread& t, std::int64_t nanoseconds) {
    timed_waits_[t.slot] = nanoseconds;
}
void recorder::end_timed_wait(const modelled_thread& t) { timed_waits_[t.slot] = -1; }

void recorder::name_object(object_id object, std::string_view name) {
    if (autopsy_from_) return;
    const int index = index_of(object);
    if (index == trace::none) return;
    auto& r = trace_.objects[static_cast<std::size_t>(index)];
    r.name = std::string(name);
    r.named = true;
}

void recorder::name_thread(const engine& e, thread_id thread, std::string_view name) {
    if (autopsy_from_) return;
    trace_.threads[e.threads_[thread].created_as].name = std::string(name);
}

trace::event& recorder::add(engine& e, operation op, int object, site where) {
    const modelled_thread& t = e.self();
    trace::event& x = trace_.events.emplace_back();
    x.step = static_cast<unsigned>(trace_.events.size());
    x.thread = t.created_as;
    x.op = op;
    x.object = object;
    x.nanoseconds = timed_waits_[t.slot];
    x.timed = x.nanoseconds >= 0;
    samples_.push_back(sample(where));
    if (autopsy_from_) return x;
    if (last_slot_ >= 0 && last_slot_ != t.slot) {
        ++switches_;
        const modelled_thread& before = e.threads_[static_cast<unsigned>(last_slot_)];
        if (before.state == run_state::exited) {
            x.reason = trace::switch_reason::exited;
        } else if (before.state != run_state::runnable) {
            x.reason = trace::switch_reason::blocked;
        } else if ((e.yielded_ >> before.slot & 1) || e.gave_way_at_ + 1 == e.steps_) {
            x.reason = trace::switch_reason::yielded;
        } else {
            x.reason = trace::switch_reason::preemption;
            ++preemptions_;
        }
    }
    last_slot_ = t.slot;
    if (x.step == e.options_.break_at) heddle_break(x.step);
    return x;
}

// One small hash a schedule step, of what the step did first.
void recorder::digest(engine& e, operation op, int object, std::uint8_t orders) {
    if (autopsy_from_) return;
    const std::size_t steps = e.steps_;
    while (digests_.size() + 1 < steps) {
        digests_.push_back(0);
        if (comparison_) comparison_->next(0);
    }
    if (digests_.size() >= steps) return;
    digests_.push_back(trace::step_digest(op, object, static_cast<order>(orders & 15)));
    if (!comparison_) return;
    const auto difference = comparison_->next(digests_.back());
    if (!difference) return;
    e.diverged_ = true;
    e.stop_nondeterminism(
        "this schedule is of another program: first difference at step " +
        (difference->first == difference->last ? std::to_string(trace_.events.size())
                                               : std::to_string(difference->first + 1) + " to " +
                                                     std::to_string(difference->last + 1)) +
        ", where this program performs " + std::string(name_of(op)) +
        (object >= 0 ? " on `" + trace_.objects[static_cast<std::size_t>(object)].name + "`"
                     : std::string()));
}

void recorder::accessed(engine& e, event_index i, site where) {
    const event& x = (*e.graph_)[i];
    const int object = index_of(x.object);
    trace::event& t = add(e, x.op, object, where);
    t.memory_order = static_cast<order>(x.order_bits());
    t.reads = x.reads();
    t.writes = x.writes();
    t.before = x.read_value;
    t.after = x.value;
    t.spurious = x.spurious;
    t.timed_out = (x.op == operation::wait_timed && x.kind == update_event) ||
                  (x.op == operation::timed_try_lock && x.kind == read_event);
    if (step_of_event_.size() <= static_cast<std::size_t>(i))
        step_of_event_.resize(static_cast<std::size_t>(i) + 1, 0);
    step_of_event_[static_cast<std::size_t>(i)] = static_cast<int>(t.step);
    if (x.reads()) {
        t.reads_from =
            x.reads_from < 0 ? trace::none : step_of_event_[static_cast<std::size_t>(x.reads_from)];
        const event_index newest = e.newest(x.object);
        t.stale = x.kind == read_event && x.reads_from != newest && x.op != operation::wait_wake &&
                  x.op != operation::wait_timed;
    }
    if (x.op == operation::notify_one || x.op == operation::notify_all)
        for (std::uint64_t m = x.kind == update_event ? x.read_value & ~x.value : 0; m; m &= m - 1)
            t.woken.push_back(creation(e, __builtin_ctzll(m)));
    if (expected_events_) compare(e, i, where);
    digest(e, x.op, object, x.orders);
}

void recorder::compare(engine& e, event_index i, site where) {
    const auto at = static_cast<std::size_t>(i);
    const event& x = (*e.graph_)[i];
    if (at < expected_events_->size() && print_of(x) == (*expected_events_)[at]) return;
    const int object = index_of(x.object);
    std::string text = "an execution was run again by the same schedule: at step " +
                       std::to_string(trace_.events.size()) + " this run performs ";
    text += at < expected_events_->size() ? difference_of((*expected_events_)[at], print_of(x))
                                          : std::string(name_of(x.op)) + ", after the other's end";
    if (object >= 0) text += ", on `" + trace_.objects[static_cast<std::size_t>(object)].name + "`";
    finding f;
    f.where = where;
    f.message = std::move(text);
    e.stop_nondeterminism(std::move(f));
}

void recorder::blocked(engine& e, modelled_thread& t) {
    if (autopsy_from_) return;
    const bool joining = t.state == run_state::joining;
    const operation op = joining ? operation::join : t.pending.op;
    const int object = joining ? trace::none : index_of(t.pending.object);
    trace::event& x = add(e, op, object, t.blocked_at);
    x.blocked = true;
    if (joining) x.other_thread = creation(e, t.joining);
    t.blocked_since = x.step;
    blocked_samples_[t.slot] = samples_.back();
    if (!joining && op != operation::wait_wake) digest(e, op, object, t.pending.orders);
}

void recorder::plain(engine& e, object_id object, bool is_write, std::uint64_t bits, site where) {
    trace::event& x =
        add(e, is_write ? operation::plain_write : operation::plain_read, index_of(object), where);
    x.memory_order = order::relaxed;
    (is_write ? x.writes : x.reads) = true;
    (is_write ? x.after : x.before) = bits;
}

void recorder::other(engine& e, operation op, object_id object, int other_slot, std::uint8_t orders,
                     site where) {
    trace::event& x = add(e, op, object == no_object ? trace::none : index_of(object), where);
    x.other_thread = creation(e, other_slot);
    // The engine has fences that are part of the order S and nothing else; reports know none such.
    x.memory_order = orders & total_order_bit ? order::seq_cst : static_cast<order>(orders);
}

void recorder::unwatched(engine& e, const unwatched_race& race) {
    const auto take = [&](const unwatched_race::access& a, int slot, stack_sample& sample) {
        sample = {};
        sample.count = a.count;
        std::copy_n(a.frames, a.count, sample.frames);
        trace_.unwatched.push_back({a.writes, a.bytes, creation(e, slot), {}, {}});
    };
    take(race.earlier, race.earlier_slot, unwatched_);
    take(race.later, e.self().slot, failing_);
    has_failing_ = true;
}

void recorder::choice(engine& e, operation op, object_id object, std::uint32_t value, site where) {
    trace::event& x = add(e, op, object == no_object ? trace::none : index_of(object), where);
    x.writes = true;
    x.after = value;
    x.timed_out = op == operation::wait_late && value != 0;
}

void recorder::expired(engine& e, const modelled_thread& t, site where) {
    const int object = t.pending.op == operation::sleep ? trace::none : index_of(t.pending.object);
    add(e, operation::expire, object, where).timed_out = true;
    digest(e, operation::expire, object, 0);
}

void recorder::clock(engine& e, std::int64_t nanoseconds, site where) {
    trace::event& x = add(e, operation::clock_read, trace::none, where);
    x.reads = true;
    x.before = static_cast<std::uint64_t>(nanoseconds);
}

void recorder::log(engine& e, std::string_view text, site where) {
    add(e, operation::log, trace::none, where).text = std::string(text);
}

void recorder::thread_end(engine& e, const modelled_thread&) {
    add(e, operation::thread_end, trace::none, {});
}

void recorder::misuse(engine&, site where) {
    if (autopsy_from_) return;
    failing_ = sample(where);
    has_failing_ = true;
}

void recorder::begin_autopsy() { autopsy_from_ = trace_.events.size(); }

void recorder::end_autopsy(bool left) {
    const auto from = static_cast<std::ptrdiff_t>(*autopsy_from_);
    autopsy_from_.reset();
    if (left) {
        trace_.if_woken.assign(trace_.events.begin() + from, trace_.events.end());
        for (std::size_t k = 0; k < trace_.if_woken.size(); ++k)
            resolve(samples_[static_cast<std::size_t>(from) + k], trace_.if_woken[k].where,
                    trace_.if_woken[k].callers);
    }
    trace_.events.erase(trace_.events.begin() + from, trace_.events.end());
    samples_.resize(static_cast<std::size_t>(from));
}

void recorder::allocated(engine& e, const void* block, std::size_t bytes) {
    if (!e.options_.detect_leaks || autopsy_from_) return;
    const int thread = creation(e, e.self().slot);
    unsigned step = 0;
    for (auto it = trace_.events.rbegin(); it != trace_.events.rend() && !step; ++it)
        if (it->thread == thread) step = it->step;
    alive_blocks_[block] = {bytes, ++allocations_, thread, step, sample({})};
}

void recorder::released(const void* block) { alive_blocks_.erase(block); }

void recorder::cut(const extent& kept, std::size_t steps) {
    trace_.events.resize(kept.events);
    samples_.resize(kept.events);
    switches_ = kept.switches;
    preemptions_ = kept.preemptions;
    digests_.resize(std::min(digests_.size(), steps));
}

void recorder::stopped_outright() {
    failing_ = sample({});
    has_failing_ = true;
}

void recorder::soft_failure(engine& e) { misuse(e, e.finding_.where); }

void recorder::list_leaks() {
    std::vector<const allocation*> blocks;
    for (const auto& [address, block] : alive_blocks_) blocks.push_back(&block);
    std::sort(blocks.begin(), blocks.end(),
              [](const allocation* a, const allocation* b) { return a->order < b->order; });
    for (const allocation* b : blocks) {
        trace::leaked_block& out = trace_.leaked.emplace_back();
        out.bytes = b->bytes;
        out.thread = b->thread;
        out.step = b->step;
        resolve(b->sample, out.where, out.callers);
    }
}

void recorder::end(engine& e) {
    std::vector<trace::place> ignored;
    for (std::size_t k = 0; k < trace_.events.size(); ++k)
        resolve(samples_[k], trace_.events[k].where, trace_.events[k].callers);

    for (const auto& [id, index] : objects_) {  // the waiters of an atomic go by its name
        auto& r = trace_.objects[static_cast<std::size_t>(index)];
        if (r.name.empty()) r.name = trace_.objects[static_cast<std::size_t>(index) - 1].name;
    }
    trace_.ends.assign(trace_.threads.size(), {});
    for (unsigned s = 0; s < e.thread_slots_; ++s) {
        const modelled_thread& t = e.threads_[s];
        if (s && t.state == run_state::off) continue;
        const std::size_t index = t.created_as;
        if (index >= trace_.threads.size()) continue;
        if (s) trace_.threads[index].parent = creation(e, t.parent);
        trace::thread_end& end = trace_.ends[index];
        end.state = t.state == run_state::exited     ? trace::thread_state::exited
                    : t.state == run_state::runnable ? trace::thread_state::runnable
                                                     : trace::thread_state::blocked;
        if (end.state != trace::thread_state::blocked) continue;
        end.since = t.blocked_since;
        resolve(blocked_samples_[s], end.where, end.callers);
        if (t.state == run_state::joining) {
            end.waiting_in = operation::join;
            end.other_thread = creation(e, t.joining);
        } else if (t.state == run_state::spinning) {
            end.spinning = true;
            end.waiting_in = operation::load;
            for (auto it = trace_.events.rbegin(); it != trace_.events.rend(); ++it)
                if (it->thread == static_cast<int>(index)) {
                    end.object = it->object;
                    end.waiting_in = it->op;
                    end.since = it->step;
                    end.where = it->where;
                    break;
                }
        } else {
            end.waiting_in = t.pending.op;
            end.object = index_of(t.pending.object);
            end.timed = t.expires;
            end.nanoseconds = timed_waits_[t.slot];
        }
    }
    for (const auto& [id, index] : objects_) {
        const int holder = e.objects_[id].holder;
        if (holder < 0) continue;
        trace::holding h{index, creation(e, holder), 0};
        for (const trace::event& x : trace_.events)
            if (x.object == index && x.thread == h.thread && x.writes &&
                (x.op == operation::lock || x.op == operation::try_lock ||
                 x.op == operation::lock_all || x.op == operation::timed_lock ||
                 x.op == operation::timed_try_lock))
                h.step = x.step;
        trace_.holdings.push_back(h);
    }

    if (!trace_.unwatched.empty()) {
        trace::unwatched_access& earlier = trace_.unwatched.front();
        trace::unwatched_access& later = trace_.unwatched.back();
        resolve(unwatched_, earlier.where, earlier.callers);
        resolve(failing_, later.where, later.callers);
    }

    const finding& f = e.finding_;
    if (f.why == trace::stop::leak) list_leaks();
    trace_.why = f.why;
    trace_.misuse = f.misuse;
    trace_.how_it_died = f.death;
    if (f.slot >= 0) trace_.thread = creation(e, f.slot);
    trace_.object = f.object == no_object ? trace::none : index_of(f.object);
    trace_.owner_exited = f.owner_exited;
    trace_.passing_waiter = creation(e, f.passing_waiter);
    trace_.message = f.message;
    for (const int slot : f.cycle) trace_.cycle.push_back(creation(e, slot));
    if (has_failing_)
        resolve(failing_, trace_.where, ignored);
    else if (f.where.known())
        trace_.where = {f.where.file, f.where.line, {}};
    for (auto it = trace_.events.rbegin(); it != trace_.events.rend(); ++it)
        if (it->thread == trace_.thread && it->op != operation::log) {
            trace_.step = it->step;
            break;
        }
    if (f.other_slot >= 0) {
        const int other = creation(e, f.other_slot);
        // The other side of a race is the latest conflicting access of that thread; of a misuse,
        // its latest step there.
        const bool race = f.why == trace::stop::data_race;
        const bool wrote = race && trace_.step && trace_.events[trace_.step - 1].writes;
        for (auto it = trace_.events.rbegin(); it != trace_.events.rend(); ++it)
            if (it->thread == other && it->object == trace_.object &&
                (!race || wrote || it->writes)) {
                trace_.other_step = it->step;
                break;
            }
    }
}

}  // namespace heddle::scheduler
