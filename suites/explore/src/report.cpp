#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <string_view>
#include <system_error>

#include <nlohmann/json.hpp>

#include <heddle/report.hpp>
#include <heddle/trace/names.hpp>
#include <heddle/trace/render.hpp>
#include <heddle/trace/source.hpp>

namespace heddle {
namespace {

using json = nlohmann::ordered_json;
using trace::none;

json or_null(int index) { return index == none ? json(nullptr) : json(index); }

json place_json(const trace::place& where) {
    if (!where.known()) return nullptr;
    return {{"file", trace::display_path(where.file)},
            {"line", where.line},
            {"function", where.function}};
}

// The parts of a failure, each with the names that reports use.
class report_data {
public:
    explicit report_data(const failure& f)
        : f_(f), d_(f.diagnostic), trace_(f.trace), names_(f.trace) {}

    json operator()() const {
        return {{"version", report_version},
                {"verdict", std::string(to_string(f_.verdict))},
                {"finding", finding()},
                {"execution", execution()},
                {"replay",
                 {{"schedule", f_.replay},
                  {"keep_going", f_.needs_keep_going},
                  {"command", d_.replay}}},
                {"threads", threads()},
                {"objects", objects()},
                {"wait_for", wait_for()},
                {"steps", steps(trace_.events)},
                {"if_woken", steps(trace_.if_woken)}};
    }

private:
    const failure& f_;
    const trace::diagnostic& d_;
    const trace::execution_trace& trace_;
    trace::name_table names_;

    json finding() const {
        json labels = json::array();
        for (const trace::label& l : d_.labels)
            labels.push_back(
                {{"where", place_json(l.where)}, {"text", l.text}, {"primary", l.primary}});
        return {{"slug", d_.slug},
                {"reason", d_.reason},
                {"severity", name_of(d_.severity)},
                {"headline", d_.headline},
                {"labels", labels},
                {"why", d_.why},
                {"notes", d_.notes},
                {"help", d_.help},
                {"found", d_.found},
                {"threads", d_.threads},
                {"objects", d_.objects},
                {"mentioned", d_.mentioned},
                {"stopped_by", d_.stopped_by.empty() ? json(nullptr) : json(d_.stopped_by)}};
    }

    json execution() const {
        return {{"shrunk_from", f_.shrunk_from == 0 ? json(nullptr) : json(f_.shrunk_from)},
                {"memory_model", trace_.memory_model},
                {"seed", f_.seed},
                {"execution", f_.execution},
                {"steps", f_.steps},
                {"switches", f_.switches},
                {"preemptions", f_.preemptions},
                {"stopped_by_thread", or_null(trace_.thread)},
                {"stopped_at_step", trace_.step == 0 ? json(nullptr) : json(trace_.step)}};
    }

    // A thread that waits for itself stops the execution before it counts as blocked.
    trace::thread_state state_of(int t) const {
        for (const trace::wait_for& w : d_.waits)
            if (w.waiter == t) return trace::thread_state::blocked;
        if (t >= static_cast<int>(trace_.ends.size())) return trace::thread_state::runnable;
        return trace_.ends[static_cast<std::size_t>(t)].state;
    }

    json threads() const {
        json all = json::array();
        for (int t = 0; t < static_cast<int>(trace_.threads.size()); ++t) {
            const trace::thread_record& record = trace_.threads[static_cast<std::size_t>(t)];
            all.push_back({{"index", t},
                           {"name", names_.thread(t)},
                           {"parent", or_null(record.parent)},
                           {"created_at", place_json(record.created_at)},
                           {"state", name_of(state_of(t))}});
        }
        return all;
    }

    json objects() const {
        json all = json::array();
        for (int o = 0; o < static_cast<int>(trace_.objects.size()); ++o) {
            const trace::object_record& record = trace_.objects[static_cast<std::size_t>(o)];
            all.push_back({{"index", o},
                           {"name", names_.object(o)},
                           {"kind", name_of(record.kind)},
                           {"created_at", place_json(record.created_at)},
                           {"waiters_of", or_null(trace::atomic_waited_on(trace_, o))}});
        }
        return all;
    }

    json wait_for() const {
        json all = json::array();
        for (const trace::wait_for& w : d_.waits)
            all.push_back({{"waiter", w.waiter},
                           {"object", or_null(w.object)},
                           {"owner", or_null(w.owner)},
                           {"owner_exited", w.owner_exited},
                           {"in_cycle", w.in_cycle},
                           {"spinning", w.spinning},
                           {"since_step", w.since == 0 ? json(nullptr) : json(w.since)},
                           {"where", place_json(w.where)}});
        return all;
    }

    // Values are text, as the report shows them: JSON has no numbers of 64 bits.
    json value(bool meaningful, int object, std::uint64_t bits) const {
        if (!meaningful) return nullptr;
        if (object < 0 || object >= static_cast<int>(trace_.objects.size()))
            return std::to_string(bits);
        return trace::show_value(trace_.objects[static_cast<std::size_t>(object)], bits);
    }

    json steps(const std::vector<trace::event>& events) const {
        json all = json::array();
        for (const trace::event& e : events) {
            json callers = json::array();
            for (const trace::place& p : e.callers)
                if (p.known()) callers.push_back(place_json(p));
            all.push_back({{"step", e.step},
                           {"thread", e.thread},
                           {"switch", name_of(e.reason)},
                           {"operation", name_of(e.op)},
                           {"object", or_null(e.object)},
                           {"other_thread", or_null(e.other_thread)},
                           {"order", name_of(e.memory_order)},
                           {"before", value(e.reads, e.object, e.before)},
                           {"after", value(e.writes, e.object, e.after)},
                           {"reads_from", or_null(e.reads_from)},
                           {"stale", e.stale},
                           {"blocked", e.blocked},
                           {"spurious", e.spurious},
                           {"woken", e.woken},
                           {"where", place_json(e.where)},
                           {"callers", callers},
                           {"text", trace::show_event(trace_, names_, e)}});
        }
        return all;
    }
};

void write_file(const std::filesystem::path& path, const std::string& text) {
    std::ofstream out(path);
    out << text;
    if (!out.flush())
        throw std::filesystem::filesystem_error("cannot write", path,
                                                std::error_code(errno, std::generic_category()));
}

}  // namespace

std::string report_json(const failure& f) {
    return report_data(f)().dump(2, ' ', false, json::error_handler_t::replace) + '\n';
}

void write_report(const std::filesystem::path& folder, const failure& f) {
    std::filesystem::create_directories(folder);
    write_file(folder / "report.txt", f.message);
    write_file(folder / "report.json", report_json(f));
    const std::filesystem::path dot = folder / "wait_for.dot";
    if (f.diagnostic.waits.empty()) {
        std::filesystem::remove(dot);
    } else {
        write_file(dot, trace::wait_for_dot(f.trace, f.diagnostic.waits));
    }
}

bool colours_wanted(int descriptor) {
    const char* const no_color = std::getenv("NO_COLOR");
    const char* const terminal = std::getenv("TERM");
    const bool refused = no_color != nullptr && *no_color != '\0';
    const bool dumb = terminal == nullptr || std::string_view(terminal) == "dumb";
    return !refused && !dumb && isatty(descriptor) == 1;
}

}  // namespace heddle
