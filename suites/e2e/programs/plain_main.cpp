// A program without GoogleTest: explores one body, prints what was found, exits with 1 unless
// nothing was.
#include <cstdio>
#include <string>

#include <heddle/heddle.hpp>

int main(int argc, char** argv) {
    heddle::init(&argc, argv);
    const heddle::result r = heddle::explore([] {
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
