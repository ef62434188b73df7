// The door between the body and the engine: which of the two is at work.
#pragma once

#include "engine.hpp"

namespace heddle::scheduler {

// From here to the end of the call, the engine works: allocations are its own.
class engine_scope {
public:
    enum class entry : std::uint8_t { step, plain_access };

    explicit engine_scope(engine& e, [[maybe_unused]] entry what = entry::step) : engine_(e) {
        --e.body_level_;
        if constexpr (thread_sanitizer)
            // A race on a `var` is found by the engine, which knows more of it.
            if (e.body_level_ == 0) e.enter_from_body(what == entry::step);
    }
    ~engine_scope() {
        if constexpr (thread_sanitizer)
            if (engine_.body_level_ == 0) engine_.return_to_body();
        ++engine_.body_level_;
    }
    engine_scope(const engine_scope&) = delete;
    engine_scope& operator=(const engine_scope&) = delete;
    engine& owner() const noexcept { return engine_; }

private:
    engine& engine_;
};

}  // namespace heddle::scheduler
