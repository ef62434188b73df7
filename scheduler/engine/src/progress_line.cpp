#include "progress_line.hpp"

#include <unistd.h>

#include <cmath>
#include <cstdio>

namespace heddle::scheduler {
namespace {

using namespace std::chrono_literals;

constexpr auto silence = 1s;
constexpr auto redrawn_each = 200ms;
constexpr auto first_log_line = 10s;

}  // namespace

std::string with_separators(std::uint64_t n) {
    std::string text = std::to_string(n);
    for (std::size_t k = text.size(); k > 3; k -= 3) text.insert(k - 3, 1, ',');
    return text;
}

std::string progress_text(std::uint64_t executions, double share, double seconds) {
    std::string text = with_separators(executions) + " executions";
    if (seconds <= 0) return text;
    text += ", " +
            with_separators(static_cast<std::uint64_t>(static_cast<double>(executions) / seconds)) +
            " a second";
    if (share <= 0) return text;
    const double percent = std::floor(share * 100);
    text +=
        percent < 1 ? ", less than 1 %" : ", " + std::to_string(static_cast<int>(percent)) + " %";
    text += " of the search";
    const double left = seconds / share - seconds;
    if (percent < 1 || left < 1) return text;
    const auto whole = static_cast<std::uint64_t>(left);
    text += ", about ";
    text += left < 120     ? std::to_string(whole) + " s"
            : left < 7'200 ? std::to_string(whole / 60) + " min"
                           : with_separators(whole / 3'600) + " h";
    return text + " left";
}

progress_line::progress_line(bool wanted, clock::time_point started)
    : wanted_(wanted), started_(started), next_(started + silence) {}

progress_line::~progress_line() { erase(); }

void progress_line::erase() {
    if (drawn_) std::fputs("\r\x1b[K", stderr);
    drawn_ = false;
}

void progress_line::show(std::uint64_t executions, double share, clock::time_point now) {
    if (now < next_) return;
    const auto elapsed = now - started_;
    if (!asked_) {
        on_terminal_ = isatty(STDERR_FILENO) == 1;
        asked_ = true;
    }
    if (!on_terminal_ && elapsed < first_log_line) {
        next_ = started_ + first_log_line;
        return;
    }
    next_ = on_terminal_ ? now + redrawn_each : now + elapsed;
    const std::string text =
        progress_text(executions, share, std::chrono::duration<double>(elapsed).count());
    std::fprintf(stderr, on_terminal_ ? "\rheddle: %s\x1b[K" : "heddle: %s\n", text.c_str());
    drawn_ = on_terminal_;
}

}  // namespace heddle::scheduler
