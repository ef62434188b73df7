// heddle's side of the comparison with Relacy: the benchmarked programs under the random strategy.
#include <heddle/heddle.hpp>

#include "../src/programs.hpp"
#include "peer.hpp"

namespace {

template <void (*Body)()>
bool sample(std::uint64_t executions) {
    heddle::options o;
    o.strategy = heddle::strategies::random{};
    o.execution_limit = executions;
    const heddle::result r = heddle::explore(o, Body);
    return r && r.executions == executions;
}

using namespace heddle::throughput;

const peers::program programs[] = {
    {"sb_relaxed", sample<store_buffering<std::memory_order_relaxed>>},
    {"sb_seq_cst", sample<store_buffering<std::memory_order_seq_cst>>},
    {"mutex_3x2", sample<mutex_sections<3, 2>>},
    {"buffer_2p2c_1", sample<bounded_buffer<2, 2, 1>>},
};

}  // namespace

int main(int argc, char** argv) { return peers::time_one(argc, argv, programs); }
