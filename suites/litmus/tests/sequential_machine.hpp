// A memory for one thread at a time: operations act at once and are written down. What would block
// throws.
#pragma once

#include <heddle/litmus/interpreter.hpp>
#include <stdexcept>
#include <string>
#include <vector>

namespace heddle::litmus {

class sequential_machine {
public:
    explicit sequential_machine(const program& p) : table(p) {
        for (std::size_t i = 0; i < table.size(); ++i) add_memory(static_cast<location_index>(i));
    }

    location_table table;
    std::vector<std::int64_t> memory;
    std::vector<std::uint8_t> touched;
    std::vector<std::string> calls;
    bool next_wcas_fails = false;
    bool assumption_failed = false;
    bool loops = false;

    std::int64_t load(location_index at, order o) { return access("load", at, o); }
    std::int64_t plain_load(location_index at) { return access("plain_load", at, order::na); }
    void store(location_index at, std::int64_t value, order o) { access("store", at, o) = value; }
    void plain_store(location_index at, std::int64_t value) {
        access("plain_store", at, order::na) = value;
    }

    std::int64_t rmw(location_index at, rmw_operation operation, std::int64_t operand, order o) {
        std::int64_t& cell = access("rmw", at, o);
        const std::int64_t seen = cell;
        cell = apply(operation, seen, operand);
        return seen;
    }

    cas_result cas(location_index at, std::int64_t expected, std::int64_t desired, order success,
                   order failure, bool weak) {
        std::int64_t& cell =
            access((weak ? "wcas/" : "cas/") + std::string(to_string(failure)), at, success);
        const cas_result result{cell, cell == expected && !(weak && next_wcas_fails)};
        if (result.ok) cell = desired;
        return result;
    }

    std::int64_t await(location_index at, std::int64_t value, bool equal, order o) {
        const std::int64_t seen = access(equal ? "await" : "await_ne", at, o);
        if ((seen == value) != equal) throw std::logic_error("awaits for ever");
        return seen;
    }

    std::int64_t await_cas(location_index at, std::int64_t expected, std::int64_t desired,
                           order o) {
        std::int64_t& cell = access("await_cas", at, o);
        if (cell != expected) throw std::logic_error("awaits for ever");
        cell = desired;
        return expected;
    }

    void fence(order o) { calls.push_back("fence " + std::string(to_string(o))); }
    void lock(location_index at) {
        if (!trylock(at)) throw std::logic_error("locks for ever");
    }
    void unlock(location_index at) { access("unlock", at, order::rel) = 0; }
    bool trylock(location_index at) {
        std::int64_t& held = access("lock", at, order::acq);
        return held == 0 ? held = 1 : false;
    }

    void start(std::uint32_t thread) { calls.push_back("start " + std::to_string(thread)); }
    void join(std::uint32_t thread) { calls.push_back("join " + std::to_string(thread)); }
    void assume_failed() { assumption_failed = true; }
    void endless_local_loop() { loops = true; }

    location_index locate(base_index base, std::int64_t index) {
        location_index at = table.find(base, index);
        if (at == none) {
            at = table.add(base, index);
            add_memory(at);
        }
        return at;
    }

private:
    void add_memory(location_index at) {
        memory.push_back(table[at].initial);
        touched.push_back(0);
    }

    std::int64_t& access(const std::string& what, location_index at, order o) {
        calls.push_back(what + ' ' + table[at].name + ' ' + std::string(to_string(o)));
        touched[at] = 1;
        return memory[at];
    }
};

}  // namespace heddle::litmus
