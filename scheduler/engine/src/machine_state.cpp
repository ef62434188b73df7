#include "machine_state.hpp"

#include "engine.hpp"

namespace heddle::scheduler {

extern "C" {
thread_local machine_registers heddle_registers;
thread_local unsigned char heddle_watch_spins;
}

#if defined(__SANITIZE_ADDRESS__)
__attribute__((no_sanitize_address))
#elif defined(__clang__)
__attribute__((no_sanitize("address")))
#endif
void probe_machine_state() {
#if defined(__x86_64__) && defined(__linux__)
    engine& e = *current_engine;
    std::uint64_t h = 0x9e37'79b9'7f4a'7c15ULL;
    const auto mix = [&h](std::uint64_t x) {
        h ^= x;
        h *= 0xff51'afd7'ed55'8ccdULL;
        h ^= h >> 29;
    };
    for (unsigned k = 0; k < 6; ++k) mix(heddle_registers.value[k]);
    const auto* word = reinterpret_cast<const std::uint64_t*>(heddle_registers.value[6]);
    const auto* const base = reinterpret_cast<const std::uint64_t*>(e.self().stack->base());
    mix(static_cast<std::uint64_t>(base - word));
    for (; word < base; ++word) mix(*word);
    e.probe_state(h);
#endif
}

}  // namespace heddle::scheduler
