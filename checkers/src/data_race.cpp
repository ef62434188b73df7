#include <algorithm>

#include <heddle/checkers/data_race.hpp>

#include "causality.hpp"
#include "lock_history.hpp"
#include "missed_synchronization.hpp"
#include "report_writer.hpp"
#include "unwatched_race.hpp"

namespace heddle::checkers {
namespace {

std::string_view access_verb(const event& e) {
    if (e.reads && e.writes) return "updated";
    return e.writes ? "written" : "read";
}

// `first` is the access that came earlier in the recorded order, `second` the one that stopped it.
class race_report {
public:
    race_report(const execution_trace& trace, const event& first, const event& second)
        : w_(trace, "data-race"), trace_(trace), first_(first), second_(second), order_(trace) {}

    trace::diagnostic operator()() {
        w_.involve(second_);
        w_.involve(first_);
        // `x.load()` looks like an atomic, and the finding like a false alarm.
        w_.headline((is_plain(second_.op) ? "plain (non-atomic) " : "") + object() + " is " +
                    std::string(access_verb(second_)) + " by " + later() +
                    " without synchronization with the " + std::string(access_noun(first_)) +
                    " by " + earlier());
        w_.primary(second_, later() + ' ' + access_text(w_, second_) + ' ' + at_step(second_.step));
        w_.label(first_, earlier() + ' ' + access_text(w_, first_) + ' ' + at_step(first_.step));
        const auto miss = order_.nearest_miss(first_.step, second_.step);
        if (miss) {
            by_near_miss(*miss);
        } else if (!by_locks()) {
            by_last_known();
        }
        w_.note("the steps came in this order here, but nothing in the program enforces it");
        return w_.finish();
    }

private:
    report_writer w_;
    const execution_trace& trace_;
    const event& first_;
    const event& second_;
    causality order_;

    std::string object() const { return w_.object(second_.object); }
    std::string earlier() const { return w_.thread(first_.thread); }
    std::string later() const { return w_.thread(second_.thread); }
    // "the write does not happen before the read"
    std::string missing() const {
        const std::string first(access_noun(first_)), second(access_noun(second_));
        if (first == second)
            return "the " + first + " of " + earlier() + " does not happen before that of " +
                   later();
        return "the " + first + " does not happen before the " + second;
    }

    // A value went from one thread to the other, but nothing else with it.
    void by_near_miss(const near_miss& m) {
        w_.reason(m.write_releases  ? "missing-acquire"
                  : m.read_acquires ? "missing-release"
                                    : "missing-release-and-acquire");
        label_missed(w_, m);
        w_.why(missed_text(w_, m) + " and " + missing());
        if (!m.write_releases && m.early_release_fence) {
            const event& f = *m.early_release_fence;
            w_.involve_thread(f.thread);
            w_.note("the release fence of " + w_.thread(f.thread) + " (" + w_.at(f) +
                    ") stands before the " + std::string(access_noun(first_)) +
                    ", so it does not cover it");
        }
        if (!m.read_acquires && m.early_acquire_fence) {
            const event& f = *m.early_acquire_fence;
            w_.note("the acquire fence of " + w_.thread(f.thread) + " (" + w_.at(f) +
                    ") stands before the read of " + w_.object(m.read->object) +
                    ", so it does not cover it");
        }
        const std::string advice = advice_on(w_, m);
        if (!advice.empty()) w_.help(advice);
    }

    // One side holds a mutex, or each holds another one.
    bool by_locks() {
        const std::vector<int> mine = held_mutexes(trace_, second_.thread, second_.step);
        const std::vector<int> others = held_mutexes(trace_, first_.thread, first_.step);
        if (mine.empty() && others.empty()) return false;
        w_.reason(mine.empty() || others.empty() ? "lock-on-one-side" : "different-locks");
        for (const int m : mine) w_.involve_object(m);
        for (const int m : others) w_.involve_object(m);
        label_locks(second_, mine);
        label_locks(first_, others);
        const std::string first(access_noun(first_)), second(access_noun(second_));
        const std::string both =
            first == second ? "the two " + first + 's' : "the " + first + " and the " + second;
        w_.why((mine.empty()     ? "only " + earlier() + " holds a mutex there"
                : others.empty() ? "only " + later() + " holds a mutex there"
                                 : both + " are guarded by different mutexes") +
               ": " + earlier() + " holds " + mutexes(others) + " at its " + first + ", " +
               later() + " holds " + mutexes(mine) + " at its " + second +
               ", so no lock orders the two");
        if (!mine.empty() && !others.empty()) {
            w_.help("protect " + object() + " by one mutex in both places");
        } else {
            const event& bare = mine.empty() ? second_ : first_;
            const std::vector<int>& held = mine.empty() ? others : mine;
            if (held.size() == 1 && protects(held.front(), bare) && bare.where.known())
                w_.help("lock " + w_.object(held.front()) + " around the " +
                        std::string(access_noun(bare)) + " at " + w_.at(bare.where));
        }
        return true;
    }

    void label_locks(const event& access, const std::vector<int>& held) {
        for (const int m : held)
            if (const event* const taken = acquisition(trace_, access.thread, access.step, m))
                w_.label(*taken, w_.thread(taken->thread) + " locks " + w_.object(m) + ' ' +
                                     at_step(taken->step));
    }

    std::string mutexes(const std::vector<int>& held) const {
        if (held.empty()) return "no mutex";
        std::vector<std::string> words;
        for (const int m : held) words.push_back(w_.object(m));
        return listed(words);
    }

    // Whether the rest of the execution shows that `mutex` is the one that guards the object: two
    // threads hold it at their accesses, or the thread of the bare access holds it elsewhere.
    bool protects(int mutex, const event& bare) const {
        std::vector<int> holders;
        for (const event& e : trace_.events) {
            if (e.object != bare.object || !is_data(e.op)) continue;
            if (!holds(trace_, e.thread, e.step, mutex)) continue;
            if (e.thread == bare.thread) return true;
            if (std::find(holders.begin(), holders.end(), e.thread) == holders.end())
                holders.push_back(e.thread);
        }
        return holders.size() >= 2;
    }

    // No near miss and no lock: what the later thread knew last of the earlier one.
    void by_last_known() {
        w_.reason("not-synchronized");
        const unsigned known = order_.last_known(second_.step, first_.thread);
        const std::string first(access_noun(first_)), second(access_noun(second_));
        const event* const last = trace::event_at(trace_, known);
        const bool child = parent_of(first_.thread) == second_.thread;
        const std::string of_second = first == second ? "that of " + later() : "the " + second;
        if (!last) {
            if (child) {
                w_.why(later() + " started " + earlier() +
                       " and has not joined it, and nothing else orders the two: " + missing());
            } else {
                w_.why("no step of " + earlier() + " happens before " + of_second +
                       ": the two threads have not synchronized");
            }
            return;
        }
        std::string what = "step " + std::to_string(known);
        if (last->op == operation::spawn && last->other_thread == second_.thread) {
            what += last->where.known()
                        ? ", which started " + later() + " (" + w_.at(last->where) + ')'
                        : ", which started " + later();
        } else if (last->where.known()) {
            what += " (" + w_.at(last->where) + ')';
        }
        const event* const join = last_join();
        const std::string lead = join ? earlier() + (first_.writes ? " writes " : " reads ") +
                                            object() + " before it joins " + later() + ": "
                                      : "nothing makes one of the two threads wait for the other: ";
        w_.why(lead + "the last step of " + earlier() + " that happens before " + of_second +
               " is " + what + "; the " + first + " comes after it, " + at_step(first_.step));
        if (child) w_.why_also(later() + " has not joined " + earlier());
        if (!join) return;
        w_.label(*join, earlier() + " joins " + later() + " only here, " + at_step(join->step));
        if (join->where.known() && only_reads_until(*join))
            w_.help("join " + later() + " (" + w_.at(join->where) + ") before the " + first +
                    (first_.where.known() ? " at " + w_.at(first_.where) : ""));
    }

    // Where the earlier thread joins, or waits to join, the later one after its access.
    const event* last_join() const {
        for (const event& e : trace_.events)
            if (e.op == operation::join && e.thread == first_.thread &&
                e.other_thread == second_.thread && e.step > first_.step)
                return &e;
        return nullptr;
    }

    // Whether the earlier thread does nothing between its access and the join that the later one
    // may wait for: then the join can come first.
    bool only_reads_until(const event& join) const {
        return std::none_of(trace_.events.begin(), trace_.events.end(), [&](const event& e) {
            return e.thread == join.thread && e.step > first_.step && e.step < join.step &&
                   (e.writes || is_notify(e.op) || e.op == operation::spawn);
        });
    }

    int parent_of(int t) const {
        return t >= 0 && t < static_cast<int>(trace_.threads.size()) ? trace_.threads[t].parent
                                                                     : none;
    }
};

}  // namespace

trace::diagnostic explain_data_race(const execution_trace& trace) {
    if (!trace.unwatched.empty()) return explain_unwatched_race(trace);
    const event* const second = trace::event_at(trace, trace.step);
    const event* const first = trace::event_at(trace, trace.other_step);
    if (first && second) return race_report(trace, *first, *second)();
    report_writer w(trace, "data-race");
    w.headline(w.object(trace.object) +
               " is accessed by two threads without synchronization between them");
    w.involve_object(trace.object);
    w.reason("not-synchronized");
    if (second) {
        w.involve(*second);
        w.primary(*second, w.thread(second->thread) + ' ' + access_text(w, *second) + ' ' +
                               at_step(second->step));
        w.why("the other access was made before the steps this report could record");
    }
    return w.finish();
}

}  // namespace heddle::checkers
