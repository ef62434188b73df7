// A litmus program: per thread a flat list of instructions over private 64-bit registers.
//
// `parse` (parser.hpp) makes one from the notation of suites/litmus/README.md, `run_thread`
// (interpreter.hpp) executes one thread of it. Blocks are compiled to jumps and `repeat` is
// unrolled, so that a thread is straight-line code with a program counter.
//
// Limits: 62 threads, 64 registers a thread, 100,000 instructions in all.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace heddle::litmus {

inline constexpr std::size_t max_threads = 62;
inline constexpr std::size_t max_registers = 64;
inline constexpr std::size_t max_instructions = 100'000;

// In the order of the notation: na rlx acq rel acqrel sc. `na` is a plain access.
enum class order : std::uint8_t { na, rlx, acq, rel, acqrel, sc };
std::string_view to_string(order o) noexcept;

enum class rmw_operation : std::uint8_t { add, sub, bit_or, bit_and, bit_xor, exchange };

// The value an RMW writes when it has read `seen`. Wraps around as std::atomic does.
std::int64_t apply(rmw_operation operation, std::int64_t seen, std::int64_t operand) noexcept;

using location_index = std::uint32_t;  // dense, from 0
using base_index = std::uint32_t;      // into program::bases
using expression_id = std::uint32_t;   // into program::expressions
inline constexpr std::uint32_t none = ~std::uint32_t{0};

enum class expression_kind : std::uint8_t {
    constant,
    reg,
    logical_not,
    negate,
    add,
    subtract,
    multiply,
    divide,
    remainder,
    equal,
    not_equal,
    less,
    less_equal,
    greater,
    greater_equal,
    logical_and,
    logical_or,
};

struct expression_node {
    expression_kind kind = expression_kind::constant;
    std::int64_t value = 0;  // constant: the number; reg: which register
    expression_id left = none, right = none;
};

// Arithmetic on 64 bits that wraps around; division and remainder by zero yield 0.
std::int64_t apply(expression_kind kind, std::int64_t left, std::int64_t right) noexcept;

enum class opcode : std::uint8_t {
    load,
    store,
    rmw,
    cas,
    wcas,
    await,
    await_cas,
    fence,
    lock,
    unlock,
    trylock,
    set_register,
    jump_if_zero,
    jump,
    assume,
    start,
    join,
    end,
};

// Which members mean something depends on `code`; the rest keep their defaults.
struct instruction {
    opcode code = opcode::end;
    order success = order::rlx;              // the order of every operation but a failing CAS
    order failure = order::rlx;              // cas, wcas
    rmw_operation rmw = rmw_operation::add;  // rmw
    bool equal = true;                    // await: until equal to the operand, or until different
    std::uint32_t destination = none;     // register for the value read; none: dropped
    std::uint32_t ok_destination = none;  // cas, wcas: register for "it wrote"
    std::uint32_t target = 0;             // jumps: instruction; start, join: thread
    location_index location = none;  // known when parsing; none: an element with an index below
    base_index base = none;          // of the location
    expression_id index = none;      // of an element whose index depends on a register
    expression_id operand = none;    // value written, awaited, assumed, tested; CAS: expected
    expression_id desired = none;    // cas, wcas, await_cas
};

// How the program uses a name. `mixed`: some accesses are plain and some are atomic.
enum class location_use : std::uint8_t { unused, mutex, plain, atomic, mixed };

// One name: a single location, or an array of them.
struct location_base {
    std::string name;
    location_use use = location_use::unused;
    bool dynamic = false;  // some access has an index that depends on a register
    std::int64_t initial = 0;
    std::map<std::int64_t, std::int64_t> initial_elements;  // the others start at `initial`
};

struct location {
    std::string name;  // "x", "a[2]"
    base_index base = 0;
    std::optional<std::int64_t> index;  // absent: the name alone
    std::int64_t initial = 0;
};

struct thread_code {
    std::vector<instruction> code;       // the last one is `end`
    std::vector<std::string> registers;  // names, by number
    bool late = false;                   // does not run before some thread executes start(k)
};

struct program {
    std::vector<thread_code> threads;
    std::vector<location_base> bases;  // in order of their first mention
    std::vector<location> locations;   // named with a constant index or none, in order of first use
    std::vector<expression_node> expressions;
    bool has_plain = false;  // some access is plain: races are possible
    bool has_assume = false;

    bool is_mutex(const location& l) const { return bases[l.base].use == location_use::mutex; }
    // True: every outcome shows it. False: a mutex, or an element of an array that is indexed by a
    // register.
    bool always_shown(const location& l) const { return !is_mutex(l) && !bases[l.base].dynamic; }
};

// The registers of one thread. All are 0 before an execution.
struct register_file {
    std::array<std::int64_t, max_registers> values{};
};

std::int64_t evaluate_operator(const program& p, const expression_node& node,
                               const register_file& registers) noexcept;

// Cost: linear in the size of the expression; a number or a register is read in place.
inline std::int64_t evaluate(const program& p, expression_id id,
                             const register_file& registers) noexcept {
    const expression_node& node = p.expressions[id];
    if (node.kind == expression_kind::constant) return node.value;
    if (node.kind == expression_kind::reg)
        return registers.values[static_cast<std::size_t>(node.value)];
    return evaluate_operator(p, node, registers);
}

// Numbers every location a program can reach: those named with a constant index when it is made,
// the others
// (`a[r0]`) when they are met. It outlives the executions of one program, so that a location keeps
// its number.
class location_table {
public:
    explicit location_table(const program& p);

    std::size_t size() const noexcept { return locations_.size(); }
    const location& operator[](location_index i) const { return locations_[i]; }

    // The number of element `index` of `base`, or `none`. Does not allocate.
    // Cost: linear in the elements of that base met so far.
    location_index find(base_index base, std::int64_t index) const noexcept;

    // Numbers a new element. Requires: `find` gave `none`.
    location_index add(base_index base, std::int64_t index);

    // True once `add` was called since the last `clear_grew`: a search that began with fewer
    // locations has to start again.
    bool grew() const noexcept { return grew_; }
    void clear_grew() noexcept { grew_ = false; }

private:
    struct element {
        std::int64_t index;
        location_index location;
    };

    const program& program_;
    std::vector<location> locations_;
    std::vector<std::vector<element>> elements_;  // by base
    bool grew_ = false;
};

// The location `base` or, with an index, one of its elements: its name and initial value.
location make_location(const program& p, base_index base, std::optional<std::int64_t> index);

}  // namespace heddle::litmus
