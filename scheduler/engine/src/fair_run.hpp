// An execution that was cut at the step limit was not fair. Is one that is as endless?
#pragma once

#include <heddle/scheduler/explore.hpp>

#include <memory>

#include "engine.hpp"

namespace heddle::scheduler {

// One execution of the random strategy, beside a search that has met `found` and is under way. What
// it finds is a finding as any other: all threads get their turns in it.
class fair_run {
public:
    fair_run(const options& o, body_function body, void* data, const engine& found);

    // Runs it. Deterministic; an execution, and more where it needs wider clocks.
    ending run();
    engine& last() noexcept { return *engine_; }  // of the execution that was run

private:
    const options& options_;
    body_function body_;
    void* data_;
    const engine& found_;
    std::unique_ptr<engine> engine_;
};

}  // namespace heddle::scheduler
