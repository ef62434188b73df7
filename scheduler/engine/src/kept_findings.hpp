// The findings of a search, each explained once.
#pragma once

#include <heddle/scheduler/explore.hpp>

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "engine.hpp"
#include "failure_signature.hpp"

namespace heddle::scheduler {

class kept_findings {
public:
    kept_findings(body_function body, void* data, const search_hooks& hooks)
        : body_(body), data_(data), hooks_(hooks) {}

    bool empty() const noexcept { return failures_.empty(); }
    // " with 2 findings", after "failed".
    std::string summary() const;
    // Those that were met, for `passed_findings::known`.
    const std::set<failure_signature>& known() const noexcept { return met_; }

    // Explains what the last run of `found` came to, unless that is known, and keeps it.
    void explain(const options& o, engine& found, const finding& f, const failure_signature& s,
                 std::uint64_t execution);
    // Explains what a schedule comes to: with keep_going, all of it. Returns the steps that took.
    std::uint64_t explain(const options& o, const trace::schedule& s, std::uint64_t execution = 0);
    // The same for a schedule that was only tried, to see whether it starves a thread. What its
    // explanation does not show is no finding.
    void explain_starvation(const options& o, const trace::schedule& s, std::uint64_t execution) {
        const std::size_t before = failures_.size();
        explain(o, s, execution);
        while (failures_.size() > before && failures_.back().verdict != verdict::starvation)
            failures_.pop_back();
    }
    // The one kept last is not what was found, but that its schedule did something else.
    bool departs(const failure_signature& s) const noexcept {
        return !failures_.empty() && failures_.back().verdict == verdict::nondeterminism &&
               s.why != trace::stop::nondeterminism;
    }
    // And that is no fault of the body.
    void blame_heddle() { failures_.back().trace.heddle_at_fault = true; }
    void keep(heddle::failure f, const options& o, std::uint64_t execution);

    std::vector<heddle::failure> take() { return std::move(failures_); }

private:
    static constexpr std::size_t most = 64;        // that are kept
    static constexpr std::size_t most_shrunk = 8;  // with all the runs that this may take

    // As the report tells it: where two accesses of a race differ in the operation before them, but
    // not in their places, it is one.
    struct told {
        failure_signature about;
        std::vector<std::string> places;
        friend auto operator<=>(const told&, const told&) = default;
    };
    void explain_new(const options& o, engine& found, const failure_signature& s,
                     std::uint64_t execution);
    bool is_told(const failure_signature& s, const heddle::failure& f);

    body_function body_;
    void* data_;
    const search_hooks& hooks_;
    std::vector<heddle::failure> failures_;
    std::set<failure_signature> met_;
    std::set<told> told_;
    std::uint64_t left_out_ = 0;  // met when there were `most`
};

}  // namespace heddle::scheduler
