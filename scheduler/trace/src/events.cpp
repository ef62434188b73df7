#include <heddle/trace/render.hpp>

namespace heddle::trace {
namespace {

// The text of one event: what its thread does, on what, with which values.
class event_text {
public:
    event_text(const execution_trace& trace, const name_table& names, const event& e)
        : trace_(trace), names_(names), e_(e) {}

    std::string operator()() const {
        switch (e_.op) {
            case operation::load:
                return call(flag() ? "test" : "load", order_argument()) + result() + stale();
            case operation::store:
                if (flag()) return call("clear", order_argument());
                return call("store", with_order(value(e_.after)));
            case operation::exchange:
                if (flag()) return call("test_and_set", order_argument()) + result();
                return call("exchange", with_order(value(e_.after))) + result();
            case operation::fetch_add:
            case operation::fetch_sub:
                return call(name_of(e_.op), with_order(operand())) + result();
            case operation::fetch_or:
            case operation::fetch_and:
            case operation::fetch_xor:
            case operation::fetch_add_float:
            case operation::fetch_add_double:
                return call(name_of(e_.op), with_order("...")) + result() + ", now " +
                       value(e_.after);
            case operation::compare_exchange_strong:
            case operation::compare_exchange_weak: return compare_exchange();
            case operation::await_equal:
            case operation::await_not_equal:
            case operation::await_predicate:
            case operation::await_compare_exchange:
                return std::string(name_of(e_.op)) + '(' + with_order(object()) + ')' +
                       (e_.blocked ? "  blocks" : result() + stale());
            case operation::lock: return call("lock") + blocks();
            case operation::lock_all: return "lock(" + object() + ')' + blocks();
            case operation::try_lock:
                return call("try_lock") + (e_.writes ? " -> true" : " -> false");
            case operation::timed_try_lock:
                return timed() + (e_.writes ? " -> true" : " -> false (timeout)");
            case operation::timed_lock: return timed() + (e_.blocked ? "  blocks" : " -> true");
            case operation::wait_timed:
                return timed() + (e_.timed_out ? " -> timeout" : notified());
            case operation::wait_late:
                return timed() + (e_.after ? " -> timeout" : " -> no timeout");
            case operation::timed_choice:
            case operation::expire:
                return timed() + (known_object() ? " -> timeout" : "  wakes") +
                       " (nothing else can run)";
            case operation::clock_read:
                return "now() -> " + show_time(static_cast<std::int64_t>(e_.before));
            case operation::unlock: return call("unlock");
            case operation::wait_enqueue: return e_.timed ? timed() : call("wait");
            case operation::wait_wake: return woken();
            case operation::wait_spurious:
                return call("wait") +
                       (on_atomic() ? "  goes on: the value changed" : "  wakes spuriously");
            case operation::notify_one:
            case operation::notify_all: return call(name_of(e_.op)) + " -> wakes " + waiters();
            case operation::fence:
                return "atomic_thread_fence(" + std::string(name_of(e_.memory_order)) + ')';
            case operation::spawn: return "starts " + other();
            case operation::join: return other() + ".join()" + blocks();
            case operation::detach: return other() + ".detach()";
            case operation::thread_start: return "begins";
            case operation::thread_end: return "ends";
            case operation::choose: return "choose() -> " + std::to_string(e_.after);
            case operation::plain_read: return object() + result();
            case operation::plain_write: return object() + " = " + value(e_.after);
            case operation::yield: return "yield()";
            case operation::sleep: return timed() + (e_.blocked ? "  sleeps" : "");
            case operation::log: return "log: " + e_.text.substr(0, e_.text.find('\n'));
        }
        return std::string(name_of(e_.op));
    }

private:
    const execution_trace& trace_;
    const name_table& names_;
    const event& e_;

    bool known_object() const {
        return e_.object >= 0 && e_.object < static_cast<int>(trace_.objects.size());
    }
    bool flag() const {
        return known_object() && trace_.objects[e_.object].kind == object_kind::atomic_flag;
    }
    bool on_atomic() const { return atomic_waited_on(trace_, e_.object) != none; }

    const std::string& object() const { return names_.object(e_.object); }
    const std::string& other() const { return names_.thread(e_.other_thread); }

    std::string value(std::uint64_t bits) const {
        return known_object() ? show_value(trace_.objects[e_.object], bits) : std::to_string(bits);
    }
    std::string call(std::string_view function, const std::string& arguments = {}) const {
        return object() + '.' + std::string(function) + '(' + arguments + ')';
    }
    std::string order_argument() const {
        return e_.memory_order == order::seq_cst ? "" : std::string(name_of(e_.memory_order));
    }
    std::string with_order(std::string argument) const {
        const std::string o = order_argument();
        if (!o.empty()) argument += ", " + o;
        return argument;
    }
    std::string result() const { return e_.reads ? " -> " + value(e_.before) : std::string(); }
    std::string stale() const { return e_.stale ? " (stale)" : ""; }
    std::string blocks() const { return e_.blocked ? "  blocks" : ""; }

    // What was added or taken away; the trace keeps only the values before and after.
    std::string operand() const {
        return value(e_.op == operation::fetch_add ? e_.after - e_.before : e_.before - e_.after);
    }
    std::string compare_exchange() const {
        if (e_.writes)
            return call(name_of(e_.op), with_order(value(e_.before) + ", " + value(e_.after))) +
                   " -> true";
        return call(name_of(e_.op), order_argument()) + " -> false" +
               (e_.spurious ? " (spurious)" : "") + ", reads " + value(e_.before) + stale();
    }
    std::string woken() const {
        const std::string wait = e_.timed ? timed() : call("wait");
        return wait + (e_.blocked ? "  sleeps" : notified());
    }
    std::string notified() const {
        if (e_.reads_from == none) return "  wakes";
        return "  woken by step " + std::to_string(e_.reads_from);
    }
    // The timed call that this step is a part of.
    std::string timed() const {
        const std::string time = e_.timed ? show_time(e_.nanoseconds) : "";
        if (!known_object()) return "sleep_for(" + time + ')';
        if (trace_.objects[e_.object].kind == object_kind::condition_variable)
            return call("wait_for", time.empty() ? "lock" : "lock, " + time);
        return call("try_lock_for", time);
    }
    std::string waiters() const {
        if (e_.woken.empty()) return "nobody";
        std::string text;
        for (const int t : e_.woken) text += (text.empty() ? "" : ", ") + names_.thread(t);
        return text;
    }
};

}  // namespace

std::string show_time(std::int64_t nanoseconds) {
    static constexpr struct {
        std::int64_t nanoseconds;
        const char* name;
    } units[] = {{1'000'000'000, "s"}, {1'000'000, "ms"}, {1'000, "us"}};
    for (const auto& unit : units)
        if (nanoseconds != 0 && nanoseconds % unit.nanoseconds == 0)
            return std::to_string(nanoseconds / unit.nanoseconds) + unit.name;
    return std::to_string(nanoseconds) + "ns";
}

std::string show_event(const execution_trace& trace, const name_table& names, const event& e) {
    return event_text(trace, names, e)();
}

std::string show_event(const execution_trace& trace, const event& e) {
    return show_event(trace, name_table(trace), e);
}

}  // namespace heddle::trace
