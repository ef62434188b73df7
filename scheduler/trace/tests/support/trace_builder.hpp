// Writes executions by hand, for the tests of reports and checkers.
//
//   trace_builder t;
//   const int main = t.thread("main"), ready = t.atomic("ready_");
//   t.at("ring_buffer.hpp", "ready_.store").store(main, ready, 1, order::relaxed);
//
// `at` names a line of a sample program by a text that it contains; the steps after it stand there.
// Thread switches and their reasons are filled in from the steps.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <utility>

#include <heddle/trace/execution_trace.hpp>

namespace heddle::trace {

class trace_builder {
public:
    // `programs`: the folder of the sample programs. Places in it are named relative to the root
    // that `set_display_root` was given, so that reports do not depend on the machine.
    explicit trace_builder(std::string programs = {}) : programs_(std::move(programs)) {}

    execution_trace trace;

    int thread(std::string name) {
        trace.threads.push_back({std::move(name), trace.threads.empty() ? none : 0, place_});
        trace.ends.emplace_back();
        return static_cast<int>(trace.threads.size()) - 1;
    }
    int object(object_kind kind, std::string name,
               value_format format = value_format::unsigned_integer, unsigned bytes = 4) {
        object_record record;
        record.kind = kind;
        record.name = std::move(name);
        record.named = true;
        record.format = format;
        record.bytes = bytes;
        record.created_at = place_;
        trace.objects.push_back(std::move(record));
        return static_cast<int>(trace.objects.size()) - 1;
    }
    int atomic(std::string name, value_format format = value_format::signed_integer) {
        return object(object_kind::atomic, std::move(name), format);
    }
    int var(std::string name) {
        return object(object_kind::var, std::move(name), value_format::signed_integer);
    }
    int mutex(std::string name) { return object(object_kind::mutex, std::move(name)); }
    int condition_variable(std::string name) {
        return object(object_kind::condition_variable, std::move(name));
    }
    // The last object loses its user's name: what is shown is found in the source, or is `mutex-1`.
    void unnamed(std::string name) {
        trace.objects.back().named = false;
        trace.objects.back().name = std::move(name);
    }

    trace_builder& at(const std::string& file, const std::string& text) {
        place_ = place_of(file, text);
        return *this;
    }
    trace_builder& at(place where) {
        place_ = std::move(where);
        return *this;
    }
    trace_builder& nowhere() { return at(place{}); }

    place place_of(const std::string& file, const std::string& text) const {
        const std::string path = (std::filesystem::path(programs_) / file).string();
        std::ifstream in(path);
        unsigned number = 0;
        for (std::string line; std::getline(in, line);) {
            ++number;
            if (line.find(text) != line.npos) return {path, number, {}};
        }
        throw std::invalid_argument(path + " has no line with: " + text);
    }

    event& add(int thread, operation op, int object) {
        event e;
        e.step = static_cast<unsigned>(trace.events.size()) + 1;
        e.thread = thread;
        e.op = op;
        e.object = object;
        e.where = place_;
        if (!trace.events.empty() && trace.events.back().thread != thread) {
            const event& before = trace.events.back();
            e.reason = before.op == operation::thread_end ? switch_reason::exited
                       : before.op == operation::yield    ? switch_reason::yielded
                       : before.blocked                   ? switch_reason::blocked
                                                          : switch_reason::preemption;
        }
        trace.events.push_back(std::move(e));
        return trace.events.back();
    }
    unsigned last() const { return static_cast<unsigned>(trace.events.size()); }

    unsigned load(int thread, int object, std::uint64_t value, int reads_from = none,
                  order o = order::seq_cst) {
        return read(add(thread, operation::load, object), value, reads_from, o);
    }
    unsigned store(int thread, int object, std::uint64_t value, order o = order::seq_cst) {
        event& e = add(thread, operation::store, object);
        e.writes = true;
        e.after = value;
        e.memory_order = o;
        return e.step;
    }
    unsigned update(int thread, operation op, int object, std::uint64_t before, std::uint64_t after,
                    int reads_from = none, order o = order::seq_cst) {
        event& e = add(thread, op, object);
        e.writes = true;
        e.after = after;
        return read(e, before, reads_from, o);
    }
    unsigned plain_read(int thread, int object, std::uint64_t value) {
        event& e = add(thread, operation::plain_read, object);
        e.reads = true;
        e.before = value;
        e.memory_order = order::relaxed;
        return e.step;
    }
    unsigned plain_write(int thread, int object, std::uint64_t value) {
        event& e = add(thread, operation::plain_write, object);
        e.writes = true;
        e.after = value;
        e.memory_order = order::relaxed;
        return e.step;
    }
    unsigned fence(int thread, order o) {
        event& e = add(thread, operation::fence, none);
        e.memory_order = o;
        return e.step;
    }
    unsigned lock(int thread, int object, int reads_from = none, operation op = operation::lock) {
        return update(thread, op, object, 0, 1, reads_from, order::acquire);
    }
    unsigned try_lock_fails(int thread, int object) {
        return read(add(thread, operation::try_lock, object), 1, none, order::relaxed);
    }
    unsigned unlock(int thread, int object) {
        event& e = add(thread, operation::unlock, object);
        e.writes = true;
        e.memory_order = order::release;
        return e.step;
    }
    // An attempt after which the thread waits, for good if nothing of it follows.
    unsigned blocks(int thread, operation op, int object) {
        event& e = add(thread, op, object);
        e.blocked = true;
        trace.ends[thread] = {thread_state::blocked, op, object, none, e.step, false, place_, {}};
        return e.step;
    }
    unsigned blocks_in_join(int thread, int child) {
        event& e = add(thread, operation::join, none);
        e.blocked = true;
        e.other_thread = child;
        trace.ends[thread] = {
            thread_state::blocked, operation::join, none, child, e.step, false, place_, {}};
        return e.step;
    }
    unsigned goes_on(int thread) {
        trace.ends[thread] = {};
        return last();
    }
    // A wait on a condition variable up to its sleep.
    unsigned sleeps(int thread, int condition, int mutex) {
        add(thread, operation::wait_enqueue, condition).writes = true;
        unlock(thread, mutex);
        return blocks(thread, operation::wait_wake, condition);
    }
    unsigned wakes(int thread, int condition, int notification) {
        trace.ends[thread] = {};
        return read(add(thread, operation::wait_wake, condition), 0, notification, order::relaxed);
    }
    unsigned notify(int thread, operation op, int condition, std::vector<int> woken = {}) {
        event& e = add(thread, op, condition);
        e.woken = std::move(woken);
        return e.step;
    }
    unsigned spawn(int thread, int child) {
        event& e = add(thread, operation::spawn, none);
        e.other_thread = child;
        trace.threads[child].parent = thread;
        trace.threads[child].created_at = place_;
        return e.step;
    }
    unsigned join(int thread, int child) {
        trace.ends[thread] = {};
        event& e = add(thread, operation::join, none);
        e.other_thread = child;
        return e.step;
    }
    unsigned ends(int thread) {
        trace.ends[thread] = {};
        trace.ends[thread].state = thread_state::exited;
        event& e = add(thread, operation::thread_end, none);
        e.where = {};
        return e.step;
    }
    void holds(int thread, int object, unsigned step) {
        trace.holdings.push_back({object, thread, step});
    }
    void stops(stop why, int thread, unsigned step, int object = none, unsigned other_step = 0) {
        trace.why = why;
        trace.thread = thread;
        trace.step = step;
        trace.object = object;
        trace.other_step = other_step;
    }

private:
    std::string programs_;
    place place_;

    static unsigned read(event& e, std::uint64_t value, int reads_from, order o) {
        e.reads = true;
        e.before = value;
        e.reads_from = reads_from;
        e.memory_order = o;
        return e.step;
    }
};

}  // namespace heddle::trace
