#include <heddle/checkers/assertion.hpp>
#include <heddle/checkers/crash.hpp>
#include <heddle/checkers/data_race.hpp>
#include <heddle/checkers/deadlock.hpp>
#include <heddle/checkers/explain.hpp>
#include <heddle/checkers/leak.hpp>
#include <heddle/checkers/livelock.hpp>
#include <heddle/checkers/lost_notification.hpp>
#include <heddle/checkers/nondeterminism.hpp>
#include <heddle/checkers/object_misuse.hpp>
#include <heddle/checkers/starvation.hpp>

namespace heddle::checkers {

trace::diagnostic explain(const trace::execution_trace& trace) {
    switch (trace.why) {
        case trace::stop::completed: break;
        case trace::stop::assertion: return explain_assertion(trace);
        case trace::stop::exception: return explain_exception(trace);
        case trace::stop::data_race: return explain_data_race(trace);
        case trace::stop::deadlock: return explain_deadlock(trace);
        case trace::stop::lost_notification: return explain_lost_notification(trace);
        case trace::stop::livelock: return explain_livelock(trace);
        case trace::stop::misuse: return explain_object_misuse(trace);
        case trace::stop::step_limit: return explain_step_limit(trace);
        case trace::stop::nondeterminism: return explain_nondeterminism(trace);
        case trace::stop::crash: return explain_crash(trace);
        case trace::stop::endless_loop: return explain_endless_loop(trace);
        case trace::stop::leak: return explain_leak(trace);
        case trace::stop::starvation: return explain_starvation(trace);
    }
    return {};
}

}  // namespace heddle::checkers
