#include <heddle/checkers/object_misuse.hpp>
#include <heddle/trace/source.hpp>

#include "lock_history.hpp"
#include "misuse_words.hpp"
#include "report_writer.hpp"
#include "stuck_threads.hpp"

namespace heddle::checkers {
namespace {

using trace::misuse_kind;

constexpr const char* unlock_rule =
    "only the thread that locked a mutex may unlock it ([thread.mutex.requirements.mutex])";

class misuse_report {
public:
    explicit misuse_report(const execution_trace& trace)
        : w_(trace, "misuse"),
          trace_(trace),
          last_(trace::event_at(trace, trace.step)),
          other_(trace::event_at(trace, trace.other_step)) {}

    trace::diagnostic operator()() {
        w_.reason(word_of(trace_.misuse));
        w_.involve_thread(trace_.thread);
        w_.involve_object(trace_.object);
        if (other_) w_.involve_thread(other_->thread);
        describe();
        return w_.finish();
    }

private:
    report_writer w_;
    const execution_trace& trace_;
    const event* last_;   // the last step of the thread before the call
    const event* other_;  // the step that made the call wrong

    std::string thread() const { return w_.thread(trace_.thread); }
    std::string object() const { return w_.object(trace_.object); }

    // Headline, primary label and reason of one misuse.
    void say(const std::string& headline, const std::string& here, const std::string& why,
             std::optional<operation> call = {}) {
        w_.headline(headline);
        const bool is_step = last_ && trace_.misuse == misuse_kind::wait_two_mutexes;
        const std::string after =
            last_ ? (is_step ? ", at step " : ", after step ") + std::to_string(last_->step) : "";
        const place& where = trace_.where.known() || !last_ ? trace_.where : last_->where;
        w_.primary(where, thread() + ' ' + here + after, call);
        w_.why(why);
        const std::string call_made = call_of(w_);
        if (!call_made.empty()) w_.stopped_by(call_made + "  not allowed");
    }

    const trace::holding* held(int object) const {
        for (const trace::holding& h : trace_.holdings)
            if (h.object == object) return &h;
        return nullptr;
    }

    void label_holder(const trace::holding& h) {
        w_.involve_thread(h.thread);
        if (const event* const taken = trace::event_at(trace_, h.step))
            w_.label(*taken,
                     w_.thread(h.thread) + " took " + w_.object(h.object) + ' ' + at_step(h.step));
    }

    // The last step that `matches`, labelled with who did what.
    template <class Matches>
    const event* label_last(Matches matches, const std::string& what) {
        const event* const found = last_event(trace_, matches);
        if (found) {
            w_.involve(*found);
            w_.label(*found, w_.thread(found->thread) + ' ' + what + ' ' + at_step(found->step));
        }
        return found;
    }

    // The one thread that the misusing one started and has neither joined nor detached.
    int only_child_left() const {
        int found = none;
        for (const event& start : trace_.events) {
            if (start.op != operation::spawn || start.thread != trace_.thread) continue;
            const bool settled =
                last_event(trace_, [&](const event& e) {
                    return (e.op == operation::join || e.op == operation::detach) && !e.blocked &&
                           e.other_thread == start.other_thread;
                }) != nullptr;
            if (settled) continue;
            if (found != none) return none;
            found = start.other_thread;
        }
        return found;
    }

    void describe() {
        switch (trace_.misuse) {
            case misuse_kind::unlock_not_owner: unlock_not_owner(); break;
            case misuse_kind::relock_by_owner_try: relock_by_owner_try(); break;
            case misuse_kind::mutex_destroyed_held: mutex_destroyed_held(); break;
            case misuse_kind::mutex_destroyed_waited_on:
            case misuse_kind::condition_variable_destroyed_waited_on: destroyed_waited_on(); break;
            case misuse_kind::wait_without_lock: wait_without_lock(); break;
            case misuse_kind::wait_two_mutexes: wait_two_mutexes(); break;
            case misuse_kind::join_self:
                say(thread() + " joins itself", "joins itself here",
                    "a thread that waits for its own end never ends ([thread.thread.member])");
                break;
            case misuse_kind::join_not_joinable: not_joinable("join"); break;
            case misuse_kind::detach_not_joinable: not_joinable("detach"); break;
            case misuse_kind::thread_destroyed_joinable: destroyed_joinable(); break;
            case misuse_kind::invalid_memory_order: invalid_memory_order(); break;
            case misuse_kind::outside_execution: outside_execution(); break;
            case misuse_kind::too_many_threads: too_many_threads(); break;
            case misuse_kind::choose_zero:
                say(thread() + " chooses from nothing", "calls `heddle::choose(0)` here",
                    "`heddle::choose(n)` gives a value below n, and none is below 0");
                w_.help("call `heddle::choose` with 1 or more");
                break;
            case misuse_kind::recursion_limit:
                say(thread() + " locks " + object() + " more often than it can count",
                    "locks it once more here",
                    "a recursive mutex has a largest depth, which the standard leaves open "
                    "([thread.mutex.recursive])");
                break;
            case misuse_kind::body_left_threads: body_left_threads(); break;
            case misuse_kind::violated_precondition: violated_precondition(); break;
            case misuse_kind::not_misuse: unnamed(); break;
            default: unnamed(); break;
        }
    }

    void unlock_not_owner() {
        const trace::holding* const h = held(trace_.object);
        if (h && h->thread != trace_.thread) {
            say(thread() + " unlocks " + object() + ", which " + w_.thread(h->thread) + " holds",
                "unlocks it here", unlock_rule, operation::unlock);
            label_holder(*h);
            return;
        }
        say(thread() + " unlocks " + object() + ", which no thread holds", "unlocks it here",
            unlock_rule, operation::unlock);
        const event* const before = label_last(
            [&](const event& e) { return e.object == trace_.object && e.op == operation::unlock; },
            "unlocked it already,");
        if (!before) w_.why_also("nobody locked it in this execution");
    }

    void relock_by_owner_try() {
        say(thread() + " tries to lock " + object() + ", which it holds itself",
            "calls `try_lock` here",
            "`try_lock` by the owner of a mutex that is not recursive is undefined "
            "([thread.mutex.class])",
            operation::try_lock);
        if (const trace::holding* const h = held(trace_.object)) label_holder(*h);
    }

    void mutex_destroyed_held() {
        const trace::holding* const h = held(trace_.object);
        const std::string holder = h ? w_.thread(h->thread) : "a thread";
        const bool ended = h && trace_.ends[h->thread].state == trace::thread_state::exited;
        say(object() + " is destroyed " +
                (ended ? "locked: " + holder + " ended without unlocking it"
                       : "while " + holder + " holds it"),
            "ends the lifetime of " + object() + " here",
            "a mutex may be destroyed only when no thread owns it ([thread.mutex.class])");
        if (!h) return;
        label_holder(*h);
        if (!ended) return;
        w_.why_also("nor may a thread end while it owns one");
        const event* const taken = trace::event_at(trace_, h->step);
        w_.help("unlock " + object() + " in " + holder +
                " before it ends; a `std::lock_guard` does so by itself" +
                (taken && taken->where.known() ? " (" + w_.at(taken->where) + ')' : ""));
    }

    void destroyed_waited_on() {
        std::vector<std::string> waiting;
        for (int t = 0; t < static_cast<int>(trace_.ends.size()); ++t) {
            const trace::thread_end& end = trace_.ends[t];
            if (end.state != trace::thread_state::blocked || end.object != trace_.object) continue;
            waiting.push_back(w_.thread(t));
            w_.involve_thread(t);
            w_.label(
                end.where,
                w_.thread(t) + " has been waiting here" + since_step(first_step_of_wait(trace_, t)),
                end.waiting_in);
        }
        const bool condition = trace_.misuse == misuse_kind::condition_variable_destroyed_waited_on;
        say(object() + " is destroyed while " + (waiting.empty() ? "a thread" : listed(waiting)) +
                (waiting.size() > 1 ? " wait" : " waits") + (condition ? " on it" : " for it"),
            "ends the lifetime of " + object() + " here",
            condition
                ? "a condition variable may be destroyed only when every thread that waits on "
                  "it has been notified ([thread.condition.condvar])"
                : "a mutex may be destroyed only when no thread needs it any more "
                  "([thread.mutex.class])");
        if (condition && !waiting.empty() && trace_.where.known())
            w_.help("notify " + listed(waiting) + " and join " +
                    (waiting.size() > 1 ? "them" : "it") + " before " + object() +
                    " is destroyed (" + w_.at(trace_.where) + ')');
    }

    void wait_without_lock() {
        say(thread() + " waits on " + object() + " without holding the lock", "waits here",
            "the lock given to `wait` must be held by the thread that calls it "
            "([thread.condition.condvar])",
            operation::wait_wake);
        w_.help("lock it before the wait: `std::unique_lock lock{mutex};` takes the mutex at once");
    }

    void wait_two_mutexes() {
        const std::vector<int> own =
            last_ ? held_mutexes(trace_, trace_.thread, last_->step) : std::vector<int>{};
        say(object() + " is waited on with two different mutexes",
            "waits here" + (own.empty() ? "" : ", with " + w_.object(own.back())),
            "all threads that wait on a condition variable at the same time must "
            "use one mutex ([thread.condition.condvar])",
            operation::wait_wake);
        if (!own.empty()) w_.involve_object(own.back());
        for (int t = 0; t < static_cast<int>(trace_.ends.size()); ++t) {
            const trace::thread_end& end = trace_.ends[t];
            if (t == trace_.thread || end.object != trace_.object || !is_wait(end.waiting_in) ||
                end.state != trace::thread_state::blocked)
                continue;
            w_.involve_thread(t);
            const event* const entry = last_event(trace_, [&](const event& e) {
                return e.thread == t && e.object == trace_.object &&
                       e.op == operation::wait_enqueue;
            });
            const int mutex = entry ? mutex_of_wait(trace_, entry->step) : none;
            w_.label(end.where,
                     w_.thread(t) + " has been waiting here" +
                         since_step(first_step_of_wait(trace_, t)) +
                         (mutex == none ? "" : ", with " + w_.object(mutex)),
                     end.waiting_in);
            w_.involve_object(mutex);
            w_.label_call(end.where, end.callers, w_.thread(t) + " waits in this call");
            if (!own.empty() && mutex != none)
                w_.help("use one mutex for all waits on " + object() + ": " + w_.object(mutex) +
                        " in both threads, or " + w_.object(own.back()));
        }
        if (last_) w_.label_call(last_->where, last_->callers, thread() + " waits in this call");
    }

    void not_joinable(const std::string& call) {
        const operation op = call == "join" ? operation::join : operation::detach;
        say(thread() + (op == operation::join ? " joins" : " detaches") +
                " a thread that is not joinable",
            "calls `" + call + "` here",
            "a `thread` can be joined or detached once, and only if it was started "
            "([thread.thread.member])",
            op);
        // The call that made it so, where the source names one thread in both.
        const auto here = operand(trace_.where, op);
        const event* const before = last_event(trace_, [&](const event& e) {
            return (e.op == operation::join || e.op == operation::detach) && !e.blocked && here &&
                   here == operand(e.where, e.op);
        });
        if (!before) return;
        w_.involve(*before);
        w_.involve_thread(before->other_thread);
        w_.label(*before,
                 w_.thread(before->other_thread) + " was " +
                     (before->op == operation::join ? "joined " : "detached ") +
                     at_step(before->step) +
                     (before->op == op ? "" : ", which a later `" + call + "` cannot undo"));
    }

    static std::optional<std::string> operand(const place& where, operation op) {
        const auto line = trace::source_line(where.file, where.line);
        return line ? trace::operand_text(*line, op) : std::nullopt;
    }

    void destroyed_joinable() {
        const int t = other_ ? other_->thread : only_child_left();
        const std::string name = t == none ? "a thread" : w_.thread(t);
        say(name + " is neither joined nor detached",
            "ends the lifetime of its `thread` object here",
            "the destructor of a joinable `thread` calls `std::terminate` ([thread.thread.destr])");
        if (t != none) {
            const event* const start = last_event(trace_, [&](const event& e) {
                return e.op == operation::spawn && e.other_thread == t;
            });
            if (start)
                w_.label(*start, w_.thread(start->thread) + " started " + name + ' ' +
                                     at_step(start->step));
        }
        w_.help("call `join()` before the `thread` is destroyed, or use a `jthread`");
    }

    void invalid_memory_order() {
        say(thread() + " gives an operation on " + object() + " an order that it does not allow",
            "calls it here",
            "a load takes no release half, a store no acquire half, and the failure order of a "
            "compare-exchange no release half ([atomics.types.operations])");
    }

    void outside_execution() {
        say(trace_.object == none ? "a modelled object is used that this execution did not make"
                                  : object() + " is used after its execution or its lifetime",
            "uses it here",
            "modelled objects live inside one execution: the body must build its state afresh");
        w_.help("make the object inside of the body, not as a static, a global or a capture");
    }

    void too_many_threads() {
        say(thread() + " starts more threads than can be modelled", "starts one more here",
            "an execution has at most 64 threads, those that have ended included");
    }

    void violated_precondition() {
        const std::string& what =
            trace_.message.empty() ? "a precondition does not hold" : trace_.message;
        say(what + " (by " + thread() + ')', "does so here",
            thread() +
                " called it where it must not be called; its documentation says when it may");
    }

    void body_left_threads() {
        std::vector<std::string> running;
        for (int t = 1; t < static_cast<int>(trace_.ends.size()); ++t) {
            if (trace_.ends[t].state == trace::thread_state::exited) continue;
            running.push_back(w_.thread(t));
            w_.involve_thread(t);
            w_.label(trace_.threads[t].created_at, w_.thread(t) + " was started here");
        }
        if (running.empty()) running.push_back("a thread");
        say("the body returned while " + listed(running) + (running.size() > 1 ? " run" : " runs"),
            "returns from the body after this",
            "the threads that a body starts are joined or detached by its end");
    }

    void unnamed() {
        say(thread() + " performs a call that its type does not allow", "calls it here",
            "a precondition of the operation does not hold");
    }
};

}  // namespace

trace::diagnostic explain_object_misuse(const execution_trace& trace) {
    return misuse_report(trace)();
}

}  // namespace heddle::checkers
