// What the two peers have in common: `peer PROGRAM EXECUTIONS` prints the executions per second of
// processor time, and nothing else. Each is one OS thread that never sleeps, so this is what they
// reach on a machine of their own.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <span>

namespace peers {

struct program {
    const char* name;
    bool (*run)(std::uint64_t executions);  // whether every one of them was clean
};

inline int time_one(int argc, char** argv, std::span<const program> programs) {
    const std::uint64_t executions = argc == 3 ? std::strtoull(argv[2], nullptr, 10) : 0;
    for (const program& p : programs) {
        if (executions == 0 || std::strcmp(argv[1], p.name) != 0) continue;
        const std::clock_t begin = std::clock();
        const bool clean = p.run(executions);
        const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
        if (!clean) {
            std::fprintf(stderr, "%s: an execution of %s failed\n", argv[0], p.name);
            return 1;
        }
        std::printf("%.0f\n", static_cast<double>(executions) / seconds);
        return 0;
    }
    std::fprintf(stderr, "usage: %s PROGRAM EXECUTIONS, with a program of:", argv[0]);
    for (const program& p : programs) std::fprintf(stderr, " %s", p.name);
    std::fprintf(stderr, "\n");
    return 2;
}

}  // namespace peers
