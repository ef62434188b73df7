// The rows of the benchmarks: each program under a strategy that samples and under one that proves.
#pragma once

#include <heddle/heddle.hpp>

#include <string>
#include <utility>
#include <vector>

#include "programs.hpp"

namespace heddle::throughput {

struct row {
    std::string name;  // "random/peterson"
    void (*body)();
    strategy how;
};

inline std::vector<row> rows() {
    const std::pair<const char*, void (*)()> programs[] = {
        {"sb_seq_cst", store_buffering<std::memory_order_seq_cst>},
        {"sb_relaxed", store_buffering<std::memory_order_relaxed>},
        {"peterson", peterson},
        {"mutex_3x2", mutex_sections<3, 2>},
        {"fetch_add_8", fetch_adds<8>},
        {"spsc_ring_4", spsc_ring},
        {"treiber_3", treiber_stack},
        {"buffer_1p1c_2", bounded_buffer<1, 1, 2>},
        {"buffer_2p2c_1", bounded_buffer<2, 2, 1>},
    };
    std::vector<row> all;
    for (const auto& [name, body] : programs) {
        all.push_back({std::string("random/") + name, body, strategies::random{}});
        all.push_back({std::string("exhaustive/") + name, body, strategies::exhaustive{}});
    }
    return all;
}

}  // namespace heddle::throughput
