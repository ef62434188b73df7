// `{}` in a text replaced by values, for heddle::record and heddle::log.
#pragma once

#include <sstream>
#include <string>
#include <string_view>

namespace heddle::detail {

// Replaces each `{}` in turn; values without a `{}` of their own are left out.
template <class... Values>
std::string format(std::string_view text, const Values&... values) {
    if constexpr (sizeof...(Values) == 0) {
        return std::string(text);
    } else {
        std::ostringstream out;
        out << std::boolalpha;
        const auto put = [&](const auto& value) {
            const std::size_t at = text.find("{}");
            out << text.substr(0, at);
            text = at == std::string_view::npos ? std::string_view{} : text.substr(at + 2);
            if (at != std::string_view::npos) out << value;
        };
        (put(values), ...);
        out << text;
        return std::move(out).str();
    }
}

}  // namespace heddle::detail
