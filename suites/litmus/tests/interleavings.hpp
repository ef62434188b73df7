// Every sequentially consistent execution of a small program, by brute force: an oracle without
// fibers or graphs.
//
// A thread is stepped by running it again from its beginning with the results it had so far; its
// next operation throws. States that were met before are not entered again, so outcomes are found
// but not counted.
#pragma once

#include <algorithm>
#include <heddle/litmus/interpreter.hpp>
#include <heddle/litmus/outcome.hpp>
#include <heddle/litmus/runner.hpp>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace heddle::litmus {

class interleavings {
public:
    explicit interleavings(const program& p)
        : program_(p), table_(p), formatter_(p, table_), registers_(p.threads.size()) {}

    // Fails: std::length_error where there are more than `state_limit` states.
    row_result explore(std::size_t state_limit) {
        state_limit_ = state_limit;
        state first;
        first.threads.resize(program_.threads.size());
        for (std::size_t t = 0; t < program_.threads.size(); ++t)
            first.threads[t].started = !program_.threads[t].late;
        visit(first);
        result_.graphs = result_.outcomes.size();
        return result_;
    }

private:
    struct request {
        opcode code = opcode::end;
        location_index at = none;
        std::int64_t operand = 0, desired = 0;
        rmw_operation rmw = rmw_operation::add;
        bool equal = true;
        std::uint32_t thread = 0;
        bool assumption_failed = false;
    };
    struct history {
        std::vector<cas_result> results;  // of the operations done
        bool started = true;
        bool ended = false;
    };
    struct state {
        std::vector<history> threads;
        std::vector<std::int64_t> memory;  // by location; past its end: the initial value
        std::vector<std::uint8_t> touched;
    };

    // Answers from the history, then throws the operation that comes next.
    struct replay {
        interleavings& owner;
        const history& past;
        std::size_t next = 0;

        cas_result ask(const request& r) {
            if (next == past.results.size()) throw r;
            return past.results[next++];
        }
        std::int64_t load(location_index at, order) { return ask({opcode::load, at}).value; }
        std::int64_t plain_load(location_index at) { return ask({opcode::load, at}).value; }
        void store(location_index at, std::int64_t value, order) {
            ask({opcode::store, at, value});
        }
        void plain_store(location_index at, std::int64_t value) { ask({opcode::store, at, value}); }
        std::int64_t rmw(location_index at, rmw_operation operation, std::int64_t operand, order) {
            return ask({opcode::rmw, at, operand, 0, operation}).value;
        }
        cas_result cas(location_index at, std::int64_t expected, std::int64_t desired, order, order,
                       bool weak) {
            return ask({weak ? opcode::wcas : opcode::cas, at, expected, desired});
        }
        std::int64_t await(location_index at, std::int64_t value, bool equal, order) {
            return ask({opcode::await, at, value, 0, {}, equal}).value;
        }
        std::int64_t await_cas(location_index at, std::int64_t expected, std::int64_t desired,
                               order) {
            return ask({opcode::await_cas, at, expected, desired}).value;
        }
        void fence(order) {}
        void lock(location_index at) { ask({opcode::lock, at}); }
        void unlock(location_index at) { ask({opcode::unlock, at}); }
        bool trylock(location_index at) { return ask({opcode::trylock, at}).ok; }
        void start(std::uint32_t thread) { ask({opcode::start, none, 0, 0, {}, true, thread}); }
        void join(std::uint32_t thread) { ask({opcode::join, none, 0, 0, {}, true, thread}); }
        location_index locate(base_index base, std::int64_t index) {
            const location_index known = owner.table_.find(base, index);
            return known != none ? known : owner.table_.add(base, index);
        }
        void assume_failed() { throw request{opcode::assume, none, 0, 0, {}, true, 0, true}; }
        void endless_local_loop() { throw std::length_error("a loop without operations"); }
    };

    // What thread t does next; `end` where it has ended.
    request next_of(const state& s, std::size_t t) {
        registers_[t] = {};
        replay machine{*this, s.threads[t]};
        try {
            run_thread(program_, t, registers_[t], machine);
        } catch (const request& r) {
            return r;
        }
        return {};
    }

    void visit(state s) {
        std::vector<request> next;
        for (std::size_t t = 0; t < s.threads.size(); ++t) {
            next.push_back(next_of(s, t));
            if (next[t].assumption_failed && s.threads[t].started) return;
            s.threads[t].ended = s.threads[t].started && next[t].code == opcode::end;
        }
        for (std::size_t l = s.memory.size(); l < table_.size(); ++l) {
            s.memory.push_back(table_[static_cast<location_index>(l)].initial);
            s.touched.push_back(0);
        }
        if (!visited_.insert(key(s)).second) return;
        if (visited_.size() > state_limit_) throw std::length_error("too many states");
        bool moved = false, all_ended = true;
        for (std::size_t t = 0; t < s.threads.size(); ++t) {
            if (!s.threads[t].started || s.threads[t].ended) continue;
            all_ended = false;
            moved = step(s, t, next[t]) || moved;
        }
        if (all_ended)
            record(s);
        else if (!moved)
            ++result_.deadlocks;
    }

    // Does the operation in a copy of the state and goes on from there. False: it blocks.
    bool step(const state& s, std::size_t t, const request& r) {
        state after = s;
        history& past = after.threads[t];
        if (r.code == opcode::start) {
            after.threads[r.thread].started = true;
            past.results.push_back({});
        } else if (r.code == opcode::join) {
            if (!s.threads[r.thread].ended) return false;
            past.results.push_back({});
        } else {
            std::int64_t& cell = after.memory[r.at];
            const std::int64_t seen = cell;
            if (blocks(r, seen)) return false;
            after.touched[r.at] = 1;
            const bool matches = seen == r.operand;
            if (r.code == opcode::wcas && matches) {
                state failed = after;
                failed.threads[t].results.push_back({seen, false});
                visit(failed);
            }
            cell = written(r, seen);
            past.results.push_back({seen, r.code == opcode::trylock ? seen == 0 : matches});
        }
        visit(std::move(after));
        return true;
    }

    static bool blocks(const request& r, std::int64_t seen) {
        if (r.code == opcode::lock) return seen != 0;
        if (r.code == opcode::await) return (seen == r.operand) != r.equal;
        return r.code == opcode::await_cas && seen != r.operand;
    }

    static std::int64_t written(const request& r, std::int64_t seen) {
        switch (r.code) {
            case opcode::store: return r.operand;
            case opcode::rmw: return apply(r.rmw, seen, r.operand);
            case opcode::lock:
            case opcode::trylock: return 1;
            case opcode::unlock: return 0;
            case opcode::cas:
            case opcode::wcas:
            case opcode::await_cas: return seen == r.operand ? r.desired : seen;
            default: return seen;
        }
    }

    void record(const state& s) {
        for (std::size_t t = 0; t < s.threads.size(); ++t)
            next_of(s, t);  // leaves the registers behind
        ++result_.outcomes[formatter_.format(registers_, s.memory, s.touched)];
    }

    // Results decide what a thread did, and memory is the rest of what can matter.
    static std::string key(const state& s) {
        std::string text;
        const auto add = [&text](std::int64_t v) { text += std::to_string(v) + ','; };
        for (const history& h : s.threads) {
            text += h.started ? 's' : 'n';
            for (const cas_result& r : h.results) {
                add(r.value);
                text += r.ok ? '+' : '-';
            }
        }
        for (const std::int64_t v : s.memory) add(v);
        return text;
    }

    const program& program_;
    location_table table_;
    outcome_formatter formatter_;
    std::vector<register_file> registers_;
    std::set<std::string> visited_;
    std::size_t state_limit_ = 0;
    row_result result_;
};

}  // namespace heddle::litmus
