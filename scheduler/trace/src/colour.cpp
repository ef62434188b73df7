#include <algorithm>

#include <heddle/trace/colour.hpp>

namespace heddle::trace {
namespace {

constexpr std::string_view bold = "1", red = "1;31", yellow = "1;33", blue = "1;34", dim = "2";

std::string painted(std::string_view text, std::string_view colour) {
    if (text.empty()) return {};
    return "\x1b[" + std::string(colour) + 'm' + std::string(text) + "\x1b[0m";
}

// A line of the report, painted after what stands at its beginning; parts below the code and rows
// of the gutter are told apart by their first characters.
class line_painter {
public:
    explicit line_painter(std::string_view severity) : severity_(severity) {}

    std::string operator()(std::string_view line) const {
        const std::size_t first = line.find_first_not_of(' ');
        if (first == line.npos) return std::string(line);
        const std::string_view rest = line.substr(first);
        if (rest.starts_with("error[") || rest.starts_with("warning[")) return headline(line);
        if (rest.starts_with("--> ") || rest.starts_with("::: "))
            return std::string(line.substr(0, first)) + painted(rest.substr(0, 3), blue) +
                   std::string(rest.substr(3));
        if (rest.starts_with("= ")) return part(line, first);
        if (rest.starts_with("|")) return marks(line, first);
        if (rest.starts_with("switch to ") || rest.find(" hidden)") != rest.npos)
            return painted(line, dim);
        const std::size_t digits = rest.find_first_not_of("0123456789");
        if (digits != rest.npos && digits > 0 && rest.substr(digits).starts_with(" |"))
            return painted(line.substr(0, first + digits + 2), blue) +
                   std::string(rest.substr(digits + 2));
        return std::string(line);
    }

private:
    std::string_view severity_;

    std::string headline(std::string_view line) const {
        const std::size_t colon = line.find("]:") + 1;
        return painted(line.substr(0, colon), severity_) + painted(line.substr(colon), bold);
    }

    // "   = why: text".
    static std::string part(std::string_view line, std::size_t first) {
        const std::size_t colon = line.find(": ", first);
        if (colon == line.npos) return std::string(line);
        return std::string(line.substr(0, first)) + painted("=", blue) +
               painted(line.substr(first + 1, colon - first), bold) +
               std::string(line.substr(colon + 1));
    }

    // "   |     ^^^^^ text", or "   |     text" below a row of marks.
    std::string marks(std::string_view line, std::size_t first) const {
        const std::string gutter = painted(line.substr(0, first + 1), blue);
        const std::string_view rest = line.substr(first + 1);
        const std::size_t begin = rest.find_first_not_of(' ');
        if (begin == rest.npos) return gutter;
        const char mark = rest[begin];
        if (mark != '^' && mark != '-') return gutter + std::string(rest);
        const std::size_t end = std::min(rest.find_first_not_of(mark, begin), rest.size());
        return gutter + std::string(rest.substr(0, begin)) +
               painted(rest.substr(begin, end - begin), mark == '^' ? severity_ : blue) +
               std::string(rest.substr(end));
    }
};

}  // namespace

std::string coloured(std::string_view report) {
    const line_painter paint(report.starts_with("warning[") ? yellow : red);
    std::string out;
    for (std::size_t at = 0; at < report.size();) {
        const std::size_t end = report.find('\n', at);
        out += paint(report.substr(at, end - at));
        if (end == report.npos) break;
        out += '\n';
        at = end + 1;
    }
    return out;
}

}  // namespace heddle::trace
