// heddle-litmus: explores litmus programs with the engine that runs C++ bodies.
#include <heddle/litmus/application.hpp>
#include <iostream>
#include <vector>

int main(int argc, char** argv) {
    const std::vector<std::string_view> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
    return heddle::litmus::run_application(arguments, std::cout, std::cerr, heddle::litmus::run);
}
