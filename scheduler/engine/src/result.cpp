#include <algorithm>
#include <ostream>
#include <string>

#include <heddle/scheduler/result.hpp>

namespace heddle {

std::string_view to_string(verdict v) noexcept {
    switch (v) {
        case verdict::ok: return "ok";
        case verdict::assertion: return "assertion";
        case verdict::exception: return "exception";
        case verdict::data_race: return "data_race";
        case verdict::deadlock: return "deadlock";
        case verdict::lost_notification: return "lost_notification";
        case verdict::livelock: return "livelock";
        case verdict::starvation: return "starvation";
        case verdict::misuse: return "misuse";
        case verdict::use_after_destroy: return "use_after_destroy";
        case verdict::leak: return "leak";
        case verdict::not_linearizable: return "not_linearizable";
        case verdict::nondeterminism: return "nondeterminism";
        case verdict::step_limit: return "step_limit";
        case verdict::crash: return "crash";
    }
    return "unknown";
}

std::string slug_of(verdict v) {
    std::string slug{to_string(v)};
    std::replace(slug.begin(), slug.end(), '_', '-');
    return slug;
}

std::ostream& operator<<(std::ostream& out, verdict v) { return out << to_string(v); }

// A failure that was made by hand has no report.
std::ostream& operator<<(std::ostream& out, const failure& f) {
    return f.message.empty() ? out << "a failure with verdict `" << f.verdict << "`"
                             : out << f.message;
}

std::ostream& operator<<(std::ostream& out, const result& r) {
    out << "a result with verdict `" << r.verdict << "` after " << r.executions
        << (r.executions == 1 ? " execution" : " executions") << (r.exhausted ? ", exhausted" : "");
    return r.summary.empty() ? out : out << " (" << r.summary << ")";
}

}  // namespace heddle
