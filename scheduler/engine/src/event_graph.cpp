#include "event_graph.hpp"

#include <sys/mman.h>

#include <bit>
#include <cstddef>
#include <cstring>
#include <new>

namespace heddle::scheduler {

// Everything lies in one reservation whose pages are touched as the graph grows: nothing moves,
// nothing is checked for growth on the way, and a small graph costs a few pages.
event_graph::event_graph(unsigned capacity, unsigned objects, unsigned clock_words)
    : clocks_shift_(static_cast<unsigned>(std::countr_zero(4 * clock_words * sizeof(clock_word)))),
      capacity_(capacity),
      words_(clock_words) {
    const auto aligned = [](std::size_t bytes) { return (bytes + 4095) / 4096 * 4096; };
    const std::size_t threads = clock_words * threads_per_word;
    const std::size_t events_bytes = aligned(capacity * sizeof(event));
    const std::size_t clocks_bytes = aligned(clocks_before(static_cast<event_index>(capacity)));
    const std::size_t sequences_bytes = aligned(threads * capacity * sizeof(event_index));
    const std::size_t locations_bytes = aligned(objects * sizeof(location));
    bytes_ = events_bytes + clocks_bytes + sequences_bytes + locations_bytes;
    memory_ = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory_ == MAP_FAILED) throw std::bad_alloc();
    auto* at = static_cast<std::byte*>(memory_);
    events = reinterpret_cast<event*>(at);
    at += events_bytes;
    for (std::size_t which = 0; which < 3; ++which)
        clocks_[which] = at + which * clock_words * sizeof(clock_word);
    at += clocks_bytes;
    for (std::size_t t = 0; t < threads; ++t)
        sequences_[t] = reinterpret_cast<event_index*>(at) + t * capacity;
    locations = reinterpret_cast<location*>(at + sequences_bytes);
    for (event_name& n : created_by) n = no_event_name;
}

event_graph::~event_graph() { munmap(memory_, bytes_); }

void event_graph::clear(unsigned objects, unsigned threads) noexcept {
    size = settled = 0;
    total_order_events = total_order_fences = markers = 0;
    total_order_threads = 0;
    std::memset(count, 0, threads * sizeof(count[0]));
    for (unsigned i = 0; i < objects; ++i) locations[i] = location{};
}

}  // namespace heddle::scheduler
