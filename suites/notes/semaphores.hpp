// A pool of permits: two for three threads, and one thread that loses its permit to an exception.
#pragma once

#include <atomic>
#include <stdexcept>

#include <heddle/heddle.hpp>
#include <heddle/primitives/bounded_semaphore.hpp>

namespace heddle::notes {

template <class Backend>
void three_share_two_permits() {
    bounded_semaphore<Backend> permits(2);
    typename Backend::template atomic<int> in_use{0};
    const auto work = [&] {
        permits.acquire();
        HEDDLE_ASSERT(in_use.fetch_add(1, std::memory_order_relaxed) < 2, "at most two at a time");
        in_use.fetch_sub(1, std::memory_order_relaxed);
        permits.release();
    };
    typename Backend::thread first(work), second(work);
    work();
    first.join();
    second.join();
    HEDDLE_ASSERT(permits.available() == 2);
}

// `release` stands behind what throws: the permit is never given back.
template <class Backend>
void permit_lost_to_an_exception() {
    bounded_semaphore<Backend> permits(1);
    const auto work = [&](bool connection_fails) {
        try {
            permits.acquire();
            if (connection_fails) throw std::runtime_error("connection refused");
            permits.release();
        } catch (const std::runtime_error&) {  // logged, and life goes on
        }
    };
    typename Backend::thread unlucky([&] {
        heddle::name_thread("unlucky");
        work(true);
    });
    typename Backend::thread next([&] {
        heddle::name_thread("next");
        work(false);
    });
    unlucky.join();
    next.join();
}

}  // namespace heddle::notes
