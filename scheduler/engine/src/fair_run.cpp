#include "fair_run.hpp"

namespace heddle::scheduler {
namespace {

constexpr unsigned most_restarts = 8;

}  // namespace

fair_run::fair_run(const options& o, body_function body, void* data, const engine& found)
    : options_(o), body_(body), data_(data), found_(found) {}

ending fair_run::run() {
    unsigned words = found_.words_;
    bool watches = found_.watch_spins_;
    for (unsigned restarts = 0;; ++restarts) {
        engine_ = std::make_unique<engine>(options_, body_, data_, words);
        engine& e = *engine_;
        e.speculates_ = true;
        e.unlimited_weak_failures_ = found_.unlimited_weak_failures_;
        e.watch_spins_ = watches;
        e.begin_forward(mode::random);
        e.random_.reseed(options_.seed, 0);
        const ending how = e.run();
        if (how != ending::restart || restarts == most_restarts) return how;
        if (e.wanted_words_) words = e.wanted_words_;
        watches = e.watch_spins_;
    }
}

}  // namespace heddle::scheduler
