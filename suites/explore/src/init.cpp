#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include <heddle/heddle.hpp>
#include <heddle/scheduler/options.hpp>

namespace heddle {
namespace {

[[noreturn]] void refuse(const std::string& error) {
    std::fprintf(stderr, "heddle: %s\n", error.c_str());
    std::exit(2);
}

}  // namespace

void init(int* argc, char** argv) {
    if (const std::string error = parse_environment(); !error.empty()) refuse(error);
    if (const std::string error = parse_flags(argc, argv); !error.empty()) refuse(error);
    for (int i = 1; i < *argc; ++i) {
        const std::string_view argument = argv[i];
        if (argument == "--") break;
        if (argument != "--help" && argument != "-h") continue;
        // The flag stays: whoever else has options prints them too, and the caller decides whether
        // to go on.
        std::printf("%s\n", option_help().c_str());
        std::fflush(stdout);
        break;
    }
}

}  // namespace heddle
