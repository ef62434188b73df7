// A program without GoogleTest: explores one body, prints what was found, exits with 1 unless
// nothing was. With an argument, the body leaves it with a success.
#include <cstdio>
#include <cstdlib>
#include <string>

#include <heddle/heddle.hpp>

int main(int argc, char** argv) {
    heddle::init(&argc, argv);
    const bool leaves = argc > 1;
    const heddle::result r = heddle::explore([leaves] {
        if (leaves) std::exit(0);
        heddle::fibers::atomic<int> x{0};
        heddle::fibers::thread writer{[&] { x.store(1); }};
        HEDDLE_ASSERT(x.load() == 0, "read after the write");
        writer.join();
    });
    std::printf("%s seed %llu\n%s\n", std::string{heddle::to_string(r.verdict)}.c_str(),
                static_cast<unsigned long long>(heddle::with_overrides({}).seed),
                r.summary.c_str());
    if (r.failure) std::printf("%s\n", r.failure->message.c_str());
    return r ? 0 : 1;
}
