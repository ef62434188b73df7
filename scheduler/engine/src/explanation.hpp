// Runs a failing execution again, recorded, and makes its schedule and trace of it.
#pragma once

#include <heddle/scheduler/explore.hpp>

#include <memory>

#include "engine.hpp"
#include "recorder.hpp"
#include "rerun_check.hpp"

namespace heddle::scheduler {

class explanation {
public:
    explanation(const options& o, body_function body, void* data, const search_hooks& hooks);

    // Runs again what `found` has just run and failed.
    void run(engine& found);
    // Follows a recorded schedule; true if that fails. Where its end repeats, the trace has one
    // round of it.
    bool follow(const trace::schedule& s);

    // Runs an execution that did not do the same again once more, to name the difference.
    void compare(const rerun_check& check, unsigned words);

    heddle::failure& failure() { return failure_; }
    heddle::failure take_failure() { return std::move(failure_); }
    std::uint64_t steps() const { return steps_; }

private:
    void explain_as_found(engine& found);
    void shrink(engine& found);
    void follow_graph(const engine& found, const std::vector<std::uint8_t>& slots);
    void replay(const engine& found, const trace::schedule& s);
    ending run_once(engine& e);
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
    std::uint64_t steps_ = 0;
    const finding* departed_ = nullptr;
    std::string departed_from_, departed_to_;  // names of objects, or "?"
    unsigned departed_step_ = 0;  // what the body did not do again, in the trace of the last run
};

}  // namespace heddle::scheduler
