// Prints the options as docs/options.md shows them: a section for each entry of the engine's table.
#include <cctype>
#include <iostream>
#include <string>
#include <string_view>

#include <heddle/scheduler/options.hpp>

namespace {

std::string in_capitals(std::string_view text) {
    std::string result;
    for (const char c : text)
        result += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return result;
}

// What an option takes, it says itself to whoever gives it an empty text.
std::string values_of(const heddle::option_info& option) {
    heddle::options scratch;
    const std::string error = option.set(scratch, "");
    constexpr std::string_view before = "expected ";
    const std::size_t at = error.find(before);
    return at == error.npos ? "any text" : error.substr(at + before.size());
}

void print(const heddle::option_info& option) {
    std::string meaning(option.explanation);
    meaning[0] = in_capitals(meaning.substr(0, 1))[0];
    const bool is_switch = option.value == "on|off";
    const std::string value = is_switch ? "" : "=" + std::string(option.value);
    const std::string shown = option.show({});
    std::cout << "### `" << option.name << "`\n\n"
              << meaning << ".\n\n"
              << "`--heddle_" << option.name << value << "` · `HEDDLE_" << in_capitals(option.name)
              << "` · " << values_of(option) << " · "
              << (shown.empty() ? "empty by default" : "default `" + shown + "`") << "\n\n";
}

}  // namespace

int main() {
    for (const heddle::option_info& option : heddle::option_table()) print(option);
}
