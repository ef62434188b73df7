// Binds the search to the checkers: the engine finds and records, the checkers say why, the report
// says how to replay.
#include <heddle/checkers/explain.hpp>
#include <heddle/detail/replay_command.hpp>
#include <heddle/heddle.hpp>
#include <heddle/report.hpp>
#include <heddle/scheduler/explore.hpp>
#include <heddle/trace/render.hpp>
#include <heddle/trace/source.hpp>

#include <errno.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <stdexcept>
#include <typeinfo>

#include "isolation.hpp"
#include "sites.hpp"

namespace heddle::detail {
namespace {

struct replay_command {
    std::string command;
    std::string name;
    unsigned calls = 0;  // of explore since the command was set
};

replay_command& this_thread_command() {
    static thread_local replay_command c;
    return c;
}

// The body, whose exceptions are a verdict.
struct guarded_body {
    void (*body)(void*);
    void* data;
};

void run_guarded(void* data) {
    const auto& g = *static_cast<guarded_body*>(data);
    try {
        g.body(g.data);
    } catch (const std::exception& e) {
        scheduler::hooks::fail_exception(e.what());
    } catch (...) {
        scheduler::hooks::fail_exception("an exception that is not a std::exception");
    }
}

std::string counted(std::uint64_t n, const char* one, const char* many) {
    return std::to_string(n) + " " + (n == 1 ? one : many);
}

std::string how_found(const options& o, const failure& f) {
    std::string text = o.replay.empty() ? "execution " + std::to_string(f.execution) +
                                              ", strategy " + to_string(o.strategy)
                                        : "a replayed schedule";
    text += ", ";
    if (o.memory_model != options{}.memory_model)
        text += std::string(to_string(o.memory_model)) + " memory model, ";
    // Fewer switches may take more steps: that is no "from", "to" of steps.
    if (f.shrunk_from > f.steps) text += "shrunk from " + std::to_string(f.shrunk_from) + " to ";
    return text + counted(f.steps, "step", "steps") + ", " +
           counted(f.switches, "switch", "switches") + ", " +
           counted(f.preemptions, "preemption", "preemptions");
}

// What stands around the schedule in a replay line. A test that explores more than once names the
// call.
void put_replay_frame(scheduler::search_hooks& hooks, unsigned call) {
    const std::string& command = this_thread_command().command;
    hooks.replay_start = command.empty() ? "HEDDLE_REPLAY=" : command + " --heddle_replay=";
    if (call > 1) hooks.replay_start += std::to_string(call) + "@";
    if (command.empty()) hooks.replay_end = std::string(" ") + program_invocation_name;
}

std::string replay_line(const scheduler::search_hooks& hooks, const failure& f) {
    std::string option;
    if (f.needs_keep_going)
        option = this_thread_command().command.empty() ? " HEDDLE_KEEP_GOING=on"
                                                       : " --heddle_keep_going";
    return hooks.replay_start + f.replay + option + hooks.replay_end;
}

// A report that cannot be written hides no finding. `number` counts those of one search.
void write_below(const std::filesystem::path& report_dir, const failure& f, unsigned call,
                 std::size_t number) {
    const replay_command& c = this_thread_command();
    std::string name = c.name.empty() ? program_invocation_short_name : c.name;
    std::replace(name.begin(), name.end(), '/', '-');
    if (call > 1) name += "@" + std::to_string(call);
    if (number > 1) name += "+" + std::to_string(number);
    try {
        write_report(report_dir / name, f);
    } catch (const std::exception& e) {
        std::fprintf(stderr, "heddle: option `report_dir`: %s\n", e.what());
    }
}

// "2@h1:..." replays the second call of explore only. Returns whether this call is meant, and
// strips the prefix.
bool selects_call(std::string& replay, unsigned call) {
    const std::size_t at = replay.find('@');
    if (at == std::string::npos) return call == 1;
    char* end = nullptr;
    const unsigned long wanted = std::strtoul(replay.c_str(), &end, 10);
    if (at == 0 || end != replay.c_str() + at)
        throw std::invalid_argument("replay '" + replay +
                                    "': what stands before @ is the number of a call of explore");
    replay.erase(0, at + 1);
    return wanted == call;
}

// Threads are shown where the call that starts them begins.
void show_starts(trace::execution_trace& t) {
    for (trace::thread_record& thread : t.threads)
        thread.created_at = trace::begin_of_call(thread.created_at);
    for (trace::event& e : t.events)
        if (e.op == trace::operation::spawn) e.where = trace::begin_of_call(e.where);
}

void explain(const options& o, failure& f, const scheduler::search_hooks& hooks) {
    show_starts(f.trace);
    f.diagnostic = checkers::explain(f.trace);
    f.diagnostic.found = how_found(o, f);
    f.diagnostic.replay = replay_line(hooks, f);
    f.message = trace::render(f.trace, f.diagnostic);
}

// The result with its reports.
result explained(const options& o, result r, const scheduler::search_hooks& hooks, unsigned call) {
    if (r.failures.empty()) return r;
    for (std::size_t k = 0; k < r.failures.size(); ++k) {
        explain(o, r.failures[k], hooks);
        if (!o.report_dir.empty()) write_below(o.report_dir, r.failures[k], call, k + 1);
    }
    r.failure = r.failures.front();
    return r;
}

// In the fork that reports for a dying process: says it, past the buffers of that process.
[[noreturn]] void end_report(const result& r) {
    std::string all;
    for (const failure& f : r.failures) all += (all.empty() ? "" : "\n") + f.message;
    std::string_view text = all.empty() ? r.summary : all;
    while (!text.empty()) {
        const ssize_t n = write(STDERR_FILENO, text.data(), text.size());
        if (n <= 0) _exit(1);
        text.remove_prefix(static_cast<std::size_t>(n));
    }
    _exit(0);
}

}  // namespace

void set_command_line(std::string command, std::string name) {
    this_thread_command() = {std::move(command), std::move(name), 0};
}

result explore(const options& from_code, void (*body)(void*), void* data) {
    const unsigned call = ++this_thread_command().calls;
    options o = with_overrides(from_code);
    if (o.replay != from_code.replay && !selects_call(o.replay, call)) o.replay = from_code.replay;
    guarded_body guarded{body, data};
    scheduler::search_hooks hooks;
    hooks.resolve = resolve_places;
    put_replay_frame(hooks, call);
    const auto run = [&](const scheduler::search_hooks& with) {
        return explained(o, scheduler::search(o, run_guarded, &guarded, with), with, call);
    };
    // A call that is refused is refused here.
    const bool apart = o.isolate && !scheduler::hooks::active() && validate(o).empty();
    try {
        result r = apart ? run_isolated(o, hooks, run) : run(hooks);
        if (scheduler::reports_a_death()) end_report(r);
        return r;
    } catch (...) {
        if (scheduler::reports_a_death()) _exit(1);
        throw;
    }
}

void assertion_failed(const char* condition, std::string_view message, trace::site where) {
    std::string text = condition;
    if (!message.empty()) text += ": " + std::string(message);
    if (scheduler::hooks::active()) scheduler::hooks::fail_assertion(text, where);
    std::fprintf(stderr, "%s:%u: HEDDLE_ASSERT failed: %s\n", where.file, where.line, text.c_str());
    std::abort();
}

std::uint32_t choose_on_real_threads(std::uint32_t n) {
    static thread_local std::minstd_rand generator{std::random_device{}()};
    return std::uniform_int_distribution<std::uint32_t>(0, n ? n - 1 : 0)(generator);
}

void log_on_real_threads(std::string_view text) {
    std::fprintf(stderr, "%.*s\n", static_cast<int>(text.size()), text.data());
}

}  // namespace heddle::detail
