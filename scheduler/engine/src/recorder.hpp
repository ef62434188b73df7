// Records the explained re-run of a failing execution: every event with values, places and reasons.
#pragma once

#include <heddle/scheduler/explore.hpp>
#include <heddle/trace/execution_trace.hpp>
#include <heddle/trace/schedule.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine.hpp"
#include "rerun_check.hpp"

namespace heddle::scheduler {

class recorder {
public:
    explicit recorder(const search_hooks& hooks) : hooks_(hooks) {}

    // A schedule being replayed: its digests are compared as the steps go by. none by default.
    void expect(const trace::schedule& s) { expected_ = &s; }
    // The events of an earlier run of the same schedule. none by default.
    void expect(const std::vector<event_print>& events) { expected_events_ = &events; }

    void begin(engine& e);
    void end(engine& e);
    void created(engine& e, object_id object, bool waiters, value_format format, unsigned bytes,
                 site where);
    void spawned(const modelled_thread& t, site where);
    // The thread is in a wait that ends by itself after so long.
    void begin_timed_wait(const modelled_thread& t, std::int64_t nanoseconds);
    void end_timed_wait(const modelled_thread& t);
    void name_object(object_id object, std::string_view name);
    void name_thread(const engine& e, thread_id thread, std::string_view name);
    void accessed(engine& e, event_index i, site where);
    void blocked(engine& e, modelled_thread& t);
    void plain(engine& e, object_id object, bool is_write, std::uint64_t bits, site where);
    void other(engine& e, operation op, object_id object, int other_slot, std::uint8_t orders,
               site where);
    void unwatched(engine& e, const unwatched_race& race);
    void choice(engine& e, operation op, object_id object, std::uint32_t value, site where);
    void expired(engine& e, const modelled_thread& t, site where);
    void clock(engine& e, std::int64_t nanoseconds, site where);
    void log(engine& e, std::string_view text, site where);
    void thread_end(engine& e, const modelled_thread& t);
    void misuse(engine& e, site where);
    void allocated(engine& e, const void* block, std::size_t bytes);
    void released(const void* block);
    void soft_failure(engine& e);
    void begin_cycle() { trace_.cycle_from = static_cast<unsigned>(trace_.events.size()) + 1; }
    void stopped_outright();
    // What was recorded so far; and no more than that, of so many steps, is kept.
    struct extent {
        std::size_t events = 0;
        unsigned switches = 0, preemptions = 0;
    };
    extent recorded() const { return {trace_.events.size(), switches_, preemptions_}; }
    void cut(const extent& kept, std::size_t steps);

    // What a waiter does that is woken once more is no part of the execution: it is kept, if it
    // left its wait, as `if_woken`.
    void begin_autopsy();
    void end_autopsy(bool left);

    // Names as far as they are known now.
    std::string thread_name(unsigned created_as) const;
    std::string object_name(object_id object) const;
    // The step of the trace that added the event of the graph; 0: none.
    unsigned step_of(event_index i) const {
        const auto at = static_cast<std::size_t>(i);
        return at < step_of_event_.size() ? static_cast<unsigned>(step_of_event_[at]) : 0;
    }

    trace::execution_trace take() { return std::move(trace_); }
    const std::vector<std::uint8_t>& digests() const { return digests_; }
    unsigned switches() const { return switches_; }
    unsigned preemptions() const { return preemptions_; }

private:
    static constexpr int max_frames = 24;
    struct stack_sample {
        site given;
        int count = 0;
        void* frames[max_frames];
    };
    trace::event& add(engine& e, operation op, int object, site where);
    void digest(engine& e, operation op, int object, std::uint8_t orders);
    void compare(engine& e, event_index i, site where);
    stack_sample sample(site where) const;
    void resolve(const stack_sample& s, trace::place& where, std::vector<trace::place>& callers);
    const std::vector<trace::place>& places_at(void* address);
    void list_leaks();
    int index_of(object_id object) const;
    int creation(const engine& e, int slot) const;

    const search_hooks& hooks_;
    const trace::schedule* expected_ = nullptr;
    const std::vector<event_print>* expected_events_ = nullptr;
    std::optional<trace::digest_comparison> comparison_;
    trace::execution_trace trace_;
    std::vector<std::uint8_t> digests_;
    std::vector<stack_sample> samples_;  // of each event
    std::vector<int> step_of_event_;     // by log index: the step that added it
    std::unordered_map<object_id, int> objects_;
    unsigned ordinals_[16] = {};
    std::unordered_map<void*, std::vector<trace::place>> places_;
    struct allocation {
        std::size_t bytes;
        unsigned order;
        int thread;
        unsigned step;
        stack_sample sample;
    };
    std::unordered_map<const void*, allocation> alive_blocks_;
    unsigned allocations_ = 0;
    stack_sample unwatched_;  // the earlier access of an unwatched race
    stack_sample failing_;    // of an assertion, exception or misuse
    bool has_failing_ = false;
    std::vector<stack_sample> blocked_samples_;  // by slot
    std::vector<std::int64_t> timed_waits_;      // by slot: nanoseconds, or -1
    int last_slot_ = -1;
    std::optional<std::size_t> autopsy_from_;  // the first event that is no part of the execution
    unsigned switches_ = 0, preemptions_ = 0;
};

}  // namespace heddle::scheduler
