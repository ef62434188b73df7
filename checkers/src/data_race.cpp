#include <algorithm>

#include <heddle/checkers/data_race.hpp>

#include "causality.hpp"
#include "lock_history.hpp"
#include "report_writer.hpp"
#include "unwatched_race.hpp"

namespace heddle::checkers {
namespace {

std::string_view access_verb(const event& e) {
    if (e.reads && e.writes) return "updated";
    return e.writes ? "written" : "read";
}

// What an operation is called in a sentence about synchronization.
std::string_view sync_noun(const event& e) {
    if (e.op == operation::load || is_await(e.op)) return "load";
    if (e.op == operation::store) return "store";
    return trace::name_of(e.op);
}

std::string_view sync_verb(const event& e) {
    if (e.op == operation::store) return "stores";
    if (e.op == operation::load || is_await(e.op)) return "loads";
    return "updates";
}

// The order an operation needs so that it also has `half`.
std::string with_half(const event& e, trace::order half) {
    const auto bits = static_cast<unsigned>(e.memory_order) | static_cast<unsigned>(half);
    return "`std::memory_order_" + std::string(trace::name_of(static_cast<trace::order>(bits))) +
           '`';
}

// `first` is the access that came earlier in the recorded order, `second` the one that stopped it.
class race_report {
public:
    race_report(const execution_trace& trace, const event& first, const event& second)
        : w_(trace, "data-race"), trace_(trace), first_(first), second_(second), order_(trace) {}

    trace::diagnostic operator()() {
        w_.involve(second_);
        w_.involve(first_);
        w_.headline(object() + " is " + std::string(access_verb(second_)) + " by " + later() +
                    " unordered with " + article() + " by " + earlier());
        w_.primary(second_, later() + ' ' + access_text(w_, second_) + ' ' + at_step(second_.step));
        w_.label(first_, earlier() + ' ' + access_text(w_, first_) + ' ' + at_step(first_.step));
        const auto miss = order_.nearest_miss(first_.step, second_.step);
        if (miss) {
            by_near_miss(*miss);
        } else if (!by_locks()) {
            by_last_known();
        }
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
    std::string article() const {
        const std::string noun(access_noun(first_));
        return (noun == "update" ? "an " : "a ") + noun;
    }
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
        const event& read = *m.read;
        const event& write = *m.write;
        w_.involve(read);
        w_.involve(write);
        const std::string load(sync_noun(read)), store(sync_noun(write));
        w_.reason(m.write_releases  ? "missing-acquire"
                  : m.read_acquires ? "missing-release"
                                    : "missing-release-and-acquire");
        const bool direct = read.reads_from == static_cast<int>(write.step);
        w_.label(write, w_.thread(write.thread) + ' ' + std::string(sync_verb(write)) + ' ' +
                            w_.value(write.object, write.after) + ' ' + at_step(write.step) +
                            (m.write_releases ? "" : ", " + order_of(write)));
        w_.label(read, w_.thread(read.thread) + (direct ? " reads that " : " reads ") +
                           w_.value(read.object, read.before) + ' ' + at_step(read.step) +
                           (m.read_acquires ? "" : ", " + order_of(read)));

        std::string text = w_.thread(read.thread) + " reads " + w_.object(read.object) +
                           (m.read_acquires ? " with acquire (" : " (") + w_.at(read) + ')';
        const std::string source =
            direct ? "the " + store + " it reads from" : "the " + store + " its value comes from";
        if (m.read_acquires) {
            text +=
                ", but " + source + " is " + order_of(write) + ", so it synchronizes with nothing";
        } else if (m.write_releases) {
            text += " from a " + store + " that releases, but the " + load + " is " +
                    order_of(read) + ", so it synchronizes with nothing";
        } else if (read.memory_order == write.memory_order) {
            text += ", but both the " + load + " and " + source + " are " + order_of(read) +
                    ", so they do not synchronize";
        } else {
            text += ", but the " + load + " is " + order_of(read) + " and " + source + " is " +
                    order_of(write) + ", so they do not synchronize";
        }
        w_.why(text + " and " + missing());
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
                    ") stands before the " + load + ", so it does not cover it");
        }
        // Updates between the two carry the release sequence on, whatever their own orders are.
        std::string advice;
        if (!m.write_releases)
            advice = verb(write) + " with " + with_half(write, trace::order::release) + " at " +
                     w_.at(write.where);
        if (!m.read_acquires)
            advice += (advice.empty() ? "" : ", and ") + verb(read) + " with " +
                      with_half(read, trace::order::acquire) +
                      (failed_exchange(read) ? " for its failure" : "") + " at " +
                      w_.at(read.where);
        const bool places_known =
            (m.write_releases || write.where.known()) && (m.read_acquires || read.where.known());
        if (places_known) w_.help(advice);
    }

    static bool failed_exchange(const event& e) {
        return !e.writes && (e.op == operation::compare_exchange_strong ||
                             e.op == operation::compare_exchange_weak);
    }
    static std::string order_of(const event& e) {
        return e.memory_order == trace::order::relaxed
                   ? "relaxed"
                   : "only " + std::string(trace::name_of(e.memory_order));
    }
    static std::string verb(const event& e) {
        if (e.op == operation::store) return "store";
        if (e.op == operation::load) return "load";
        return std::string(trace::name_of(e.op));
    }

    // One side holds a mutex, or each holds another one.
    bool by_locks() {
        const std::vector<int> mine = held_mutexes(trace_, second_.thread, second_.step);
        const std::vector<int> others = held_mutexes(trace_, first_.thread, first_.step);
        if (mine.empty() && others.empty()) return false;
        w_.reason(mine.empty() || others.empty() ? "lock-on-one-side" : "different-locks");
        for (const int m : mine) w_.involve_object(m);
        for (const int m : others) w_.involve_object(m);
        const std::string at_first = " at its " + std::string(access_noun(first_));
        const std::string at_second = " at its " + std::string(access_noun(second_));
        w_.why(earlier() + " holds " + mutexes(others) + at_first + ", " + later() + " holds " +
               mutexes(mine) + at_second + ", so no lock orders the two");
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
        w_.why("the last step of " + earlier() + " that happens before " + of_second + " is " +
               what + "; the " + first + " comes after it, " + at_step(first_.step));
        if (child) w_.why_also(later() + " has not joined " + earlier());
        const event* const join = last_join();
        if (join)
            w_.why_also(earlier() + " joins " + later() + " only later (" + w_.at(*join) + ')');
    }

    // Where the earlier thread joins, or waits to join, the later one after its access.
    const event* last_join() const {
        for (const event& e : trace_.events)
            if (e.op == operation::join && e.thread == first_.thread &&
                e.other_thread == second_.thread && e.step > first_.step)
                return &e;
        return nullptr;
    }

    int parent_of(int t) const {
        return t >= 0 && t < static_cast<int>(trace_.threads.size()) ? trace_.threads[t].parent
                                                                     : none;
    }
};

}  // namespace

trace::diagnostic explain_data_race(const execution_trace& trace) {
    if (trace.unwatched) return explain_unwatched_race(trace);
    const event* const second = trace::event_at(trace, trace.step);
    const event* const first = trace::event_at(trace, trace.other_step);
    if (first && second) return race_report(trace, *first, *second)();
    report_writer w(trace, "data-race");
    w.headline(w.object(trace.object) + " is accessed by two threads without order between them");
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
