#include <heddle/trace/names.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

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

// The name on which all lines agree that use the object; empty if they do not.
std::string name_from_uses(const execution_trace& trace, int object) {
    std::set<std::pair<std::string, unsigned>> seen;
    std::string name;
    for (const event& e : trace.events) {
        if (e.object != object || seen.size() == uses_looked_at) continue;
        if (!e.where.known() || !seen.emplace(e.where.file, e.where.line).second) continue;
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

std::string name_of_object(const execution_trace& trace, int object) {
    const object_record& record = trace.objects[object];
    if (record.named) return record.name;
    if (const auto line = source_line(record.created_at.file, record.created_at.line))
        if (auto name = declared_name(*line, record.kind)) return *std::move(name);
    const std::string used = name_from_uses(trace, object);
    if (!used.empty()) return used;
    if (!record.name.empty()) return record.name;
    return std::string(name_of(record.kind)) + '-' + std::to_string(object + 1);
}

// The waiter set beside an atomic is a condition variable made at the same place or named after it.
bool waiters_of(const object_record& set, const object_record& object) {
    const bool atomic =
        object.kind == object_kind::atomic || object.kind == object_kind::atomic_flag;
    return set.kind == object_kind::condition_variable && atomic && set.name == object.name;
}

}  // namespace

name_table::name_table(const execution_trace& trace) {
    for (std::size_t t = 0; t < trace.threads.size(); ++t) {
        const std::string& name = trace.threads[t].name;
        threads_.push_back(!name.empty() ? name
                           : t == 0      ? "main"
                                         : "thread-" + std::to_string(t));
    }
    const int count = static_cast<int>(trace.objects.size());
    objects_.resize(count);
    numbered_.resize(count);
    std::map<std::string, std::vector<int>> owners;
    for (int o = 0; o < count; ++o) {
        // An atomic is followed by the set of its waiters, which shares its name.
        if (o > 0 && waiters_of(trace.objects[o], trace.objects[o - 1])) {
            objects_[o] = objects_[o - 1];
            continue;
        }
        objects_[o] = name_of_object(trace, o);
        owners[objects_[o]].push_back(o);
    }
    for (const auto& [name, objects] : owners) {
        if (objects.size() < 2) continue;
        for (std::size_t k = 0; k < objects.size(); ++k) {
            objects_[objects[k]] = name + '#' + std::to_string(k + 1);
            numbered_[objects[k]] = true;
        }
    }
    for (int o = 1; o < count; ++o)
        if (waiters_of(trace.objects[o], trace.objects[o - 1])) objects_[o] = objects_[o - 1];
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

}  // namespace heddle::trace
