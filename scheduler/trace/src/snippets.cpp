#include "snippets.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include <heddle/trace/source.hpp>

#include "text_layout.hpp"

namespace heddle::trace {
namespace {

constexpr unsigned context_lines = 2;   // unlabelled lines shown between two labelled ones
constexpr std::size_t kept_indent = 4;  // of source indented deeper than that
constexpr std::size_t least_room = 36;  // for a label beside its mark; else it goes below

// Labelled lines that are shown together. `readable` is false for a line without source.
struct section {
    std::string file;
    bool readable = false;
    bool primary = false;
    std::size_t order = 0;  // of its first label
    std::map<unsigned, std::vector<const label*>> lines;
};

std::optional<std::string> line_of(const label& l) {
    return source_line(l.where.file, l.where.line);
}

bool close_to(const section& s, const label& l) {
    if (s.file != l.where.file) return false;
    if (s.lines.count(l.where.line) != 0) return true;
    if (!s.readable || !line_of(l)) return false;
    const unsigned first = s.lines.begin()->first, last = s.lines.rbegin()->first;
    const unsigned reach = context_lines + 1;
    return l.where.line + reach >= first && l.where.line <= last + reach;
}

// Sections grow until none of them are close; the order of labels decides the order of sections.
std::vector<section> sections_of(const std::vector<label>& labels) {
    std::vector<section> sections;
    std::vector<std::size_t> order(labels.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return labels[a].where.line < labels[b].where.line;  // so that neighbours meet
    });
    for (const std::size_t i : order) {
        const label& l = labels[i];
        auto s = std::find_if(sections.begin(), sections.end(),
                              [&](const section& x) { return close_to(x, l); });
        if (s == sections.end()) {
            section fresh;
            fresh.file = l.where.file;
            fresh.readable = line_of(l).has_value();
            fresh.order = i;
            s = sections.insert(sections.end(), std::move(fresh));
        }
        s->primary = s->primary || l.primary;
        s->order = std::min(s->order, i);
        s->lines[l.where.line].push_back(&l);
    }
    std::stable_sort(sections.begin(), sections.end(), [](const section& a, const section& b) {
        return a.primary != b.primary ? a.primary : a.order < b.order;
    });
    return sections;
}

// What a label marks: its call or its expression if the line has just one such, else all its code.
// A call on something else than the expression, where the line has both, is another step's.
text_span marked(const std::string& line, const label& l) {
    const auto expression = expression_span(line, l.expression);
    const auto call = l.call ? call_span(line, *l.call) : std::nullopt;
    if (!call) return expression.value_or(code_span(line));
    const bool others = expression && operand_text(line, *l.call) != l.expression;
    return others ? *expression : *call;
}

class section_text {
public:
    section_text(const section& s, std::size_t gutter)
        : section_(s), gutter_(gutter), bar_(std::string(gutter + 1, ' ') + '|') {}

    std::string operator()() {
        const std::string arrow = section_.primary ? "--> " : "::: ";
        const std::string head = std::string(gutter_, ' ') + arrow;
        if (!section_.readable) return without_source(head);
        const unsigned first = section_.lines.begin()->first;
        const unsigned last = section_.lines.rbegin()->first;
        unsigned shown = first;  // the line that the head names
        for (const auto& [number, labels] : section_.lines)
            for (const label* l : labels)
                if (l->primary) shown = number;
        out_ = head + show_place(place{section_.file, shown, {}}) + '\n' + bar_ + '\n';
        find_indent(first, last);
        for (unsigned number = first; number <= last; ++number) {
            const std::string line = source_line(section_.file, number).value_or("");
            code(number, line);
            const auto labels = section_.lines.find(number);
            if (labels != section_.lines.end()) marks(line, labels->second);
        }
        return out_ + bar_ + '\n';
    }

private:
    const section& section_;
    std::size_t gutter_;
    std::string bar_;
    std::size_t cut_ = 0;  // blanks left out at the beginning of each line
    std::string out_;

    std::size_t room() const { return report_width - gutter_ - 3; }

    // Places without source: one line a label, no bars around them.
    std::string without_source(const std::string& head) const {
        std::string out;
        for (const auto& [number, labels] : section_.lines) {
            const std::string where = show_place(place{section_.file, number, {}}) + ": ";
            const std::size_t indent = head.size() + 2;
            std::string lead = head + where;
            for (const label* l : labels) {
                if (lead.size() + 20 > report_width) {  // a path too long to share a line with text
                    out += lead.substr(0, lead.find_last_not_of(' ') + 1) + '\n';
                    lead = std::string(indent, ' ');
                }
                const std::size_t width = report_width - lead.size();
                for (const std::string& text : wrapped(l->text, width)) {
                    out += lead + text + '\n';
                    lead = std::string(std::min(lead.size(), head.size() + where.size()), ' ');
                }
            }
        }
        return out;
    }

    void find_indent(unsigned first, unsigned last) {
        std::size_t least = std::string::npos;
        for (unsigned number = first; number <= last; ++number) {
            const std::string line = source_line(section_.file, number).value_or("");
            const std::size_t indent = line.find_first_not_of(' ');
            if (indent != line.npos) least = std::min(least, indent);
        }
        cut_ = least == std::string::npos || least <= kept_indent ? 0 : least - kept_indent;
    }

    void code(unsigned number, const std::string& line) {
        const std::string text = line.size() > cut_ ? shortened(line.substr(cut_), room()) : "";
        std::string row = right_aligned(std::to_string(number), gutter_) + " | " + text;
        row.erase(row.find_last_not_of(' ') + 1);
        out_ += row + '\n';
    }

    void row(std::size_t indent, const std::string& text) {
        out_ += bar_ + ' ' + std::string(indent, ' ') + text + '\n';
    }

    // Labels that mark the same part of a line share a row of marks.
    void marks(const std::string& line, const std::vector<const label*>& labels) {
        std::vector<const label*> left = labels;
        while (!left.empty()) {
            const text_span span = marked(line, *left.front());
            std::vector<const label*> same, others;
            for (const label* l : left) (marked(line, *l) == span ? same : others).push_back(l);
            mark(line, span, same);
            left = std::move(others);
        }
    }

    void mark(const std::string& line, text_span span, const std::vector<const label*>& labels) {
        const std::string_view text = line;
        const std::size_t end_of_room = room();
        std::size_t begin = display_width(text.substr(0, span.begin));
        begin = std::min(begin > cut_ ? begin - cut_ : 0, end_of_room - 1);
        std::size_t width = display_width(text.substr(span.begin, span.end - span.begin));
        width = std::max<std::size_t>(1, std::min(width, end_of_room - begin));
        const bool primary =
            std::any_of(labels.begin(), labels.end(), [](const label* l) { return l->primary; });
        const std::string marks_of_span(width, primary ? '^' : '-');

        const std::size_t beside = begin + width + 1;
        std::size_t longest = 0;
        for (const label* l : labels) longest = std::max(longest, display_width(l->text));
        const std::size_t indent = std::min(begin, end_of_room - least_room);
        const bool fits_beside = beside + longest <= end_of_room;
        const bool fits_below = indent + longest <= end_of_room;
        const bool no_room = beside + least_room > end_of_room;
        if (!fits_beside && (fits_below || no_room)) {
            row(begin, marks_of_span);
            for (const label* l : labels)
                for (const std::string& words : wrapped(l->text, end_of_room - indent))
                    row(indent, words);
            return;
        }
        bool first = true;
        for (const label* l : labels) {
            for (const std::string& words : wrapped(l->text, end_of_room - beside)) {
                if (first) {
                    row(begin, marks_of_span + ' ' + words);
                } else {
                    row(beside, words);
                }
                first = false;
            }
        }
    }
};

}  // namespace

std::size_t gutter_width(const std::vector<label>& labels) {
    unsigned largest = 0;
    for (const label& l : labels) largest = std::max(largest, l.where.line);
    return std::max<std::size_t>(2, std::to_string(largest).size());
}

std::string render_snippets(const std::vector<label>& labels, std::size_t gutter) {
    std::vector<label> known;
    std::string unknown;
    for (const label& l : labels) {
        if (l.where.known()) {
            known.push_back(l);
        } else {
            const std::string lead = std::string(gutter, ' ') + (l.primary ? "--> " : "::: ");
            unknown += lead + "an unknown place: " + l.text + '\n';
        }
    }
    std::string out;
    for (const section& s : sections_of(known)) out += section_text(s, gutter)();
    return out + unknown;
}

}  // namespace heddle::trace
