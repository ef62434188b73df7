#include "passed_findings.hpp"

#include <algorithm>

#include "engine.hpp"
#include "recorder.hpp"

namespace heddle::scheduler {
namespace {

// Of one run: a body that races on each of a million objects is told so often enough.
constexpr std::size_t most_noted = 1'000;

}  // namespace

void engine::keep(const finding& f) {
    auto& noted = passed_.noted;
    if (passed_.wanted || noted.size() == most_noted) return;
    failure_signature s = signature_of(*this, f);
    const auto is_same = [&](const auto& other) { return other.second == s; };
    if (passed_.known && passed_.known->contains(s)) return;
    if (std::none_of(noted.begin(), noted.end(), is_same)) noted.emplace_back(f, std::move(s));
}

void engine::note(finding f) {
    const bool is_race = f.why == trace::stop::data_race;
    if (is_race) passed_.raced = passed_.has_raced = true;
    const bool is_first = !soft_failed_;
    soft_failed_ = true;
    if (options_.keep_going) keep(f);
    const bool arrives = !passed_.arrived && is_wanted(f);
    if (passed_.wanted ? !arrives : !is_first) {
        passed_.went_past = true;
        return;
    }
    if (arrives && is_race) stop(std::move(f));
    passed_.arrived = arrives;
    finding_ = std::move(f);
    if (recorder_ && finding_.why == trace::stop::assertion) recorder_->soft_failure(*this);
}

}  // namespace heddle::scheduler
