// Threads that meet at a barrier: phase after phase, and once in vain.
#pragma once

#include <chrono>
#include <cstddef>

#include <heddle/heddle.hpp>
#include <heddle/primitives/cyclic_barrier.hpp>

namespace heddle::notes {

// In each phase one of the three gets index 0.
template <class Backend>
void three_in_two_phases() {
    cyclic_barrier<Backend> barrier(3);
    typename Backend::template atomic<int> firsts[2];
    const auto work = [&] {
        for (auto& first : firsts)
            if (barrier.wait() == 0) first.fetch_add(1, std::memory_order_relaxed);
    };
    typename Backend::thread a(work), b(work);
    work();
    a.join();
    b.join();
    HEDDLE_ASSERT(firsts[0].load() == 1 && firsts[1].load() == 1, "one index 0 in each phase");
}

// The third party never comes. Who gives up breaks the barrier, and the other is told.
template <class Backend>
void broken_by_a_timeout() {
    using namespace std::chrono_literals;
    cyclic_barrier<Backend> barrier(3);
    bool impatient_told = false, patient_told = false;
    typename Backend::thread impatient([&] {
        heddle::name_thread("impatient");
        try {
            barrier.wait_for(10ms);
        } catch (const broken_barrier&) {
            impatient_told = true;
        }
    });
    typename Backend::thread patient([&] {
        heddle::name_thread("patient");
        try {
            barrier.wait();
        } catch (const broken_barrier&) {
            patient_told = true;
        }
    });
    impatient.join();
    patient.join();
    HEDDLE_ASSERT(impatient_told && patient_told, "every party is told");
    HEDDLE_ASSERT(barrier.is_broken());
}

}  // namespace heddle::notes
