#include "kept_findings.hpp"

#include <optional>
#include <utility>

#include "explanation.hpp"
#include "starvation_search.hpp"

namespace heddle::scheduler {

bool kept_findings::is_told(const failure_signature& s, const heddle::failure& f) {
    told t{s, places_of(f.trace)};
    t.about.parties.clear();  // threads do not count, and objects stand apart
    t.about.sides.clear();
    t.about.later_side = 0;
    t.about.later_place.clear();
    return !told_.insert(std::move(t)).second;
}

void kept_findings::explain(const options& o, engine& found, const finding& f,
                            const failure_signature& s, std::uint64_t execution) {
    if (!met_.insert(s).second) return;
    if (failures_.size() == most) {
        ++left_out_;
        return;
    }
    const finding last = std::exchange(found.finding_, f);
    explain_new(o, found, s, execution);
    found.finding_ = last;
}

void kept_findings::explain_new(const options& o, engine& found, const failure_signature& s,
                                std::uint64_t execution) {
    explanation x(o, body_, data_, hooks_);
    // The step limit says little: is there an endless execution that is fair?
    std::optional<trace::schedule> starving;
    if (s.why == trace::stop::step_limit) starving = find_starvation(o, body_, data_, found);
    if (starving)
        x.follow(*starving);
    else
        x.run(found, s);
    // Where two accesses race, a second run need not do the same: that is known already.
    if (x.failure().verdict == verdict::nondeterminism && found.passed_.has_raced && !empty())
        return;
    if (is_told(s, x.failure())) return;
    if (!starving && hooks_.shrink) x.shrink(found, failures_.size() < most_shrunk ? 1 : 0.1);
    keep(x.take_failure(), o, execution);
}

std::uint64_t kept_findings::explain(const options& o, const trace::schedule& s,
                                     std::uint64_t execution) {
    explanation x(o, body_, data_, hooks_);
    std::vector<failure_signature> met;
    if (o.keep_going) met = x.survey(s);
    const std::uint64_t steps = x.steps();
    if (met.empty()) {
        if (x.follow(s)) keep(x.take_failure(), o, execution);
        return x.steps() - steps;
    }
    for (const failure_signature& wanted : met) {
        if (!x.follow(s, &wanted)) continue;
        if (is_told(wanted, x.failure())) continue;
        keep(x.take_failure(), o, execution);
        if (failures_.back().verdict == verdict::nondeterminism) break;
    }
    return steps;
}

void kept_findings::keep(heddle::failure f, const options& o, std::uint64_t execution) {
    f.seed = o.seed;
    f.execution = execution;
    failures_.push_back(std::move(f));
}

std::string kept_findings::summary() const {
    std::string s = " with " + std::to_string(failures_.size()) +
                    (failures_.size() == 1 ? " finding" : " findings");
    if (left_out_) s += ", and " + std::to_string(left_out_) + " that are not kept";
    return s;
}

}  // namespace heddle::scheduler
