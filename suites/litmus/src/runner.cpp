// Litmus programs on the engine: a thread is a modelled thread that interprets its statements.
#include <heddle/litmus/interpreter.hpp>
#include <heddle/litmus/outcome.hpp>
#include <heddle/litmus/runner.hpp>

#include <heddle/scheduler/explore.hpp>
#include <heddle/scheduler/hooks.hpp>

#include <algorithm>
#include <stdexcept>
#include <vector>

namespace heddle::litmus {
namespace {

namespace hooks = scheduler::hooks;
using scheduler::object_id;

constexpr trace::site nowhere{"litmus program", 0};

trace::order order_of(order o) noexcept {
    switch (o) {
        case order::na:
        case order::rlx: return trace::order::relaxed;
        case order::acq: return trace::order::acquire;
        case order::rel: return trace::order::release;
        case order::acqrel: return trace::order::acq_rel;
        case order::sc: return trace::order::seq_cst;
    }
    return trace::order::seq_cst;
}

trace::operation operation_of(rmw_operation o) noexcept {
    switch (o) {
        case rmw_operation::add: return trace::operation::fetch_add;
        case rmw_operation::sub: return trace::operation::fetch_sub;
        case rmw_operation::bit_or: return trace::operation::fetch_or;
        case rmw_operation::bit_and: return trace::operation::fetch_and;
        case rmw_operation::bit_xor: return trace::operation::fetch_xor;
        case rmw_operation::exchange: return trace::operation::exchange;
    }
    return trace::operation::exchange;
}

std::uint64_t bits(std::int64_t v) noexcept { return static_cast<std::uint64_t>(v); }
std::int64_t number(std::uint64_t v) noexcept { return static_cast<std::int64_t>(v); }

class exploration {
public:
    exploration(const program& p, location_table& table, row_result& row)
        : program_(p), table_(table), row_(row), formatter_(p, table) {}

    void body();
    void clear() { row_.outcomes.clear(); }
    bool looped() const { return looped_; }

    // ---- the machine of interpreter.hpp
    std::int64_t load(location_index l, order o) {
        touch(l, false, true);
        return number(hooks::load(cells_[l].object, order_of(o), nowhere));
    }
    void store(location_index l, std::int64_t v, order o) {
        touch(l, true, true);
        hooks::store(cells_[l].object, bits(v), order_of(o), nowhere);
    }
    std::int64_t plain_load(location_index l) {
        cell& c = cells_[l];
        touched_[l] = 1;
        if (mixed(l)) {
            touch(l, false, false);
            return number(hooks::load(c.object, trace::order::relaxed, nowhere));
        }
        hooks::plain_read(c.plain, bits(c.value), nowhere);
        return c.value;
    }
    void plain_store(location_index l, std::int64_t v) {
        cell& c = cells_[l];
        touched_[l] = 1;
        if (mixed(l)) {
            touch(l, true, false);
            hooks::store(c.object, bits(v), trace::order::relaxed, nowhere);
            return;
        }
        hooks::plain_write(c.plain, bits(v), nowhere);
        c.value = v;
    }
    std::int64_t rmw(location_index l, rmw_operation operation, std::int64_t operand, order o) {
        touch(l, true, true);
        return number(hooks::read_modify_write(cells_[l].object, operation_of(operation),
                                               bits(operand), order_of(o), nowhere));
    }
    cas_result cas(location_index l, std::int64_t expected, std::int64_t desired, order success,
                   order failure, bool weak) {
        touch(l, true, true);
        std::uint64_t seen = bits(expected);
        const bool ok = hooks::compare_exchange(cells_[l].object,
                                                weak ? trace::operation::compare_exchange_weak
                                                     : trace::operation::compare_exchange_strong,
                                                seen, bits(desired), order_of(success),
                                                order_of(failure), nowhere);
        return {ok ? expected : number(seen), ok};
    }
    std::int64_t await(location_index l, std::int64_t value, bool equal, order o) {
        touch(l, false, true);
        return number(
            equal ? hooks::await_equal(cells_[l].object, bits(value), order_of(o), nowhere)
                  : hooks::await_not_equal(cells_[l].object, bits(value), order_of(o), nowhere));
    }
    std::int64_t await_cas(location_index l, std::int64_t expected, std::int64_t desired, order o) {
        touch(l, true, true);
        return number(hooks::await_compare_exchange(cells_[l].object, bits(expected), bits(desired),
                                                    order_of(o), nowhere));
    }
    void fence(order o) { hooks::fence(order_of(o), nowhere); }
    void lock(location_index l) { hooks::lock(cells_[l].object, nowhere); }
    void unlock(location_index l) { hooks::unlock(cells_[l].object, nowhere); }
    bool trylock(location_index l) { return hooks::try_lock(cells_[l].object, nowhere); }
    void start(std::uint32_t thread);
    void join(std::uint32_t thread) { hooks::join(threads_[thread], nowhere); }
    location_index locate(base_index base, std::int64_t index) {
        const location_index known = table_.find(base, index);
        if (known != none && known < cells_.size()) return known;
        // The search begins again with this element among the locations (`run`); this execution
        // does not count.
        if (known == none) table_.add(base, index);
        hooks::drop_thread();
    }
    void assume_failed() { hooks::drop_thread(); }
    void endless_local_loop() {
        looped_ = true;
        hooks::drop_thread();
    }

private:
    struct cell {
        object_id object = scheduler::no_object;
        scheduler::access_shadow plain, atomic;
        std::int64_t value = 0;  // of a plain location
    };
    struct launch {
        exploration* self;
        std::size_t thread;
    };

    bool mixed(location_index l) const {
        return program_.bases[table_[l].base].use == location_use::mixed;
    }
    void touch(location_index l, bool is_write, bool is_atomic) {
        touched_[l] = 1;
        if (mixed(l))
            hooks::mixed_access(cells_[l].plain, cells_[l].atomic, is_write, is_atomic, nowhere);
    }
    void interpret(std::size_t thread);

    const program& program_;
    location_table& table_;
    row_result& row_;
    outcome_formatter formatter_;
    std::vector<cell> cells_;
    std::vector<scheduler::thread_id> threads_;
    std::vector<std::uint8_t> started_, touched_;
    std::vector<register_file> registers_;  // as the threads left them
    std::vector<std::int64_t> final_values_;
    bool looped_ = false;
};

// The registers live on the thread's own stack: they are part of the state that a loop may be shown
// to repeat.
void exploration::interpret(std::size_t thread) {
    register_file registers;
    run_thread(program_, thread, registers, *this);
    registers_[thread] = registers;
}

void exploration::start(std::uint32_t thread) {
    started_[thread] = 1;
    hooks::start_thread(
        threads_[thread],
        [](void* storage) {
            const launch l = *static_cast<launch*>(storage);
            l.self->interpret(l.thread);
        },
        nowhere);
}

void exploration::body() {
    const std::size_t n = program_.threads.size();
    cells_.assign(table_.size(), {});
    touched_.assign(table_.size(), 0);
    for (location_index l = 0; l < cells_.size(); ++l) {
        cell& c = cells_[l];
        const location& at = table_[l];
        const location_use use = program_.bases[at.base].use;
        if (use == location_use::mutex) {
            c.object = hooks::make_object(trace::object_kind::mutex, 0, 8,
                                          trace::value_format::signed_integer, nowhere);
        } else if (use == location_use::plain) {
            hooks::make_plain(c.plain, 8, trace::value_format::signed_integer, nowhere);
            c.value = at.initial;
        } else {
            c.object = hooks::make_object(trace::object_kind::atomic, bits(at.initial), 8,
                                          trace::value_format::signed_integer, nowhere);
            if (use == location_use::mixed) {
                hooks::make_plain(c.plain, 8, trace::value_format::signed_integer, nowhere);
                hooks::make_plain(c.atomic, 8, trace::value_format::signed_integer, nowhere);
            }
        }
    }
    registers_.assign(n, {});
    started_.assign(n, 0);
    threads_.resize(n);
    for (std::size_t t = 0; t < n; ++t) {
        const auto made = hooks::reserve_thread(sizeof(launch), alignof(launch), nowhere);
        threads_[t] = made.id;
        *static_cast<launch*>(made.storage) = {this, t};
    }
    for (std::size_t t = 0; t < n; ++t)
        if (!program_.threads[t].late) start(static_cast<std::uint32_t>(t));
    std::vector<bool> joined(n);
    for (bool again = true; again;) {
        again = false;
        for (std::size_t t = 0; t < n; ++t)
            if (started_[t] && !joined[t]) {
                joined[t] = again = true;
                hooks::join(threads_[t], nowhere);
            }
    }
    if (hooks::explaining()) return;
    final_values_.resize(cells_.size());
    for (std::size_t l = 0; l < cells_.size(); ++l)
        final_values_[l] = cells_[l].object == scheduler::no_object
                               ? cells_[l].value
                               : number(hooks::peek(cells_[l].object));
    ++row_.outcomes[formatter_.format(registers_, final_values_, touched_)];
}

options options_of(const run_options& o) {
    options out;
    out.memory_model = o.model == memory_model::sc     ? heddle::memory_model::sc
                       : o.model == memory_model::rc11 ? heddle::memory_model::rc11
                                                       : heddle::memory_model::cpp20;
    if (o.strategy == search_strategy::depth_first)
        out.strategy = strategies::depth_first{};
    else if (o.strategy == search_strategy::random)
        out.strategy = strategies::random{};
    else
        out.strategy = strategies::exhaustive{};
    out.seed = o.seed;
    out.execution_limit = o.execution_limit;
    out.keep_going = true;
    return out;
}

}  // namespace

row_result run(const program& p, const run_options& o) {
    location_table table(p);
    for (;;) {
        row_result row;
        exploration x(p, table, row);
        scheduler::search_hooks search_hooks;
        search_hooks.data = &x;
        search_hooks.on_restart = [](void* data) { static_cast<exploration*>(data)->clear(); };
        search_hooks.unlimited_weak_failures = true;
        search_hooks.shrink = false;  // a row counts; nobody reads its schedules
        const result r = scheduler::search(
            options_of(o), [](void* data) { static_cast<exploration*>(data)->body(); }, &x,
            search_hooks);
        if (table.grew()) {
            table.clear_grew();
            continue;
        }
        row.graphs = r.executions;
        row.deadlocks = r.deadlocks;
        row.executions = r.executions + r.deadlocks + r.pruned + r.warm_ups;
        row.pruned = r.pruned;
        row.exhausted = r.exhausted;
        const auto found = [&r](verdict v) {
            return std::any_of(r.failures.begin(), r.failures.end(),
                               [v](const failure& f) { return f.verdict == v; });
        };
        row.race = found(verdict::data_race);
        if (found(verdict::misuse))
            throw std::runtime_error("a mutex is unlocked by a thread that does not hold it");
        if (x.looped()) row.note = "a thread loops without an operation";
        if (!r.exhausted && row.note.empty()) row.note = r.summary;
        return row;
    }
}

}  // namespace heddle::litmus
