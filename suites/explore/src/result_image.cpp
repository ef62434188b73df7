#include "result_image.hpp"

#include <cstring>
#include <map>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace heddle::detail {
namespace {

// Each type with all its members: one that is added and forgotten here does not compile.
template <class Visit>
void visit_fields(trace::place& x, Visit visit) {
    auto& [file, line, function] = x;
    visit(file, line, function);
}
template <class Visit>
void visit_fields(trace::thread_record& x, Visit visit) {
    auto& [name, parent, created_at] = x;
    visit(name, parent, created_at);
}
template <class Visit>
void visit_fields(trace::object_record& x, Visit visit) {
    auto& [kind, name, named, created_at, format, bytes] = x;
    visit(kind, name, named, created_at, format, bytes);
}
template <class Visit>
void visit_fields(trace::event& x, Visit visit) {
    auto& [step, thread, op, object, other_thread, memory_order, reads, writes, blocked, spurious,
           timed, timed_out, nanoseconds, before, after, reads_from, stale, woken, reason, where,
           callers, text] = x;
    visit(step, thread, op, object, other_thread, memory_order, reads, writes, blocked, spurious,
          timed, timed_out, nanoseconds, before, after, reads_from, stale, woken, reason, where,
          callers, text);
}
template <class Visit>
void visit_fields(trace::thread_end& x, Visit visit) {
    auto& [state, waiting_in, object, other_thread, since, spinning, where, callers, timed,
           nanoseconds] = x;
    visit(state, waiting_in, object, other_thread, since, spinning, where, callers, timed,
          nanoseconds);
}
template <class Visit>
void visit_fields(trace::leaked_block& x, Visit visit) {
    auto& [bytes, thread, step, where, callers] = x;
    visit(bytes, thread, step, where, callers);
}
template <class Visit>
void visit_fields(trace::unwatched_access& x, Visit visit) {
    auto& [writes, bytes, thread, where, callers] = x;
    visit(writes, bytes, thread, where, callers);
}
template <class Visit>
void visit_fields(trace::execution_trace& x, Visit visit) {
    auto& [threads, objects, events, ends, holdings, why, thread, step, cycle_from, other_step,
           object, misuse, how_it_died, cycle, owner_exited, passing_waiter, if_woken, leaked,
           unwatched, message, heddle_at_fault, where, memory_model, step_limit] = x;
    visit(threads, objects, events, ends, holdings, why, thread, step, cycle_from, other_step,
          object, misuse, how_it_died, cycle, owner_exited, passing_waiter, if_woken, leaked,
          unwatched, message, heddle_at_fault, where, memory_model, step_limit);
}
template <class Visit>
void visit_fields(trace::label& x, Visit visit) {
    auto& [where, text, primary, call, expression] = x;
    visit(where, text, primary, call, expression);
}
template <class Visit>
void visit_fields(trace::wait_for& x, Visit visit) {
    auto& [waiter, object, owner, owner_exited, in_cycle, spinning, since, where] = x;
    visit(waiter, object, owner, owner_exited, in_cycle, spinning, since, where);
}
template <class Visit>
void visit_fields(trace::diagnostic& x, Visit visit) {
    auto& [severity, slug, reason, headline, labels, why, notes, help, found, replay, threads,
           objects, mentioned, stopped_by, waits] = x;
    visit(severity, slug, reason, headline, labels, why, notes, help, found, replay, threads,
          objects, mentioned, stopped_by, waits);
}
template <class Visit>
void visit_fields(failure& x, Visit visit) {
    auto& [verdict, message, replay, seed, execution, steps, switches, preemptions, shrunk_from,
           needs_keep_going, diagnostic, trace] = x;
    visit(verdict, message, replay, seed, execution, steps, switches, preemptions, shrunk_from,
          needs_keep_going, diagnostic, trace);
}
template <class Visit>
void visit_fields(result& x, Visit visit) {
    auto& [verdict, exhausted, executions, deadlocks, pruned, warm_ups, repeats, steps, elapsed,
           outcomes, summary, failure, failures] = x;
    visit(verdict, exhausted, executions, deadlocks, pruned, warm_ups, repeats, steps, elapsed,
          outcomes, summary, failure, failures);
}

class writer {
public:
    template <class T>
    void value(T& x) {
        bytes_.append(reinterpret_cast<const char*>(&x), sizeof x);
    }
    std::size_t size(std::size_t n) {
        value(n);
        return n;
    }
    void characters(std::string& text) { bytes_ += text; }
    std::string take() { return std::move(bytes_); }

private:
    std::string bytes_;
};

class reader {
public:
    explicit reader(std::string_view bytes) : rest_(bytes) {}

    template <class T>
    void value(T& x) {
        if (!enough(sizeof x)) return;
        std::memcpy(static_cast<void*>(&x), rest_.data(), sizeof x);
        rest_.remove_prefix(sizeof x);
    }
    std::size_t size(std::size_t) {
        std::size_t n = 0;
        value(n);
        return enough(n) ? n : 0;  // each element takes a byte at least
    }
    void characters(std::string& text) {
        if (!enough(text.size())) return;
        text.assign(rest_.substr(0, text.size()));
        rest_.remove_prefix(text.size());
    }
    bool good() const { return good_; }

private:
    bool enough(std::size_t n) { return good_ = good_ && n <= rest_.size(); }

    std::string_view rest_;
    bool good_ = true;
};

template <class Archive, class T>
void pass(Archive& a, T& x);

template <class Archive>
void pass_container(Archive& a, std::string& x) {
    x.resize(a.size(x.size()));
    a.characters(x);
}
template <class Archive, class T>
void pass_container(Archive& a, std::vector<T>& x) {
    x.resize(a.size(x.size()));
    for (T& element : x) pass(a, element);
}
template <class Archive, class T>
void pass_container(Archive& a, std::optional<T>& x) {
    bool there = x.has_value();
    a.value(there);
    if (there && !x) x.emplace();
    if (there) pass(a, *x);
}
template <class Archive, class K, class V>
void pass_container(Archive& a, std::map<K, V>& x) {
    std::vector<std::pair<K, V>> pairs(x.begin(), x.end());
    pairs.resize(a.size(pairs.size()));
    for (auto& [key, value] : pairs) {
        pass(a, key);
        pass(a, value);
    }
    x = std::map<K, V>(pairs.begin(), pairs.end());
}

template <class Archive, class T>
void pass(Archive& a, T& x) {
    if constexpr (requires { pass_container(a, x); })
        pass_container(a, x);
    else if constexpr (std::is_trivially_copyable_v<T>)
        a.value(x);
    else
        visit_fields(x, [&](auto&... fields) { (pass(a, fields), ...); });
}

}  // namespace

std::string image_of(const result& r) {
    writer w;
    result copy = r;
    pass(w, copy);
    return w.take();
}

bool read_image(std::string_view image, result& r) {
    reader in(image);
    pass(in, r);
    return in.good();
}

}  // namespace heddle::detail
