// Runs a failing execution again, recorded, and makes its schedule and trace of it.
#pragma once

#include <heddle/scheduler/explore.hpp>

#include <memory>
#include <vector>

#include "engine.hpp"
#include "failure_signature.hpp"
#include "recorder.hpp"
#include "rerun_check.hpp"

namespace heddle::scheduler {

class explanation {
public:
    explanation(const options& o, body_function body, void* data, const search_hooks& hooks);

    // Runs again what `found` has just run and failed: its `finding_`, which has this signature.
    void run(engine& found, const failure_signature& wanted);
    // After that: replaces the failure by one with a smaller schedule, unless it has no such. It
    // costs a number of runs, of which it gets this share.
    void shrink(engine& found, double share);
    // Follows a recorded schedule; true if that fails. Where its end repeats, the trace has one
    // round of it. With keep_going it arrives at `wanted`, or at its own end.
    bool follow(const trace::schedule& s, const failure_signature* wanted = nullptr);
    // With keep_going: what following it comes to, in this order.
    std::vector<failure_signature> survey(const trace::schedule& s);

    // Runs an execution that did not do the same again once more, to name the difference.
    void compare(const rerun_check& check, unsigned words);

    heddle::failure& failure() { return failure_; }
    // Complete with what its replay needs.
    heddle::failure take_failure();
    std::uint64_t steps() const { return steps_; }

private:
    void explain_as_found(engine& found);
    void follow_graph(const engine& found, const std::vector<std::uint8_t>& slots);
    void replay(const engine& found, const trace::schedule& s);
    void take_bounds(const trace::schedule& s);
    ending run_once(engine& e);
    bool needs_keep_going();
    void conclude(engine& e, ending how);
    bool repeats(const trace::schedule& s, unsigned words) const;
    void name_departure(const engine& found);

    options options_;
    body_function body_;
    void* data_;
    search_hooks hooks_;
    recorder recorder_;
    heddle::failure failure_;
    wished_schedule schedule_;  // of the last run
    trace::schedule exact_;     // the same
    unsigned words_ = 1;        // of its clocks
    const failure_signature* wanted_ = nullptr;
    failure_signature any_like_it_;  // wanted_, wherever its threads stand
    bool arrived_ = false;           // the last run, at what was wanted
    bool went_past_ = false;         // other findings, before that
    std::uint64_t steps_ = 0;
    const finding* departed_ = nullptr;
    std::string departed_from_, departed_to_;  // names of objects, or "?"
    unsigned departed_step_ = 0;  // what the body did not do again, in the trace of the last run
};

}  // namespace heddle::scheduler
