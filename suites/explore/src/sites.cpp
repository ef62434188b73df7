#include "sites.hpp"

#include <backtrace.h>
#include <cxxabi.h>

#include <cstdlib>
#include <string>
#include <string_view>

namespace heddle::detail {
namespace {

std::string demangled(const char* function) {
    if (!function) return {};
    int status = 0;
    char* const text = abi::__cxa_demangle(function, nullptr, nullptr, &status);
    std::string result = status == 0 && text ? text : function;
    std::free(text);
    return result;
}

int add_place(void* data, std::uintptr_t, const char* file, int line, const char* function) {
    if (!file) return 0;
    // Clang names the file absolutely and libbacktrace puts the build directory before it:
    // "/build//src/x.cpp".
    const std::string_view name = file;
    if (const std::size_t twice = name.find("//"); twice != std::string_view::npos)
        file += twice + 1;
    static_cast<std::vector<trace::place>*>(data)->push_back(
        {file, static_cast<unsigned>(line), demangled(function)});
    return 0;
}

void ignore_error(void*, const char*, int) {}

}  // namespace

void resolve_places(void* const* addresses, std::size_t count, std::vector<trace::place>& out) {
    static backtrace_state* const state = backtrace_create_state(nullptr, 1, ignore_error, nullptr);
    if (!state) return;
    for (std::size_t k = 0; k < count; ++k)
        backtrace_pcinfo(state, reinterpret_cast<std::uintptr_t>(addresses[k]), add_place,
                         ignore_error, &out);
}

}  // namespace heddle::detail
