#include "debugging.hpp"

#include <string>

#include "engine.hpp"
#include "engine_scope.hpp"
#include "recorder.hpp"

namespace heddle::scheduler {
namespace {

const modelled_thread* thread_created_as(unsigned n) noexcept {
    const engine* const e = current_engine;
    for (unsigned s = 0; e && s < e->thread_slots_; ++s)
        if (e->threads_[s].created_as == n && (s == 0 || e->threads_[s].state != run_state::off))
            return &e->threads_[s];
    return nullptr;
}

// Kept to the next question: a debugger has no use for an object to destroy.
const char* answer(std::string text) {
    static std::string kept;
    kept = std::move(text);
    return kept.c_str();
}

std::string state_of(const modelled_thread& t) {
    const engine& e = *current_engine;
    if (&t == e.current_) return "running";
    switch (t.state) {
        case run_state::off: return "not started";
        case run_state::runnable: return "runnable";
        case run_state::joining:
            return "waits for `" +
                   std::string(heddle_thread_name(static_cast<unsigned>(
                       e.threads_[static_cast<unsigned>(t.joining)].created_as))) +
                   "` to end";
        case run_state::blocked:
            return "waits for `" +
                   (e.recorder_ ? e.recorder_->object_name(t.pending.object) : std::string()) + '`';
        case run_state::dropped: return "dropped";
        case run_state::spinning: return "spins";
        case run_state::exited: return "has ended";
    }
    return {};
}

}  // namespace
}  // namespace heddle::scheduler

using namespace heddle::scheduler;

extern "C" {

[[gnu::noinline, gnu::used]] void heddle_break(unsigned step) noexcept {
    asm volatile("" : : "r"(step) : "memory");
}

[[gnu::used]] unsigned heddle_thread_count() noexcept {
    return current_engine ? current_engine->created_ : 0;
}

[[gnu::used]] const char* heddle_thread_name(unsigned thread) noexcept {
    if (!current_engine || !current_engine->recorder_) return "";
    const engine_scope inside(*current_engine);
    return answer(current_engine->recorder_->thread_name(thread));
}

[[gnu::used]] const char* heddle_thread_state(unsigned thread) noexcept {
    const modelled_thread* const t = thread_created_as(thread);
    if (!t) return "";
    const engine_scope inside(*current_engine);
    return answer(state_of(*t));
}

[[gnu::used]] const void* heddle_thread_context(unsigned thread) noexcept {
    const modelled_thread* const t = thread_created_as(thread);
    if (!t || t == current_engine->current_ || !t->stack || t->stack->parked ||
        t->state == run_state::exited)
        return nullptr;
    return t->stack->context;
}
}
