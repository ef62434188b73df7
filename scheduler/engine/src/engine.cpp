#include "engine.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "machine_state.hpp"
#include "recorder.hpp"

namespace heddle::scheduler {

constinit thread_local engine* current_engine = nullptr;

namespace {

// AddressSanitizer cleans the stack before a call that does not return, with a system call: here
// there is nothing to clean (`fiber_pool::reset`), and each abandoned execution would pay for it.
__attribute__((no_sanitize("address"))) void enter_thread(fiber& f) {
    current_engine->run_thread(f);
}

}  // namespace

engine::engine(const options& o, body_function body, void* body_data, unsigned words)
    : options_(o),
      body_(body),
      body_data_(body_data),
      words_(words),
      rules_(o.memory_model, o.step_limit + graph_slack, true),
      fibers_(enter_thread, o.stack_bytes),
      threads_(std::size_t{words} * threads_per_word),
      order_(new std::uint8_t[o.step_limit + 1]),
      step_limit_(o.step_limit) {
    frames_.push_back(std::make_unique<frame>(step_limit_ + graph_slack, words_));
    graph_ = &frames_[0]->graph;
    for (std::size_t i = 0; i < threads_.size(); ++i)
        threads_[i].slot = static_cast<std::uint16_t>(i);
    thread_slots_ = 1;
    exceptions_ = this_thread_exception_globals();
    controller_.fresh = false;
}

engine::~engine() = default;

void engine::adopt(const options& o, body_function body, void* body_data) {
    options_ = o;
    body_ = body;
    body_data_ = body_data;
    rules_.set_model(o.memory_model);
    unlimited_weak_failures_ = watch_spins_ = has_waits_ = has_timed_waits_ = false;
    wanted_words_ = 0;
    sites_ = nullptr;
    learns_ = false;
    next_look_ = first_look;
    trial_ = {};
    guide_ = nullptr;
    recorder_ = nullptr;
    passed_ = {};
    dfs_.clear();
    exceptions_ = this_thread_exception_globals();
}

void engine::begin_forward(mode m) {
    mode_ = m;
    depth_ = 0;
    graph_ = &frames_[0]->graph;
    // A thread that polls has to know what follows from its looks.
    rules_.set_track_causes(watch_spins_ && m == mode::depth_first);
    if (m == mode::guided) {
        graph_->clear(object_count_, thread_slots_);
        return;
    }
    for (unsigned t = 0; t < thread_slots_; ++t) {
        threads_[t].object_ids.clear();
        threads_[t].child_slots.clear();
    }
    graph_->clear(0, thread_slots_);  // objects are entered anew
    object_count_ = 0;
    thread_slots_ = 1;
    rules_.set_threads(1);
}

void engine::begin_exhaustive() {
    begin_forward(mode::exhaustive);
    rules_.set_track_causes(true);
    for (auto& f : frames_) {
        f->work.clear();
        f->probes.clear();
    }
    level_ = 0;
    explored_ = 0;
}

void engine::begin_run() {
    ++runs_;
    steps_ = plain_steps_ = choice_ordinal_ = 0;
    preemptions_ = disguised_preemptions_ = times_given_way_ = gave_way_at_ = last_progress_ =
        last_expiry_ = plain_bursts_ = 0;
    choices_.clear();
    outcome_parts_.clear();
    read_clocks_used_ = 0;
    replay_choice_at_ = 0;
    if (mode_ == mode::tolerant) {
        wish_at_ = 1;
        wish_counts_.fill(0);
        wish_counts_[0] = 1;
    }
    dfs_at_ = 0;
    timed_until_ = 0;
    latest_time_ = 0;
    spurious_left_ = options_.spurious_bound;
    assumption_failed_ = thread_failed_ = soft_failed_ = autopsy_ = diverged_ = warms_up_ = false;
    finding_.why = trace::stop::completed;
    passed_.begin_run();
    for (unsigned t = 0; t < thread_slots_; ++t) {
        threads_[t].state = run_state::off;
        threads_[t].position = 0;
    }
    ready_ = 1;
    blocked_ = yielded_ = spinning_ = woken_ = 0;
    live_ = created_ = 1;
    blocks_ = 0;
    modelled_thread& main = threads_[0];
    main.begin_run();
    main.stack = &fibers_.at(0);
    main.state = run_state::runnable;
    main.created_as = 0;
    main.entry = nullptr;
    path_ = recorder_ || watch_spins_   ? path::general
            : mode_ == mode::random     ? path::sampling
            : mode_ == mode::exhaustive ? path::proving
                                        : path::general;
    trial_.slot = -1;
    last_to_go_on_ = 0;
    stuck_at_.events = 0;
    event_alarm_ = (learns_ || samples()) && !watch_spins_
                       ? std::min(step_limit_, samples() ? first_look_of_samples : next_look_)
                       : step_limit_;
    probes_states_ = watch_spins_ && !samples();
    if (watch_spins_) begin_polls();
    if (recorder_) recorder_->begin(*this);
    current_ = &main;
    // Its start, so that a choice before any other step has a step to belong to.
    if (mode_ != mode::exhaustive) order_[steps_++] = 0;
}

ending engine::run(next_run next) {
    next_run_ = next;
    begin_run();
    current_engine = this;
    heap::body_level = &body_level_;
    heddle_watch_spins = probes_states_;
    controller_.sanitizer.be_the_caller();
    sanitizer_clocks_.begin_execution();
    sanitizer_vars_.begin_execution();
    switch_fiber(controller_, *threads_[0].stack, exceptions_);
    sanitizer_clocks_.end_execution();
    body_level_ = 0;
    if (ending_ == ending::stuck) classify_stuck();
    if (recorder_) recorder_->end(*this);
    current_engine = nullptr;
    heap::body_level = nullptr;
    if (!open_statics_.empty()) drop_open_statics();
    if (warms_up_) ending_ = ending::restart;
    heap_.end_execution(live_ == 0);
    if (ending_ != ending::complete)
        for (unsigned t = 0; t < thread_slots_; ++t)
            if (threads_[t].stack && !threads_[t].stack->parked) fibers_.reset(*threads_[t].stack);
    if (set_up_error_) std::rethrow_exception(std::exchange(set_up_error_, nullptr));
    return ending_;
}

void engine::leave(ending e) {
    if (trial_.slot >= 0 && e != ending::restart && e != ending::again) end_trial();
    ending_ = e;
    passed_.unfinished |= e == ending::failed && live_ && !autopsy_;
    current_->stack->parked = false;
    switch_fiber(*current_->stack, controller_, exceptions_);
    std::abort();  // a stack that was left is dropped, never resumed
}

void engine::run_thread(fiber& f) {
    for (;;) {
        modelled_thread& t = *current_;
        f.parked = false;
        if (probes_states_) clear_stack_below();
        if constexpr (thread_sanitizer) {
            sanitizer_clocks_.begin_thread();
            return_to_body();
        }
        body_level_ = 1;
        if (!probes_states_)
            t.entry ? t.entry(f.callable_storage()) : body_(body_data_);
        else if (t.entry)
            call_with_clear_registers(t.entry, f.callable_storage(), &f.frames_end);
        else
            call_with_clear_registers(body_, body_data_, &f.frames_end);
        body_level_ = 0;
        if constexpr (thread_sanitizer) enter_from_body(true);
        thread_exited();
    }
}

void engine::thread_exited() {
    modelled_thread& t = *current_;
    if (trial_.slot == t.slot) end_trial(unlimited);
    stuck_at_.events = 0;
    if (autopsy_) autopsy_step(operation::thread_end, no_object, {});
    if (replaying(t)) [[unlikely]]
        depart((*graph_)[graph_->at(t.slot, t.position)], operation::thread_end, no_object, {});
    count_start(t);
    sanitizer_clocks_.end_thread(t.slot, t.position);
    if (recorder_) recorder_->thread_end(*this, t);
    t.state = run_state::exited;
    t.stack->parked = true;
    last_progress_ = steps_;
    ready_ &= ~(std::uint64_t{1} << t.slot);
    yielded_ = 0;
    --live_;
    for (; t.joiners; t.joiners &= t.joiners - 1) {
        const auto s = static_cast<unsigned>(__builtin_ctzll(t.joiners));
        threads_[s].state = run_state::runnable;
        ready_ |= std::uint64_t{1} << s;
    }
    if (live_ == 0) {
        stop_if_threads_are_left();
        if (options_.detect_leaks && heap_.blocks_alive()) {
            finding f;
            f.why = trace::stop::leak;
            note(std::move(f));
        }
        ending_ = soft_failed_ ? ending::failed : ending::complete;
        if (begin_next_run()) return;
        switch_fiber(*t.stack, controller_, exceptions_);
        return;
    }
    schedule_away();
}

// The next execution runs on from here, without a switch to the controller and back.
bool engine::begin_next_run() {
    if constexpr (thread_sanitizer) return false;
    if (!next_run_.set_up || path_ == path::general || current_->slot != 0 ||
        ending_ != ending::complete || warms_up_ || !open_statics_.empty())
        return false;
    current_engine = nullptr;  // for those who watch, no execution is under way
    bool goes_on = false;
    try {
        heap_.end_execution(true);
        goes_on = next_run_.set_up(next_run_.data);
    } catch (...) {
        set_up_error_ = std::current_exception();
    }
    current_engine = this;
    if (goes_on) begin_run();
    return goes_on;
}

// The current thread cannot go on: another is picked, or all are stuck.
void engine::schedule_away() {
    if (autopsy_) leave(ending::stuck);
    if (!ready_ && trial_.slot >= 0 && !expire_earliest()) end_trial();
    if (!ready_ && !expire_earliest() && !let_poller_go_on()) {
        ending_ = ending::stuck;
        switch_fiber(*current_->stack, controller_, exceptions_);
        return;
    }
    modelled_thread& next = pick();
    if (&next != current_) switch_to(next);
}

std::uint64_t engine::descent_of(unsigned slot) const noexcept {
    if (slot == 0) return 1;
    const modelled_thread& t = threads_[slot];
    return descent_of(static_cast<unsigned>(t.parent)) << (t.child_number + 1) | 1;
}

std::uint64_t engine::identity_of(object_id object) const noexcept {
    for (unsigned s = 0; s < thread_slots_; ++s) {
        const auto& ids = threads_[s].object_ids;
        for (std::size_t n = 0; n < ids.size(); ++n)
            // The waiters of an atomic go with it.
            if (ids[n] == object || (ids[n] + 1 == object && objects_[object].waits_beside_atomic))
                return descent_of(s) * 65'536 + n;
    }
    return 0;
}

bool engine::next_depth_first() {
    while (!dfs_.empty() && dfs_.back().taken + 1 >= dfs_.back().of) dfs_.pop_back();
    if (dfs_.empty()) return false;
    ++dfs_.back().taken;
    return true;
}

void engine::block(modelled_thread& t) {
    const std::uint64_t bit = std::uint64_t{1} << t.slot;
    t.state = run_state::blocked;
    t.blocked_order = blocks_++;
    ready_ &= ~bit;
    blocked_ |= bit;
    if (recorder_) recorder_->blocked(*this, t);
    if (autopsy_) leave(ending::stuck);
    look_for_cycle(t);
    if (t.expires) count_start(t);  // its time runs
    schedule_away();
    woken_ &= ~bit;
}

void engine::wake_waiters(unsigned object) {
    const std::uint64_t value = value_of(newest(object), object);
    for (std::uint64_t m = blocked_; m; m &= m - 1) {
        modelled_thread& t = threads_[static_cast<unsigned>(__builtin_ctzll(m))];
        if (t.pending.object != object) continue;
        const std::uint64_t bit = std::uint64_t{1} << t.slot;
        // Awaits decide for themselves: an older value may do.
        if (is_lock(t.pending.op)) {
            if (value) continue;
            woken_ |= bit;
        } else if (t.pending.op == operation::wait_wake && (value & bit)) {
            continue;  // not notified
        }
        blocked_ &= ~bit;
        ready_ |= bit;
        t.state = run_state::runnable;
        stuck_at_.events = 0;
    }
    for (std::uint64_t m = spinning_; m; m &= m - 1) {
        modelled_thread& t = threads_[static_cast<unsigned>(__builtin_ctzll(m))];
        if (!polls_[t.slot].waits || !lets_go_on(t, object)) continue;
        wake_spinning(t);
        stuck_at_.events = 0;
    }
    // The exhaustive strategy revisits the reads, but for those before a barrier.
    if (spinning_ && (mode_ == mode::depth_first || graph_->settled))
        for (std::uint64_t m = spinning_; m; m &= m - 1) {
            modelled_thread& t = threads_[static_cast<unsigned>(__builtin_ctzll(m))];
            if (polls_[t.slot].waits) continue;
            for (unsigned k = t.spin_from; k < t.position; ++k)
                if (mode_ == mode::depth_first ? (*graph_)[graph_->at(t.slot, k)].object == object
                                               : settled_reads_changed(t, k)) {
                    wake_spinning(t);
                    stuck_at_.events = 0;
                    break;
                }
        }
}

// Before a recorded read returns, the thread of its source must have passed that source: plain
// memory is real. A thread that is not started yet, or stands in a join, cannot run: its creator,
// or the joined thread, goes first.
void engine::wait_for_source(event_index w) {
    const event& source = (*graph_)[w];
    modelled_thread& from = threads_[source.thread];
    const unsigned index = source.index;
    while (from.position <= index) {
        modelled_thread* t = &from;
        for (;;) {
            if (t->state == run_state::off)
                t = &threads_[graph_->created_by[t->slot] >> 16];
            else if (t->state == run_state::joining)
                t = &threads_[static_cast<unsigned>(t->joining)];
            else
                break;
        }
        switch_amid_event(*t);
    }
}

unsigned engine::reserve_child(site where) {
    modelled_thread& parent = *current_;
    const unsigned k = parent.children++;
    if (k == parent.child_slots.size()) {
        if (thread_slots_ == max_threads)
            stop_misuse(trace::misuse_kind::too_many_threads, no_object, -1, where);
        if (thread_slots_ == words_ * threads_per_word) {
            wanted_words_ = words_ * 2;
            leave(ending::restart);
        }
        // Deeper frames were last cleared for the threads that were known then, of this search or
        // of an earlier one.
        for (const auto& f : frames_) f->graph.forget_thread(thread_slots_);
        parent.child_slots.push_back(static_cast<std::uint16_t>(thread_slots_++));
        rules_.set_threads(thread_slots_);
    }
    const unsigned slot = parent.child_slots[k];
    modelled_thread& t = threads_[slot];
    t.begin_run();
    t.stack = &fibers_.at(slot);
    t.parent = static_cast<std::int16_t>(parent.slot);
    t.child_number = static_cast<std::uint16_t>(k);
    t.created_as = static_cast<std::uint16_t>(created_++);
    t.joinable = true;
    if (watch_spins_) polls_[slot].begin_run();
    if (recorder_) recorder_->spawned(t, where);
    return slot;
}

object_id engine::new_object(object_kind kind, std::uint64_t value, unsigned bytes,
                             value_format format, site where) {
    modelled_thread& t = *current_;
    // An atomic brings the set of its waiters along, as the object after it.
    const bool with_waiters = kind == object_kind::atomic || kind == object_kind::atomic_flag;
    const object_id id =
        t.objects < t.object_ids.size() ? t.object_ids[t.objects] : enter_object(t, with_waiters);
    ++t.objects;
    const std::uint64_t mask =
        bytes >= 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << (bytes * 8)) - 1;
    objects_[id] = {.value = value, .mask = mask, .kind = kind};
    if (with_waiters)
        objects_[id + 1] = {.kind = object_kind::condition_variable, .waits_beside_atomic = true};
    if (recorder_) [[unlikely]] {
        recorder_->created(*this, id, false, format, bytes, where);
        if (with_waiters) recorder_->created(*this, id + 1, true, format, bytes, where);
    }
    return id;
}

object_id engine::enter_object(modelled_thread& t, bool with_waiters) {
    if (object_count_ + 2 > max_objects) [[unlikely]]
        stop_too_many_objects();
    const object_id id = object_count_;
    object_count_ += with_waiters ? 2 : 1;
    if (objects_.size() < object_count_) objects_.resize(object_count_);
    rules_.set_objects(object_count_);
    t.object_ids.push_back(id);
    const auto clear = [&](event_graph& g) {
        g.locations[id] = location{};
        if (with_waiters) g.locations[id + 1] = location{};
    };
    if (mode_ == mode::exhaustive)
        for (auto& f : frames_) clear(f->graph);
    else
        clear(*graph_);
    return id;
}

}  // namespace heddle::scheduler
