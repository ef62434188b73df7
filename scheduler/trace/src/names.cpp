#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <heddle/trace/names.hpp>
#include <heddle/trace/source.hpp>

namespace heddle::trace {
namespace {

constexpr std::size_t uses_looked_at = 8;  // places of an object, enough to see whether they agree

// `slots_[tail]` and `slots_[head]` are elements; what they have in common is `slots_`.
std::string without_index(std::string text) {
    if (!text.empty() && text.back() == ']') text.erase(text.find('['));
    return text;
}

std::string last_member(const std::string& text) {
    const std::size_t dot = text.rfind('.');
    const std::size_t arrow = text.rfind("->");
    std::size_t begin = 0;
    if (dot != text.npos) begin = dot + 1;
    if (arrow != text.npos) begin = std::max(begin, arrow + 2);
    return text.substr(begin);
}

// Names the objects of a trace one by one, in their order. Linear in events and objects.
class object_namer {
public:
    explicit object_namer(const execution_trace& trace) : trace_(trace) {
        uses_.resize(trace.objects.size());
        for (const event& e : trace.events) {
            if (e.op == operation::load || e.op == operation::store) calls_.insert(call_of(e));
            if (e.object >= 0 && e.object < static_cast<int>(uses_.size()))
                uses_[e.object].push_back(&e);
        }
    }

    std::string name_next(int object) {
        const object_record& record = trace_.objects[object];
        const place& line = record.created_at;
        const std::size_t before = made_[{line_of(line), record.kind}]++;
        if (record.named) return record.name;
        if (const auto source = source_line(line.file, line.line)) {
            const std::vector<std::string> names = declared_names(*source, record.kind);
            if (!names.empty()) return names[before % names.size()];
        }
        const std::string used = name_from_uses(object);
        if (!used.empty()) return used;
        if (!record.name.empty()) return record.name;
        return std::string(name_of(record.kind)) + '-' + std::to_string(object + 1);
    }

private:
    // Places by value: of a function, which may be an instance of a template.
    using line_of_code = std::tuple<std::string_view, unsigned, std::string_view>;
    using call = std::pair<line_of_code, operation>;

    static line_of_code line_of(const place& p) { return {p.file, p.line, p.function}; }
    static call call_of(const event& e) { return {line_of(e.where), e.op}; }

    // Whether another step at the place of `e` performs the same call on an atomic: then a `load`
    // in that line may be the atomic's, and `e` a read by conversion.
    bool shares_call(const event& e) const {
        if (e.op != operation::plain_read && e.op != operation::plain_write) return false;
        call p = call_of(e);
        p.second = e.op == operation::plain_read ? operation::load : operation::store;
        return calls_.contains(p);
    }

    // The name on which all lines agree that use the object; empty if they do not.
    std::string name_from_uses(int object) const {
        std::set<call> seen;
        std::string name;
        for (const event* const use : uses_[object]) {
            const event& e = *use;
            if (seen.size() == uses_looked_at) break;
            if (!e.where.known() || !seen.insert(call_of(e)).second) continue;
            if (shares_call(e)) continue;
            const auto line = source_line(e.where.file, e.where.line);
            const auto operand = line ? operand_text(*line, e.op) : std::nullopt;
            if (!operand) continue;
            const std::string here = without_index(*operand);
            if (name.empty()) {
                name = here;
            } else if (name != here) {
                name = last_member(name);
                if (name != last_member(here)) return {};
            }
        }
        return name;
    }

    const execution_trace& trace_;
    std::vector<std::vector<const event*>> uses_;  // of each object
    std::set<call> calls_;                         // of atomics
    // How many objects of its kind a line has made.
    std::map<std::pair<line_of_code, object_kind>, std::size_t> made_;
};

}  // namespace

name_table::name_table(const execution_trace& trace) {
    for (std::size_t t = 0; t < trace.threads.size(); ++t) {
        const std::string& name = trace.threads[t].name;
        threads_.push_back(!name.empty() ? name : t == 0 ? "main" : "thread-" + std::to_string(t));
    }
    const int count = static_cast<int>(trace.objects.size());
    objects_.resize(count);
    numbered_.resize(count);
    std::map<std::string, std::vector<int>> owners;
    object_namer namer(trace);
    for (int o = 0; o < count; ++o) {
        if (atomic_waited_on(trace, o) != none) continue;
        objects_[o] = namer.name_next(o);
        owners[objects_[o]].push_back(o);
    }
    for (const auto& [name, objects] : owners) {
        if (objects.size() < 2) continue;
        for (std::size_t k = 0; k < objects.size(); ++k) {
            objects_[objects[k]] = name + '#' + std::to_string(k + 1);
            numbered_[objects[k]] = true;
        }
    }
    for (int o = 0; o < count; ++o) {
        const int atomic = atomic_waited_on(trace, o);
        if (atomic == none) continue;
        objects_[o] = objects_[atomic];
        numbered_[o] = numbered_[atomic];
    }
}

const std::string& name_table::thread(int index) const {
    static const std::string unknown = "an unknown thread";
    if (index < 0 || index >= static_cast<int>(threads_.size())) return unknown;
    return threads_[index];
}

const std::string& name_table::object(int index) const {
    static const std::string unknown = "an unknown object";
    if (index < 0 || index >= static_cast<int>(objects_.size())) return unknown;
    return objects_[index];
}

bool name_table::numbered(int object) const {
    return object >= 0 && object < static_cast<int>(numbered_.size()) && numbered_[object];
}

// The engine makes the set of waiters right after its atomic and gives it the same name.
int atomic_waited_on(const execution_trace& trace, int object) noexcept {
    if (object < 1 || object >= static_cast<int>(trace.objects.size())) return none;
    const object_record& set = trace.objects[object];
    const object_record& atomic = trace.objects[object - 1];
    const bool is_atomic =
        atomic.kind == object_kind::atomic || atomic.kind == object_kind::atomic_flag;
    const bool beside = set.kind == object_kind::condition_variable && set.name == atomic.name;
    return is_atomic && beside ? object - 1 : none;
}

}  // namespace heddle::trace
