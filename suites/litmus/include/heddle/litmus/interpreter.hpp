// Executes one thread of a program on a machine.
//
// The machine is what the operations act on: the engine in heddle-litmus, a sequential memory in
// tests. It has
//
//   load(location, order) -> value          store(location, value, order)
//   plain_load(location) -> value           plain_store(location, value)          the accesses of
//   order `na` rmw(location, operation, operand, order) -> value before cas(location, expected,
//   desired, success, failure, weak) -> cas_result await(location, value, equal, order) -> value
//   blocks until the location is, or is not, `value` await_cas(location, expected, desired, order)
//   -> value before fence(order)   lock(location)   unlock(location)   trylock(location) -> taken
//   start(thread)  join(thread)
//   locate(base, index) -> location_index   an element whose index depends on a register:
//   location_table::find,
//                                           then `add` where that finds nothing
//   assume_failed()                         this execution does not count; the thread ends if the
//   call returns endless_local_loop()                    the thread jumped `local_jump_limit` times
//   without an operation, and
//                                           will not come back; it ends if the call returns
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <heddle/litmus/program.hpp>

namespace heddle::litmus {

struct cas_result {
    std::int64_t value = 0;  // the one seen
    bool ok = false;         // it wrote
};

template <class Machine>
concept machine = requires(Machine m, location_index at, std::int64_t value, order o,
                           rmw_operation operation, base_index base, std::uint32_t thread,
                           bool flag) {
    { m.load(at, o) } -> std::same_as<std::int64_t>;
    { m.plain_load(at) } -> std::same_as<std::int64_t>;
    m.store(at, value, o);
    m.plain_store(at, value);
    { m.rmw(at, operation, value, o) } -> std::same_as<std::int64_t>;
    { m.cas(at, value, value, o, o, flag) } -> std::same_as<cas_result>;
    { m.await(at, value, flag, o) } -> std::same_as<std::int64_t>;
    { m.await_cas(at, value, value, o) } -> std::same_as<std::int64_t>;
    m.fence(o);
    m.lock(at);
    m.unlock(at);
    { m.trylock(at) } -> std::same_as<bool>;
    m.start(thread);
    m.join(thread);
    { m.locate(base, value) } -> std::same_as<location_index>;
    m.assume_failed();
    m.endless_local_loop();
};

inline constexpr std::uint32_t local_jump_limit = 1'000'000;

// Runs thread `thread` to its end. Registers start as they are; the caller sets them to 0.
// Blocks: where the machine does.
template <machine Machine>
void run_thread(const program& p, std::size_t thread, register_file& registers, Machine& m) {
    const std::vector<instruction>& code = p.threads[thread].code;
    const auto value_of = [&](expression_id id) { return evaluate(p, id, registers); };
    const auto set = [&](std::uint32_t destination, std::int64_t value) {
        if (destination != none) registers.values[destination] = value;
    };
    std::uint32_t local_jumps = 0;  // since the last operation of the machine
    for (std::size_t counter = 0;;) {
        const instruction& i = code[counter++];
        location_index at = i.location;
        if (i.index != none) at = m.locate(i.base, value_of(i.index));
        switch (i.code) {
            case opcode::load:
                set(i.destination,
                    i.success == order::na ? m.plain_load(at) : m.load(at, i.success));
                break;
            case opcode::store:
                if (i.success == order::na)
                    m.plain_store(at, value_of(i.operand));
                else
                    m.store(at, value_of(i.operand), i.success);
                break;
            case opcode::rmw:
                set(i.destination, m.rmw(at, i.rmw, value_of(i.operand), i.success));
                break;
            case opcode::cas:
            case opcode::wcas: {
                const cas_result result = m.cas(at, value_of(i.operand), value_of(i.desired),
                                                i.success, i.failure, i.code == opcode::wcas);
                set(i.destination, result.value);
                set(i.ok_destination, result.ok);
                break;
            }
            case opcode::await:
                set(i.destination, m.await(at, value_of(i.operand), i.equal, i.success));
                break;
            case opcode::await_cas:
                set(i.destination,
                    m.await_cas(at, value_of(i.operand), value_of(i.desired), i.success));
                break;
            case opcode::fence: m.fence(i.success); break;
            case opcode::lock: m.lock(at); break;
            case opcode::unlock: m.unlock(at); break;
            case opcode::trylock: set(i.destination, m.trylock(at)); break;
            case opcode::start: m.start(i.target); break;
            case opcode::join: m.join(i.target); break;
            case opcode::set_register: set(i.destination, value_of(i.operand)); continue;
            case opcode::jump_if_zero:
                if (value_of(i.operand) == 0) counter = i.target;
                continue;
            case opcode::jump:
                counter = i.target;
                if (++local_jumps < local_jump_limit) continue;
                m.endless_local_loop();
                return;
            case opcode::assume:
                if (value_of(i.operand) != 0) continue;
                m.assume_failed();
                return;
            case opcode::end: return;
        }
        local_jumps = 0;
    }
}

}  // namespace heddle::litmus
