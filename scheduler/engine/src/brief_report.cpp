#include "brief_report.hpp"

#include <heddle/scheduler/explore.hpp>

#include <unistd.h>

#include <atomic>

#include "crash_watch.hpp"
#include "engine.hpp"
#include "short_text.hpp"

namespace heddle::scheduler {
namespace {

constinit std::atomic<cut_off_notice> notice{nullptr};

void add_replay(short_text& text, const watched_search& s) noexcept {
    text += "replay: ";
    text += s.hooks.replay_start;
    if (s.asked.replay.empty())
        ((text += s.asked.seed) += ":") += s.number;
    else
        text += s.asked.replay;
    text += s.hooks.replay_end;
    text += "\n";
}

void say(std::string_view part) {
    short_text text;
    text += part;
    text.write_to(STDERR_FILENO);
}

}  // namespace

void report_briefly(const engine& e, const watched_search& s, trace::death death,
                    std::string_view detail, bool tried) noexcept {
    short_text text;
    text += "error[crash]: `";
    if (e.current_->created_as)
        (text += "thread-") += e.current_->created_as;
    else
        text += "main";
    text += "` ";
    if (death == trace::death::signalled)
        (text += "raises ") += detail;
    else
        text += trace::phrase_of(death);
    if (tried)
        text += "\n  = note: the process was too damaged to run the execution again and explain it";
    text += "\n  = found: execution ";
    text += s.number;
    text += ", after ";
    text += e.steps_;
    text += " steps\n  = ";
    add_replay(text, s);
    text.write_to(STDERR_FILENO);
}

void tell_of_signal(const watched_search& s, std::string_view name) noexcept {
    short_text text;
    // Behind the ^C of the terminal, and the progress line.
    if (isatty(STDERR_FILENO)) text += "\n";
    text += "heddle: ended by ";
    text += name;
    text += " from outside in execution ";
    text += s.number;
    text += "; ";
    add_replay(text, s);
    text.write_to(STDERR_FILENO);
}

void tell_of_exit(const watched_search& s, std::string_view function, int status,
                  int final_status) noexcept {
    short_text text;
    ((text += "heddle: ") += function) += "(";
    if (status < 0) text += "-";
    text += static_cast<std::uint64_t>(status < 0 ? -std::int64_t{status} : status);
    (text += ") cuts off the exploration in execution ") += s.number;
    if (status != final_status)
        (text += ": no success, so the exit code is ") += static_cast<std::uint64_t>(final_status);
    text += "\n";
    text.write_to(STDERR_FILENO);
    if (const cut_off_notice tell = notice.load()) tell(say);
}

void set_cut_off_notice(cut_off_notice tell) noexcept { notice = tell; }

}  // namespace heddle::scheduler
