#include <algorithm>

#include <heddle/checkers/lost_notification.hpp>

#include "lock_history.hpp"
#include "report_writer.hpp"
#include "stuck_threads.hpp"
#include "wait_for_graph.hpp"
#include "wait_history.hpp"

namespace heddle::checkers {
namespace {

class lost_notification_report {
public:
    explicit lost_notification_report(const execution_trace& trace)
        : w_(trace, "lost-notification"),
          trace_(trace),
          h_(history_of_wait(trace,
                             trace.passing_waiter != none ? trace.passing_waiter : trace.thread)) {}

    trace::diagnostic operator()() {
        w_.involve_thread(h_.waiter);
        w_.involve_object(h_.condition);
        w_.reason(word_of(h_.kind));
        w_.waits(wait_for_graph(trace_).as_data());
        if (h_.waiter < 0 || h_.waiter >= static_cast<int>(trace_.ends.size())) {
            w_.headline("a thread waits forever for a state that holds");
            return w_.finish();
        }
        const trace::thread_end& end = trace_.ends[h_.waiter];
        since_ = first_step_of_wait(trace_, h_.waiter);
        w_.primary(
            end.where,
            waiter() + (since_ ? " has been waiting here" + since_step(since_) : " waits here"),
            operation::wait_wake);
        switch (h_.kind) {
            case loss::before_the_wait: before_the_wait(); break;
            case loss::swallowed: swallowed(); break;
            case loss::timed_out: timed_out(); break;
            case loss::one_of_several: one_of_several(); break;
            case loss::not_notified: not_notified(); break;
            case loss::unknown: unknown(); break;
        }
        had_it_come();
        note_other_threads(w_, {h_.waiter}, "no thread can notify any more: ");
        return w_.finish();
    }

private:
    report_writer w_;
    const execution_trace& trace_;
    wait_history h_;
    unsigned since_ = 0;  // the first step of the wait

    std::string waiter() const { return w_.thread(h_.waiter); }
    std::string condition() const { return w_.object(h_.condition); }
    std::string mutex() const { return w_.object(h_.mutex); }
    std::string state() const { return w_.object(h_.test->object); }

    void headline(const std::string& fact) {
        w_.headline(waiter() + " waits forever on " + condition() + "; " + fact);
    }

    // A condition variable remembers nothing, so test and change must exclude each other.
    bool unlocked(const event* e) const {
        return e && h_.mutex != none && !holds(trace_, e->thread, e->step, h_.mutex);
    }
    std::string without_mutex(const event* e) const {
        return unlocked(e) ? ", without holding " + mutex() : "";
    }

    void label_test() {
        if (!h_.test) return;
        w_.involve(*h_.test);
        w_.label(*h_.test, waiter() + " reads " + w_.value(h_.test->object, h_.test->before) + ' ' +
                               at_step(h_.test->step) +
                               (h_.test->step > since_ ? " and goes to sleep" : "") +
                               without_mutex(h_.test));
    }
    void label_change() {
        if (!h_.change) return;
        w_.involve(*h_.change);
        w_.label(*h_.change, w_.thread(h_.change->thread) + ' ' + access_text(w_, *h_.change) +
                                 ' ' + at_step(h_.change->step) + without_mutex(h_.change));
    }
    void label_notification() {
        w_.involve(*h_.notify);
        if (h_.woken != none) w_.involve_thread(h_.woken);
        w_.label(
            *h_.notify,
            w_.thread(h_.notify->thread) + " notified " + at_step(h_.notify->step) +
                (h_.woken == none ? "; nobody was waiting" : "; it woke " + w_.thread(h_.woken)));
    }

    // What the search saw the waiter do when it woke it once more.
    void had_it_come() {
        if (trace_.if_woken.empty()) return;
        std::vector<std::string> found;
        for (const event& e : trace_.if_woken) {
            if (&e == &trace_.if_woken.back() || !e.reads || !is_data(e.op)) continue;
            const std::string read =
                w_.names().object(e.object) + " == " + w_.value(e.object, e.before);
            if (std::find(found.begin(), found.end(), read) == found.end()) found.push_back(read);
        }
        for (std::string& read : found) read = '`' + read + '`';
        const std::string next = went_on(trace_.if_woken.back());
        if (found.empty() && next.empty()) return;
        w_.note("had " + waiter() + " been notified, it would have " +
                (found.empty() ? next
                               : "found " + listed(found) + (next.empty() ? "" : " and " + next)));
    }

    // "gone on to `pending_.fetch_sub` (pool.hpp:31)"; empty if that says nothing: that the lock of
    // the wait is given back.
    std::string went_on(const event& next) const {
        const std::string place = next.where.known() ? " (" + w_.at(next.where) + ')' : "";
        if (next.op == operation::unlock) return {};
        if (next.op == operation::thread_end) return "ended";
        if (next.op == operation::join)
            return "gone on to join " + w_.thread(next.other_thread) + place;
        if (next.op == operation::spawn) return "gone on to start a thread" + place;
        if (next.object == none) return "gone on" + place;
        if (next.op == operation::plain_write)
            return "gone on to write " + w_.object(next.object) + place;
        return "gone on to `" + w_.names().object(next.object) + '.' +
               std::string(trace::name_of(next.op)) + '`' + place;
    }

    std::string_view notify_call() const {
        return trace::name_of(h_.waiting.size() > 1 ? operation::notify_all
                                                    : operation::notify_one);
    }

    void before_the_wait() {
        headline("it was notified only before it waited");
        label_test();
        label_change();
        label_notification();
        const std::string notifier = w_.thread(h_.notify->thread);
        const std::string wait = w_.at(h_.enqueue->where);
        if (!h_.change) {
            w_.why("when " + notifier + " notified (" + w_.at(*h_.notify) + "), " + waiter() +
                   " did not wait yet; a notification that finds nobody waiting is forgotten");
            if (!h_.test) {
                w_.why_also("the wait at " + wait + " tests nothing that would tell it so");
                if (h_.mutex != none)
                    w_.help("set a flag with " + mutex() +
                            " held before notifying, and wait with "
                            "a predicate that tests it");
            }
            return;
        }
        const bool same_thread = h_.change->thread == h_.notify->thread;
        if (h_.change->step > h_.notify->step) {
            w_.why(notifier + " notified (" + w_.at(*h_.notify) + ") before " +
                   (same_thread ? "it" : w_.thread(h_.change->thread)) + " changed " + state() +
                   " (" + w_.at(*h_.change) + "), and nobody notified after the change");
            if (!unlocked(h_.change) && !unlocked(h_.test)) advise_notification();
            return;
        }
        w_.why((same_thread ? notifier + " changed " + state() + " and notified"
                            : state() + " was changed and " + notifier + " notified") +
               " between the test (" + w_.at(h_.test->where) + ") and the wait (" + wait +
               "); a notification that finds nobody waiting is forgotten");
        advise_exclusion();
    }

    // The lock that is missing around the change, the test, or both.
    void advise_exclusion() {
        const bool change = unlocked(h_.change), test = unlocked(h_.test);
        if (!change && !test) return;
        if (test && change) {
            w_.why_also("neither the test nor the change holds " + mutex() +
                        ", so the change can come between the test and the wait");
        } else {
            w_.why_also("the " + std::string(test ? "test" : "change") + " does not hold " +
                        mutex() + ", so the change can come between the test and the wait");
        }
        std::string text;
        if (change)
            text = "change " + state() + " with " + mutex() + " held (" + w_.at(h_.change->where) +
                   ')';
        if (test) {
            text += text.empty() ? "" : ", and ";
            text += "test " + state() + " again with " + mutex() +
                    " held, in the predicate of the wait (" + w_.at(h_.enqueue->where) + ')';
        }
        w_.help(text);
    }

    void advise_notification() {
        if (!h_.change->where.known()) return;
        w_.help("call `" + w_.names().object(h_.condition) + '.' + std::string(notify_call()) +
                "()` after the change at " + w_.at(h_.change->where));
    }

    void swallowed() {
        const std::string woken = w_.thread(h_.woken);
        headline("the notification went to " + woken + ", which had no use for it");
        label_notification();
        w_.label(*h_.back_to_sleep,
                 woken + useless_look() + " waits " + at_step(h_.back_to_sleep->step));
        w_.why("the notification (" + w_.at(*h_.notify) + ") woke " + woken +
               ", which went back to wait (" + w_.at(*h_.back_to_sleep) +
               ") without passing it on; " + waiter() + " could have gone on");
        label_test();
        if (h_.notify->op == operation::notify_one && h_.notify->where.known())
            w_.help("wake all waiters with `notify_all` at " + label_single_notifications() +
                    ", or give each kind of waiter a condition variable of its own");
    }

    // " reads false,": what sent the woken thread back to sleep. Short, for a report of 25 lines.
    std::string useless_look() {
        const event* const look = last_event(trace_, [&](const event& e) {
            return e.thread == h_.woken && e.reads && is_data(e.op) && e.step > h_.notify->step &&
                   e.step < h_.back_to_sleep->step;
        });
        if (!look) return {};
        w_.involve(*look);
        return " reads " + w_.value(look->object, look->before) + ',';
    }

    // All places that notify one of the waiters can lose a notification so. Returns them.
    std::string label_single_notifications() {
        std::vector<std::string> places{w_.at(h_.notify->where)};
        for (const event& e : trace_.events) {
            if (e.op != operation::notify_one || e.object != h_.condition || !e.where.known())
                continue;
            const std::string place = w_.at(e.where);
            if (std::find(places.begin(), places.end(), place) != places.end()) continue;
            places.push_back(place);
            w_.label(e, w_.thread(e.thread) + " notifies one waiter here, " + at_step(e.step) +
                            (e.woken.empty() ? "" : "; it woke " + w_.thread(e.woken.front())));
        }
        return listed(places);
    }

    void timed_out() {
        const std::string woken = w_.thread(h_.woken);
        headline("the notification went to " + woken + ", which reported a timeout");
        label_notification();
        w_.label(*h_.timeout, woken + " was woken, but its `" +
                                  std::string(trace::name_of(h_.timeout->op)) +
                                  "` returned timeout, " + at_step(h_.timeout->step));
        w_.why(
            "the notification (" + w_.at(*h_.notify) + ") woke " + woken +
            ", but its time was over when it held its lock again; it left its wait as timed out (" +
            w_.at(*h_.timeout) + ") and did not pass the notification on; " + waiter() +
            " could have gone on");
        label_test();
        label_change();
        const std::string call(trace::name_of(h_.timeout->op));
        w_.note(
            "the standard allows that: a wait that is notified when its time is over may report "
            "the timeout ([thread.condition.condvar])");
        if (h_.timeout->where.known() && h_.test)
            w_.help("let " + woken + " test " + state() + " once more after the timeout (" +
                    w_.at(h_.timeout->where) + "), as `" + w_.names().object(h_.condition) + '.' +
                    call + "(lock, ..., predicate)` does, and go on if it can; or let it notify " +
                    "again before it gives up, so that " + waiter() + " is served");
    }

    void one_of_several() {
        headline("one thread was woken where two could go on");
        label_notification();
        label_test();
        label_change();
        w_.why("the notification (" + w_.at(*h_.notify) + ") woke only " + w_.thread(h_.woken) +
               (h_.change
                    ? ", but " + state() + " is " + w_.value(h_.change->object, h_.change->after) +
                          " for " + waiter() + " as well"
                    : ", although " + waiter() + " could go on too") +
               ", and nobody notified again");
        if (h_.notify->op == operation::notify_one && h_.notify->where.known())
            w_.help("wake all waiters with `notify_all` at " + w_.at(h_.notify->where) +
                    ", or notify once for each thread that can go on");
    }

    void not_notified() {
        const std::string changer = w_.thread(h_.change->thread);
        headline(changer + " changed " + state() + " and nobody notified");
        label_test();
        label_change();
        w_.why(changer + " changed " + state() + " (" + w_.at(*h_.change) + ") after " + waiter() +
               " had tested it (" + w_.at(*h_.test) + "), and no notification of " + condition() +
               " followed");
        const event* const other = last_event(trace_, [&](const event& e) {
            return is_notify(e.op) && e.thread == h_.change->thread && e.step > h_.change->step;
        });
        if (other && other->object != h_.condition) {
            w_.involve(*other);
            w_.label(*other, changer + " notifies " + w_.object(other->object) + " instead, " +
                                 at_step(other->step));
        }
        if (!unlocked(h_.change) && !unlocked(h_.test)) {
            advise_notification();
        } else {
            advise_exclusion();
            w_.help("then call `" + w_.names().object(h_.condition) + '.' +
                    std::string(notify_call()) + "()`");
        }
    }

    void unknown() {
        w_.headline(waiter() + " waits forever on " + condition() +
                    ", although what it waits for holds");
        label_test();
        w_.why("woken once more, " + waiter() + " would go on; no notification of " + condition() +
               " came while it waited");
    }
};

}  // namespace

trace::diagnostic explain_lost_notification(const execution_trace& trace) {
    return lost_notification_report(trace)();
}

}  // namespace heddle::checkers
