// The engine of one OS thread: its modelled threads, its event graph, and the run of one execution
// at a time.
//
// Hot path of an operation: is it recorded in the graph (replay: return the recorded value)? Else a
// schedule point (other strategies than the exhaustive one choose a thread and maybe switch), then
// the memory model adds the event.
#pragma once

#include <heddle/scheduler/explore.hpp>
#include <heddle/scheduler/hooks.hpp>
#include <heddle/scheduler/options.hpp>

#include <array>
#include <cassert>
#include <exception>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "event_graph.hpp"
#include "execution_heap.hpp"
#include "fiber_pool.hpp"
#include "finding.hpp"
#include "memory_model.hpp"
#include "modelled_thread.hpp"
#include "passed_findings.hpp"
#include "pending_work.hpp"
#include "polling.hpp"
#include "program_code.hpp"
#include "random.hpp"
#include "run_kinds.hpp"

namespace heddle::scheduler {

class adversary;
class fair_cycle;
class recorder;

inline constexpr std::uint64_t whole_search = std::uint64_t{1} << 63;
// Room in a graph beyond the step limit, for the events that the search itself appends.
inline constexpr unsigned graph_slack = 64;

class engine {
public:
    engine(const options& o, body_function body, void* body_data, unsigned words);
    ~engine();
    // Whether `adopt` can make this engine serve a search with these options.
    bool fits(const options& o, unsigned words) const noexcept {
        return words == words_ && o.step_limit == step_limit_ &&
               o.stack_bytes == fibers_.stack_bytes();
    }
    // Serves another search: as new, but with its stacks and graphs already there.
    void adopt(const options& o, body_function body, void* body_data);

    // ---- one execution
    // Called on the stack of main, after an execution that ended well: counts it and sets up the
    // graph of another one; or returns false, and has counted nothing.
    struct next_run {
        bool (*set_up)(void*) = nullptr;
        void* data = nullptr;
    };
    // From the start of the body, in the current mode; and again as long as `next` sets up more.
    ending run(next_run next);
    ending run() { return run(next_run{}); }
    void begin_forward(mode m);  // an empty graph, for all modes but the exhaustive one
    void begin_exhaustive();
    double explored_share() const noexcept;  // of the exhaustive or the depth-first search
    bool next_graph();  // exhaustive: the next graph to run, or false at the end of the search
    bool next_depth_first();  // depth_first: advances the stack of choices
    void push_probes();       // exhaustive, after a stuck run
    bool spent_spurious(event_index upto) const;

    // ---- operations, called through hooks
    modelled_thread& self() noexcept { return *current_; }
    event_graph& graph() noexcept { return *graph_; }
    bool replaying(const modelled_thread& t) const noexcept {
        return t.position < graph_->count[t.slot];
    }

    std::uint64_t read(object_id object, operation op, std::uint8_t orders, std::uint64_t operand,
                       std::uint64_t expected, site where, bool* wrote);
    void write(object_id object, operation op, std::uint64_t value, std::uint8_t orders,
               site where);
    void lock(object_id object, operation op, bool with_point, site where);
    std::uint64_t await(object_id object, operation op, std::uint8_t orders, std::uint64_t value,
                        std::uint64_t operand, std::uint64_t expected, site where);
    void fence(std::uint8_t orders, site where);
    std::uint32_t choose_value(std::uint32_t n, site where, bool spurious,
                               operation op = operation::choose, std::uint64_t expected = 0,
                               object_id object = no_object);
    void lock_all(const object_id* objects, std::size_t count, site where);
    [[noreturn, gnu::cold]] void stop_relock(object_id object, operation op, site where);
    [[gnu::always_inline]] inline void wake(object_id object, site where);
    void atomic_wait(object_id object, object_id waiters, std::uint64_t old, std::uint8_t orders,
                     site where);
    std::int64_t virtual_time();
    std::int64_t read_clock(site where);
    std::int64_t deadline_after(std::int64_t nanoseconds);
    void sleep_until(std::int64_t deadline, site where);
    bool try_lock_until(object_id object, std::int64_t deadline, site where);
    hooks::wait_result wake_until(object_id object, std::int64_t deadline, site where);
    bool notified_late(object_id object, std::int64_t deadline, site where);
    void yield_lock_to(object_id object);
    void plain_access(access_shadow& shadow, bool is_write, std::uint64_t bits, site where);
    void mixed_access(access_shadow& plain, access_shadow& atomic, bool is_write, bool is_atomic,
                      site where);
    std::uint32_t racing_epoch(const access_shadow& shadow, bool is_write);
    void note_access(access_shadow& shadow, bool is_write);
    [[gnu::cold]] void meet_race(object_id object, std::uint32_t other, site where);
    [[gnu::cold]] void give_turn();
    void start(unsigned slot, void (*entry)(void*), site where);
    void join(unsigned slot, site where);
    unsigned reserve_child(site where);
    object_id new_object(object_kind kind, std::uint64_t value, unsigned bytes, value_format format,
                         site where);
    void yield(operation op, site where);
    // Statics, by the word of their guard; true: the caller initialises.
    [[gnu::cold]] bool acquire_static(int* guard);
    [[gnu::cold]] void release_static(int* guard, bool initialised);
    void drop_open_statics() noexcept;
    // exhaustive, depth_first: a look at an object begins in this machine state
    [[gnu::cold]] void probe_state(machine_view seen, operation op, object_id object, site where);

    [[noreturn, gnu::cold]] void stop(finding f);
    [[gnu::cold]] void note(finding f);         // fails the execution, and lets it run on
    [[gnu::cold]] void keep(const finding& f);  // keep_going: among those of this run
    // The same from anywhere in the code of the current thread, a signal handler among it.
    [[noreturn, gnu::cold]] void stop_outright(finding f);
    [[noreturn, gnu::cold]] void stop_misuse(trace::misuse_kind kind, object_id object,
                                             int other_slot, site where);
    [[noreturn, gnu::cold]] void drop_thread();
    [[noreturn, gnu::cold]] void leave(ending e);  // to the controller, for good
    void check_object(object_id object, site where) {
        if (object >= object_count_ || !objects_[object].alive) [[unlikely]]
            bad_object(object, where);
    }
    [[noreturn, gnu::cold]] void bad_object(object_id object, site where);
    clock_ref now() noexcept { return rules_.happens_before_of(*graph_, last_event(*current_)); }

    // ---- state of the exploration
    options options_;
    body_function body_;
    void* body_data_;
    mode mode_ = mode::exhaustive;
    path path_ = path::general;  // of this run
    bool unlimited_weak_failures_ = false;
    bool watch_spins_ = false;       // look for loops that wait, at each read
    polled_sites* sites_ = nullptr;  // what the search knows of them
    bool learns_ = false;            // and may learn in this run
    bool probes_states_ = false;     // by comparing states of the machine, in this run
    unsigned wanted_words_ = 0;      // restart: with clocks this wide
    unsigned words_;
    memory_rules rules_;
    fiber_pool fibers_;
    execution_heap& heap_ = execution_heap::of_this_os_thread();
    fiber controller_;
    sanitizer_clocks sanitizer_clocks_;
    sanitizer_vars sanitizer_vars_;
    exception_globals* exceptions_ = nullptr;
    std::vector<std::unique_ptr<frame>> frames_;
    std::uint8_t level_ = 0;      // of the branch that is run
    std::uint64_t explored_ = 0;  // share of `whole_search` that is done, an estimate
    int depth_ = 0;
    event_graph* graph_ = nullptr;
    event_graph* guide_ = nullptr;  // guided: the graph to rebuild
    std::vector<modelled_thread> threads_;
    unsigned thread_slots_ = 0;  // slots with an identity
    std::vector<modelled_object> objects_;
    unsigned object_count_ = 0;
    random_source random_;
    recorder* recorder_ = nullptr;  // explained re-run only
    std::vector<std::string> outcome_parts_;
    bool has_timed_waits_ = false;
    bool has_waits_ = false;  // some wait or weak compare-exchange could end spuriously

    // ---- state of the run
    modelled_thread* current_ = nullptr;
    int body_level_ = 0;             // heap::in_body
    event_index added_after_ = nil;  // sampling: what the current thread's newest event follows
    std::uint64_t ready_ = 0, blocked_ = 0, yielded_ = 0, spinning_ = 0;
    std::uint64_t woken_ = 0;  // ready for a lock that was freed, and not run since
    unsigned live_ = 0, created_ = 0, blocks_ = 0;
    bool assumption_failed_ = false, thread_failed_ = false;
    bool autopsy_ = false, autopsy_left_ = false;
    bool soft_failed_ = false;  // `note` was called
    passed_findings passed_;
    bool speculates_ = false;  // its schedules are only tried: a body that crashes harms nobody
    ending ending_ = ending::complete;
    finding finding_;
    std::unique_ptr<std::uint8_t[]> order_;  // slot that made each schedule step
    unsigned steps_ = 0;                     // how many
    std::uint64_t runs_ = 0;                 // in the life of the engine
    next_run next_run_;
    std::exception_ptr set_up_error_;
    unsigned step_limit_;
    unsigned event_alarm_ = 0;  // events at which the length of the graph is looked at
    unsigned next_look_ = first_look;
    static constexpr unsigned first_look = 64, first_look_of_samples = 1'024;
    unsigned plain_steps_ = 0;   // plain accesses since the last schedule step
    unsigned plain_bursts_ = 0;  // long runs of them with nobody else to run
    unsigned spurious_left_ = 0;
    unsigned preemptions_ = 0, disguised_preemptions_ = 0;
    unsigned times_given_way_ = 0;  // in that step
    unsigned gave_way_at_ = 0;      // step in which a thread last called yield; 0: none did
    unsigned last_progress_ = 0;    // step of the last write
    unsigned last_expiry_ = 0;      // step of the last timeout for want of anything else to run
    std::vector<made_choice> choices_;
    std::vector<std::vector<std::uint16_t>> read_clocks_;
    unsigned read_clocks_used_ = 0;
    std::vector<std::int64_t> times_;  // of the first `timed_until_` events
    event_index timed_until_ = 0;
    std::int64_t latest_time_ = 0;

    // ---- loops that wait
    std::vector<thread_polls> polls_;  // by slot; while spins are watched
    polling_trial trial_;
    const program_code& code_ = program_code::loaded();  // asked for before any body runs
    thread_polls looked_at_;                             // scratch
    std::uint64_t last_to_go_on_ = 0;                    // by descent
    stuck_state stuck_at_;                               // since then nothing was done but to go on

    std::vector<open_static> open_statics_;
    std::uint64_t static_waiters_ = 0;  // slots that wait for one of them
    bool checks_again_ = false;         // the load that is added makes up for a notification
    bool warms_up_ = false;             // a static was initialised by steps: no other run has them

    // ---- strategies
    std::vector<dfs_choice> dfs_;
    std::size_t dfs_at_ = 0;
    std::vector<std::uint32_t> change_points_;  // pct, ascending
    std::size_t next_change_ = 0;
    std::uint32_t lowest_priority_ = 0;
    const std::vector<std::uint8_t>* replay_steps_ =
        nullptr;  // guided: slots; replay: creation order
    const std::vector<trace::schedule_choice>* replay_choices_ = nullptr;
    std::size_t replay_choice_at_ = 0;
    const wished_schedule* wish_ = nullptr;  // tolerant
    fair_cycle* cycle_ = nullptr;            // replay: the end of the schedule repeats
    adversary* adversary_ = nullptr;         // adverse
    std::size_t wish_at_ = 0;
    std::array<std::uint16_t, max_threads> wish_counts_{};  // steps done, by order of creation
    unsigned choice_ordinal_ = 0;
    bool diverged_ = false;

    // ---- helpers (engine.cpp, ops.cpp, exhaustive.cpp, stuck.cpp)
    event_index last_event(const modelled_thread& t) const noexcept {
        if (path_ == path::sampling) return t.last;
        return t.position ? graph_->at(t.slot, t.position - 1u)
                          : graph_->named(graph_->created_by[t.slot]);
    }
    // The one before the event that the current thread has just added.
    template <path P>
    event_index predecessor(const event& added) const noexcept {
        if constexpr (P == path::sampling)
            return added_after_;
        else
            return graph_->program_predecessor(added);
    }
    // A thread, and an object, by the way it was created: the same in every execution.
    std::uint64_t descent_of(unsigned slot) const noexcept;
    std::uint64_t identity_of(object_id object) const noexcept;
    std::uint64_t value_of(event_index w, unsigned object) const noexcept {
        return w == initial ? objects_[object].value : (*graph_)[w].value;
    }
    event_index newest(unsigned object) const noexcept { return graph_->locations[object].last; }

    bool samples() const noexcept { return mode_ == mode::random || mode_ == mode::pct; }
    bool follows() const noexcept {
        return mode_ == mode::tolerant || mode_ == mode::replay || mode_ == mode::guided;
    }
    // What this run is, known to the compiler on the two special paths.
    template <path P>
    mode mode_on() const noexcept {
        return P == path::sampling ? mode::random : P == path::proving ? mode::exhaustive : mode_;
    }
    template <path P>
    recorder* recorder_on() const noexcept {
        return P == path::general ? recorder_ : nullptr;
    }
    template <path P>
    bool autopsy_on() const noexcept {
        return P == path::general && autopsy_;
    }
    template <path P>
    bool watches_on() const noexcept {
        return P == path::general && watch_spins_;
    }
    template <path P>
    bool replaying_on(const modelled_thread& t) const noexcept {
        return P != path::sampling && replaying(t);
    }
    // Calls `f`, which captures nothing, for the path of this run. What is passed on stays in
    // registers: a capture would be copied through memory.
    template <class F, class... A>
    decltype(auto) on_path(F f, A... arguments) {
        if (path_ == path::sampling)
            return f.template operator()<path::sampling>(*this, arguments...);
        if (path_ == path::proving)
            return f.template operator()<path::proving>(*this, arguments...);
        return on_general_path(f, arguments...);
    }
    // In a frame of its own, so that what it leaves on the stack can be cleared.
    template <class F, class... A>
    [[gnu::noinline]] static decltype(auto) call_general(F f, engine& e, A... arguments) {
        return f.template operator()<path::general>(e, arguments...);
    }
    template <class F, class... A>
    decltype(auto) on_general_path(F f, A... arguments);
    // Machine states are compared: what the engine left below must not get into the unused bytes of
    // a frame of the user's.
    void clear_stack_below() noexcept;

    template <path P, bool Point = true>
    std::uint64_t read_on(object_id object, operation op, std::uint8_t orders,
                          std::uint64_t operand, std::uint64_t expected, site where, bool* wrote);
    template <path P>
    void write_on(object_id object, operation op, std::uint64_t value, std::uint8_t orders,
                  site where);
    // `Lock`: a lock word, whose newest value is the only one to take going forward.
    template <path P, bool Lock>
    std::uint64_t blocking_read(object_id object, operation op, std::uint8_t orders,
                                std::uint64_t value, std::uint64_t operand, std::uint64_t expected,
                                site where, bool with_point);
    template <path P>
    void start_on(unsigned slot, void (*entry)(void*), site where);
    template <path P>
    void join_on(unsigned slot, site where);
    template <path P>
    void plain_access_on(access_shadow& shadow, bool is_write, std::uint64_t bits, site where);

    void begin_run();
    bool begin_next_run();
    object_id enter_object(modelled_thread& t, bool with_waiters);
    [[noreturn, gnu::cold]] void stop_too_many_objects();
    void run_thread(fiber& f);
    void thread_exited();
    void stop_if_threads_are_left();
    // With ThreadSanitizer.
    void enter_from_body(bool stops_at_race);
    void return_to_body();
    void meet_unwatched_race();
    void follow_with_sanitizer();
    void release_to_sanitizer();
    void switch_to(modelled_thread& t);
    // What the last event of the current thread is ordered after may be still to come.
    void switch_amid_event(modelled_thread& t);
    // A schedule point before an operation of the current thread. The exhaustive strategy runs a
    // thread until it blocks: its other orders come from revisits. A thread that was picked to
    // start was picked for its first operation: nobody could tell them apart (docs/adr/0014).
    template <path P = path::general>
    void point();
    // Steps of the exhaustive search, which has no schedule points, are counted as another strategy
    // would have them that follows its order. A start that nothing depends on is counted late.
    template <path P = path::general>
    void count_step(modelled_thread& t);
    template <path P = path::general>
    void count_start(modelled_thread& t);
    void note_step(modelled_thread& t);
    [[noreturn, gnu::cold]] void hit_step_limit();
    std::uint64_t ran_lately() const noexcept;
    bool all_had_turns() const noexcept;
    std::uint64_t could_run() const noexcept;
    void follow_cycle(unsigned slot);
    [[noreturn, gnu::cold]] void stop_nondeterminism(finding f);
    [[noreturn, gnu::cold]] void stop_nondeterminism(std::string message) {
        finding f;
        f.message = std::move(message);
        stop_nondeterminism(std::move(f));
    }
    // The body does something else than the recorded event.
    [[noreturn, gnu::cold]] void depart(const event& recorded, operation did, object_id object,
                                        site where);
    template <path P = path::general>
    modelled_thread& pick();
    unsigned pick_slow(std::uint64_t candidates);
    bool runs_on(std::uint64_t candidates) const noexcept {
        return current_->state == run_state::runnable && candidates >> current_->slot & 1;
    }
    // Whether taking another thread now is a preemption: not after a yield.
    bool would_preempt(std::uint64_t candidates) const noexcept {
        return runs_on(candidates) && gave_way_at_ != steps_;
    }
    unsigned pick_wished(std::uint64_t candidates);
    // Whether the bound leaves room for so many more.
    bool affords_preemptions(unsigned more) const noexcept {
        return !options_.preemption_bound ||
               preemptions_ + disguised_preemptions_ + more <= *options_.preemption_bound;
    }
    // A seq_cst operation that reads an older value, or is placed before newer ones, is ordered
    // before what has already run; so is a notification or a try_lock. It stands for the
    // interleaving in which it came earlier: for a preemption before it and one after it.
    static constexpr unsigned disguise = 2;
    static bool is_disguise(const event& e) noexcept {
        return e.in_total_order() || (e.op >= operation::lock && e.op != operation::wait_wake);
    }
    void count_disguised(const event& e, bool older) noexcept {
        if (older && is_disguise(e)) disguised_preemptions_ += disguise;
    }
    std::uint32_t choose(std::uint32_t n);
    std::uint32_t scheduled_choice() noexcept;
    std::uint32_t wished_choice() const noexcept;
    void note_choice(std::uint32_t value) {
        if (value) choices_.push_back({steps_ ? steps_ - 1 : 0, choice_ordinal_, value});
        ++choice_ordinal_;
    }
    void schedule_away();  // the current thread cannot go on
    void block(modelled_thread& t);
    void wake_waiters(unsigned object);
    template <path P = path::general>
    event_index new_event(modelled_thread& t);
    event& replay_event(modelled_thread& t);
    bool refresh_read(event& e, std::uint64_t operand, std::uint64_t expected) noexcept;
    bool source_ran(event_index w) const noexcept {
        return w < 0 || threads_[(*graph_)[w].thread].position > (*graph_)[w].index;
    }
    void wait_for_source(event_index w);
    bool would_write(const event& e, event_index w, std::uint64_t v) const noexcept;
    static bool is_blocking(operation op) noexcept {
        return (op >= operation::await_equal && op <= operation::lock) || is_lock(op);
    }
    static bool is_lock(operation op) noexcept {
        return op == operation::lock || op == operation::lock_all || op == operation::timed_lock;
    }
    // A lock of several that already holds some of them.
    static bool is_half_done(const event& e) noexcept {
        return e.op == operation::lock_all && e.expected;
    }
    static bool is_await(operation op) noexcept {
        return op >= operation::await_equal && op <= operation::await_compare_exchange;
    }
    static bool satisfies(operation op, std::uint64_t value, std::uint64_t operand,
                          std::uint64_t expected, std::uint64_t v) noexcept;
    static bool satisfies(const event& e, std::uint64_t v) noexcept {
        return satisfies(e.op, e.value, e.operand, e.expected, v);
    }
    std::uint64_t applied(const event& e, event_index w, std::uint64_t v) const noexcept;
    void set_read(event& e, bool spurious = false) noexcept;
    // Counts the event, computes its clocks and enters it among the readers of its source.
    template <path P = path::general>
    void link(event_index i, unsigned kind);
    void link(event_index i) { link<path::general>(i, (*graph_)[i].kind); }
    event_index conflicting_update(event_index w, unsigned object,
                                   event_index except) const noexcept;
    template <path P>
    void add_read(event_index i);
    void sample_load(event_index i, const event_index* candidates, std::uint32_t n);
    void add_read_exhaustive(event_index i, event_index predecessor, const event_index* candidates,
                             int n);
    template <path P>
    void add_read_forward(event_index i, const event_index* candidates, int n);
    // Sequential consistency without a graph to follow: reading and placing newest in every
    // interleaving is all of it.
    template <path P = path::general>
    bool interleaving_only() const noexcept {
        return rules_.model() == memory_model::sc &&
               (mode_on<P>() == mode::random || mode_on<P>() == mode::pct ||
                mode_on<P>() == mode::depth_first);
    }
    template <path P>
    void choose_waiter(event& e);
    template <path P>
    bool enter_consistent(event_index i);
    void take_out(event_index i);
    bool trial(event_index i);
    void push_marker(modelled_thread& t, const event& proto);
    template <path P>
    event_index place_of(event_index i);
    bool await_possible(modelled_thread& t, const event& proto);
    void after_write(unsigned object);
    void after_lock(unsigned object);
    void note_spin(modelled_thread& t, object_id object, std::uint64_t value, unsigned line);
    void suspect_spin(const modelled_thread& t);
    void update_holder(const event& e);

    // exhaustive
    void revisits(event_index e, event_index bound);
    bool apply_back(event_index r, event_index w);
    void push_waiter_choices(event_index i, work_item::kind_t kind);
    void push(work_item::kind_t kind, event_index e, event_index w, unsigned argument = 0) {
        frames_[static_cast<std::size_t>(depth_)]->work.push_back(
            {kind, next_level(), static_cast<std::uint16_t>(argument), e, w});
    }
    // Each branch takes half of the share that its siblings before it have left.
    std::uint8_t next_level() noexcept {
        if (level_ < 255) ++level_;
        return level_;
    }
    void count_share() noexcept;
    bool has_marker(const modelled_thread& t) const noexcept;
    bool is_redundant() const;
    bool pop_item(frame& f);
    std::uint64_t graph_hash() const;

    // timed waits
    bool alone() const;
    bool is_early(unsigned used, site where);
    void leave_to_late_wait();
    event_index note_time(operation op, std::int64_t time);
    bool lock_or_expire(object_id object, std::int64_t deadline, site where);
    bool leaves_spuriously(object_id object, site where);
    bool wait_for_notification(object_id object, site where);
    bool leave_wait(object_id object, std::int64_t deadline, site where);
    [[gnu::cold]] bool expire_earliest();
    [[gnu::cold]] std::uint64_t ready_or_overdue();
    const modelled_thread* expiring_in_schedule() const;
    void expire(std::int64_t deadline);
    void append_barrier(const modelled_thread& t, operation op, std::int64_t deadline);
    void renew_markers();
    void wait_for_all_before(event_index barrier);
    void pass_barrier(site where);
    bool settled_reads_changed(const modelled_thread& t, unsigned from) const;

    // loops that wait
    event_index foreign_source(event_index w, unsigned thread,
                               const polled_read* last) const noexcept;
    polled_read& look_again(thread_polls& polls, std::uint64_t key, event_index i);
    std::uint64_t polling_key(operation op, object_id object, site where) noexcept;
    bool is_past_its_schedule() const noexcept;
    bool looks_elsewhere(const thread_polls& polls) const noexcept;
    unsigned rounds_allowed(const polled_read& r) const noexcept;
    bool toggles_for_ever(const polled_read& r) const noexcept;
    bool is_bounded(const polled_read& r, unsigned slot) const noexcept;
    [[gnu::cold]] void look_at_length();
    void begin_polls();
    void note_look(event_index i, site where);
    [[gnu::cold]] void note_deed(operation op, object_id object, site where) noexcept;
    void give_way();
    std::optional<unsigned> polling_since(unsigned latest) const noexcept;
    object_id object_of_loop(const modelled_thread& t) const noexcept;
    bool some_grow() const noexcept;
    std::uint64_t past_of(const polled_read& r, std::uint64_t state) const noexcept;
    void judge_loop(polled_read& r, std::uint64_t state);
    unsigned rounds_shown(const polled_read& r) const noexcept;
    void follow_trial(const polled_read& r);
    [[noreturn, gnu::cold]] void end_trial(unsigned rounds);
    [[noreturn, gnu::cold]] void end_trial();
    [[noreturn, gnu::cold]] void learn_endless(const polled_read& r);
    bool before_look(operation op, object_id object, site where);
    bool must_wait() const noexcept;
    bool stands_before_go_on(const event_graph& g, const modelled_thread& t) const noexcept;
    void pass_go_on();
    void go_on_as_scheduled();
    bool follows_from_look(event_index w, const modelled_thread& t,
                           const polled_read& r) const noexcept;
    bool lets_go_on(const modelled_thread& t, unsigned object);
    void note_plain_look(object_id object);
    bool sees_plain_writes(const modelled_thread& t) const noexcept;
    [[gnu::cold]] bool let_poller_go_on();
    void wake_spinning(modelled_thread& t);
    bool could_have_gone_on(const modelled_thread& t) const;
    [[noreturn, gnu::cold]] void end_going_on();
    int looks_at(event_index i, const event_index* candidates, int n) const noexcept;
    bool repeats_in_trial(event_index i, const event_index* candidates, int n);

    // waits for atomics
    event_index blocked_on(event_index entry) const noexcept;
    bool knows_later_write(event_index predecessor, unsigned object, event_index w) const noexcept;
    template <class Predicate>
    bool some_notification(unsigned waiters, event_index w, Predicate is) const noexcept;
    std::uint64_t eligible_waiters(const event& notification, event_index w) const noexcept;
    bool was_missed(event_index entry) const noexcept;
    bool keeps_entries(event_index i) const noexcept;
    bool is_floor(event_index w, event_index load) const noexcept;
    void atomic_wait_in_steps(object_id object, object_id waiters, std::uint64_t old,
                              std::uint8_t orders, site where);
    bool finds_another_value(object_id object, object_id waiters, std::uint64_t old,
                             std::uint8_t orders, site where);
    bool is_consistent_at(event_index i) {
        return rules_.consistent_at(*graph_, i) && keeps_entries(i);
    }

    // stuck
    bool is_wanted(const finding& f) const {
        return passed_.wanted && is_same_failure(signature_of(*this, f), *passed_.wanted);
    }
    void look_for_cycle(modelled_thread& t);
    bool in_cycle(const modelled_thread& t) const;
    bool find_cycle(const modelled_thread& t, std::vector<int>& cycle, bool& owner_exited,
                    object_id& object) const;
    int blocker_of(const modelled_thread& t) const;
    std::vector<int> holders() const;
    void classify_stuck();
    bool classify_cycles();
    [[gnu::cold]] bool leaves_wait(modelled_thread& t);
    [[gnu::cold]] void autopsy_step(operation op, object_id object, site where,
                                    int other_slot = -1);
};

extern constinit thread_local engine* current_engine;

}  // namespace heddle::scheduler

#include "engine_steps.hpp"
