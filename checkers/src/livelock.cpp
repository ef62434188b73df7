#include <algorithm>
#include <set>
#include <tuple>

#include <heddle/checkers/livelock.hpp>
#include <heddle/trace/render.hpp>

#include "report_writer.hpp"
#include "stuck_threads.hpp"
#include "wait_for_graph.hpp"

namespace heddle::checkers {
namespace {

constexpr std::size_t most_labelled = 3;
constexpr std::size_t window =
    400;  // of the last steps, in which a thread that gets nowhere repeats

using trace::thread_state;

// A step of a thread that it performs again and again.
struct repetition {
    const event* last = nullptr;
    std::size_t times = 0;  // in the window
};

std::size_t window_begin(const execution_trace& trace) {
    return trace.events.size() > window ? trace.events.size() - window : 0;
}

// The step that a thread repeats most often, with the same result.
repetition most_repeated(const execution_trace& trace, int thread) {
    std::vector<repetition> all;
    const auto same = [](const event& a, const event& b) {
        return a.op == b.op && a.object == b.object && a.where == b.where && a.before == b.before &&
               a.writes == b.writes && a.after == b.after;
    };
    for (std::size_t i = window_begin(trace); i < trace.events.size(); ++i) {
        const event& e = trace.events[i];
        if (e.thread != thread || e.op == operation::yield || e.op == operation::sleep) continue;
        const auto known = std::find_if(all.begin(), all.end(),
                                        [&](const repetition& r) { return same(*r.last, e); });
        if (known == all.end()) {
            all.push_back({&e, 1});
        } else {
            known->last = &e;
            ++known->times;
        }
    }
    repetition best;
    for (const repetition& r : all)
        if (!best.last || r.times > best.times ||
            (r.times == best.times && r.last->step > best.last->step))
            best = r;
    return best;
}

std::string thread_list(const report_writer& w, const std::vector<int>& threads) {
    if (threads.size() > most_labelled) return std::to_string(threads.size()) + " threads";
    std::vector<std::string> names;
    for (const int t : threads) names.push_back(w.thread(t));
    return listed(names);
}

std::vector<int> threads_that(const execution_trace& trace, bool spinning) {
    std::vector<int> threads;
    for (int t = 0; t < static_cast<int>(trace.ends.size()); ++t) {
        const trace::thread_end& end = trace.ends[t];
        if (spinning ? end.spinning : end.state == thread_state::runnable) threads.push_back(t);
    }
    return threads;
}

// The thread that stopped the execution first: its label is the primary one.
void first_the_stopper(std::vector<int>& threads, int stopper) {
    const auto at = std::find(threads.begin(), threads.end(), stopper);
    if (at != threads.end()) std::rotate(threads.begin(), at, at + 1);
}

// "reads 0 from `flag`", "tries `m.try_lock() -> false`": what a repeated step does.
std::string repeated(const report_writer& w, const event& e) {
    if (e.reads && !e.writes && is_data(e.op) && e.op != operation::compare_exchange_strong &&
        e.op != operation::compare_exchange_weak)
        return "reads " + w.value(e.object, e.before) + " from " + w.object(e.object);
    return "performs `" + trace::show_event(w.trace(), w.names(), e) + '`';
}

// The last read of a thread that spins: its last step may be a yield. What it counts its rounds in
// is not what it waits for, so an object that it changes itself afterwards is none.
const event* spinning_read(const execution_trace& trace, int thread) {
    const event* last = nullptr;
    std::set<int> changed;
    for (auto e = trace.events.rbegin(); e != trace.events.rend(); ++e) {
        if (e->thread != thread || e->blocked) continue;
        if (e->writes && !(e->reads && e->before == e->after)) changed.insert(e->object);
        if (!e->reads) continue;
        if (!changed.contains(e->object)) return &*e;
        if (!last) last = &*e;
    }
    return last;
}

// What last happened to an object that is spun on, and that it stays so.
void why_unchanged(report_writer& w, int object) {
    const execution_trace& trace = w.trace();
    for (const trace::holding& h : trace.holdings) {
        if (h.object != object) continue;
        w.involve_thread(h.thread);
        if (const event* const taken = trace::event_at(trace, h.step))
            w.label(*taken,
                    w.thread(h.thread) + " took " + w.object(object) + ' ' + at_step(h.step));
        w.why(w.thread(h.thread) + " has held " + w.object(object) + since_step(h.step) +
              ", and does not get to unlock it");
        return;
    }
    const event* const write = last_event(
        trace, [&](const event& e) { return e.object == object && e.writes && !e.blocked; });
    if (write) {
        w.involve(*write);
        w.label(*write, w.thread(write->thread) + ' ' + access_text(w, *write) + ' ' +
                            at_step(write->step) + ", the last change");
        w.why(w.object(object) + " has been " + w.value(object, write->after) +
              since_step(write->step) + ", and no thread is left to change it");
    } else {
        w.why("no thread changed " + w.object(object) + ", and none is left to change it");
    }
}

// Who joins a thread that spins waits for ever as well; what it does after the join comes too late.
// Adds it to `explained`.
void label_joins(report_writer& w, const std::vector<int>& spinning, int object,
                 std::vector<int>& explained) {
    const execution_trace& trace = w.trace();
    const bool written = last_event(trace, [&](const event& e) {
                             return e.object == object && e.writes;
                         }) != nullptr;
    std::size_t labelled = 0;
    for (int t = 0; t < static_cast<int>(trace.ends.size()); ++t) {
        const trace::thread_end& end = trace.ends[t];
        if (end.state != thread_state::blocked || end.waiting_in != operation::join ||
            std::find(spinning.begin(), spinning.end(), end.other_thread) == spinning.end())
            continue;
        if (++labelled > most_labelled) break;
        w.label(end.where, w.thread(t) + ' ' + w.waiting_since(t), operation::join);
        w.mention(t);
        explained.push_back(t);
        if (labelled == 1 && !written && object != none && spinning.size() == 1 &&
            end.where.known())
            w.help("nothing writes " + w.object(object) + ": write it before " + w.thread(t) +
                   " joins " + w.thread(end.other_thread) + " at " + w.at(end.where));
    }
}

// All who could run repeat their reads, and nobody is left to change what they read.
void spinning_for_ever(report_writer& w, std::vector<int> threads) {
    const execution_trace& trace = w.trace();
    const std::vector<int> by_number = threads;
    first_the_stopper(threads, trace.thread);
    std::vector<int> objects;
    for (std::size_t k = 0; k < threads.size(); ++k) {
        const int t = threads[k];
        const trace::thread_end& end = trace.ends[t];
        const event* const read = spinning_read(trace, t);
        const int object = read ? read->object : end.object;
        w.involve_thread(t);
        w.involve_object(object);
        if (std::find(objects.begin(), objects.end(), object) == objects.end())
            objects.push_back(object);
        if (k >= most_labelled) continue;
        const std::string text =
            w.thread(t) + ' ' +
            (read ? repeated(w, *read) + ' ' + at_step(read->step) : std::string("spins")) +
            ", again and again";
        const place& where = read ? read->where : end.where;
        const operation call = read ? read->op : end.waiting_in;
        if (k == 0) {
            w.primary(where, text, call);
        } else {
            w.label(where, text, call);
        }
    }
    w.headline(thread_list(w, by_number) + (threads.size() == 1 ? " spins" : " spin") + " forever" +
               (objects.size() == 1 ? " on " + w.object(objects.front())
                                    : " on values that no thread can change"));
    for (const int o : objects)
        if (o != none) why_unchanged(w, o);
    std::vector<int> explained = by_number;
    label_joins(w, by_number, objects.size() == 1 ? objects.front() : none, explained);
    note_other_threads(w, explained, "no other thread can help: ");
}

// Labels what each thread that can still run repeats; true if all of them repeat something.
bool label_repetitions(report_writer& w, std::vector<int> threads) {
    first_the_stopper(threads, w.trace().thread);
    bool all = !threads.empty();
    bool first = true;
    std::size_t labelled = 0;
    for (const int t : threads) {
        w.involve_thread(t);
        const repetition r = most_repeated(w.trace(), t);
        if (!r.last) {
            all = false;
            continue;
        }
        w.involve_object(r.last->object);
        all = all && r.times > 1;
        if (labelled++ >= most_labelled) continue;
        std::string text = w.thread(t) + ' ' + repeated(w, *r.last) + ' ' + at_step(r.last->step);
        if (r.times > 1)
            text += ", " + std::to_string(r.times) + " times in the last " +
                    std::to_string(w.trace().events.size() - window_begin(w.trace())) + " steps";
        if (first) {
            w.primary(*r.last, text);
        } else {
            w.label(*r.last, text);
        }
        first = false;
    }
    return all;
}

void note_limit(report_writer& w) {
    if (w.trace().step_limit != 0)
        w.note("the execution was stopped after " + std::to_string(w.trace().step_limit) +
               " steps, the step limit (`--heddle_step_limit`)");
}

}  // namespace

trace::diagnostic explain_livelock(const execution_trace& trace) {
    report_writer w(trace, "livelock");
    w.waits(wait_for_graph(trace).as_data());
    const std::vector<int> spinning = threads_that(trace, true);
    if (!spinning.empty()) {
        w.reason("spin");
        spinning_for_ever(w, spinning);
        return w.finish();
    }
    w.warn();
    w.reason("no-progress");
    const std::vector<int> running = threads_that(trace, false);
    w.headline((running.empty() ? "threads" : thread_list(w, running)) +
               (running.size() == 1 ? " keeps" : " keep") + " running and " +
               (running.size() == 1 ? "gets" : "get") + " nowhere");
    label_repetitions(w, running);
    const event* const progress =
        last_event(trace, [&](const event& e) { return e.writes && !e.blocked && is_data(e.op); });
    std::string text = "the schedule was fair to all threads, and none of them made progress";
    if (progress)
        text += "; the last change of data was " + w.object(progress->object) + " by " +
                w.thread(progress->thread) + ' ' + at_step(progress->step);
    w.why(text);
    note_other_threads(w, running, "");
    note_limit(w);
    return w.finish();
}

trace::diagnostic explain_step_limit(const execution_trace& trace) {
    report_writer w(trace, "step-limit");
    w.warn();
    const std::vector<int> running = threads_that(trace, false);
    if (!trace.message.empty()) {
        w.headline(trace.message);
    } else if (trace.step_limit != 0) {
        w.headline("the execution did not end within " + std::to_string(trace.step_limit) +
                   " steps");
    } else {
        w.headline("the execution did not end within its step limit");
    }
    const bool repeats = label_repetitions(w, running);
    w.reason(!trace.message.empty() ? "other" : repeats ? "repeats" : "long");
    if (trace.message.empty()) {
        w.why(repeats ? "each thread that can run repeats itself; whether that ends was not seen"
                      : "it may be long, or endless: that was not seen");
        note_other_threads(w, running, "");
        if (!repeats) w.help("raise `--heddle_step_limit` if the body is meant to be so long");
    }
    return w.finish();
}

}  // namespace heddle::checkers
