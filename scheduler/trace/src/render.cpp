#include <algorithm>

#include <heddle/trace/render.hpp>

#include "snippets.hpp"
#include "text_layout.hpp"

namespace heddle::trace {
namespace {

constexpr std::size_t least_wrap = 40;

// The parts below the code, each `= name: text`, later lines aligned with the text of the first.
class sections_below {
public:
    explicit sections_below(std::size_t gutter) : indent_(gutter + 1, ' ') {}

    void part(const std::string& name, const std::vector<std::string>& lines) {
        const std::string first = indent_ + "= " + name + ": ";
        const std::string others(first.size(), ' ');
        const std::size_t width = std::max(least_wrap, report_width - first.size());
        bool at_first = true;
        for (const std::string& line : lines) {
            for (const std::string& words : wrapped(line, width)) {
                const std::string& lead = at_first ? first : others;
                const std::string row = lead + words;
                text_ += row.substr(0, row.find_last_not_of(' ') + 1) + '\n';
                at_first = false;
            }
        }
    }
    const std::string& text() const { return text_; }

private:
    std::string indent_;
    std::string text_;
};

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    for (std::size_t at = 0; at <= text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        lines.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return lines;
}

}  // namespace

std::string render(const execution_trace& trace, const diagnostic& d) {
    std::string text = d.severity == severity::error ? "error[" : "warning[";
    text += d.slug + "]: " + d.headline + '\n';
    const std::size_t gutter = gutter_width(d.labels);
    const std::string bar = std::string(gutter + 1, ' ') + "|\n";
    text += render_snippets(d.labels, gutter);
    if (!d.labels.empty() && !text.ends_with('\n' + bar)) text += bar;

    sections_below below(gutter);
    below.part("why", d.why);
    for (const std::string& note : d.notes) below.part("note", lines_of(note));
    below.part("help", d.help);
    if (!d.found.empty()) below.part("found", {d.found});
    text += below.text();

    const std::string columns = render_columns(trace, d);
    if (!columns.empty()) text += '\n' + columns;
    if (!d.replay.empty()) {
        if (!columns.empty()) text += '\n';
        text += std::string(gutter + 1, ' ') + "= replay: " + d.replay + '\n';
    }
    return text;
}

}  // namespace heddle::trace
