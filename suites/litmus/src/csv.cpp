#include <heddle/litmus/csv.hpp>

namespace heddle::litmus {
namespace {

// Continuation bytes of UTF-8 belong to the character before them.
void advance(position& p, char c) noexcept {
    if (c == '\n')
        p = {p.line + 1, 1};
    else if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U)
        ++p.column;
}

class csv_reader {
public:
    explicit csv_reader(std::string_view text) : text_(text) {
        if (text_.substr(0, 3) == "\xEF\xBB\xBF") text_.remove_prefix(3);
    }

    std::vector<csv_row> rows() {
        std::vector<csv_row> result;
        while (!at_end()) {
            if (accept_line_end()) continue;
            result.push_back(row());
        }
        return result;
    }

private:
    bool at_end() const { return next_ == text_.size(); }
    char current() const { return text_[next_]; }
    bool at_line_end() const {
        return at_end() || text_[next_] == '\n' || text_.substr(next_, 2) == "\r\n";
    }

    void skip() { advance(here_, text_[next_++]); }

    bool accept_line_end() {
        if (at_end() || !at_line_end()) return false;
        if (current() == '\r') skip();
        skip();
        return true;
    }

    csv_row row() {
        csv_row cells;
        for (;;) {
            cells.push_back(cell());
            if (at_end() || accept_line_end()) return cells;
            skip();  // the comma
        }
    }

    csv_cell cell() {
        csv_cell c;
        c.start = here_;
        if (!at_end() && current() == '"') return quoted_cell();
        while (!at_line_end() && current() != ',') {
            if (current() == '"')
                throw input_error(here_,
                                  "expected quotes around the whole cell, found '\"' within it");
            c.text += current();
            skip();
        }
        return c;
    }

    csv_cell quoted_cell() {
        const position open = here_;
        skip();
        csv_cell c;
        c.start = here_;
        c.quoted = true;
        for (;; skip()) {
            if (at_end())
                throw input_error(open, "expected a closing '\"', found the end of the file");
            if (current() == '"') {
                skip();
                if (at_end() || current() != '"') break;
            }
            c.text += current();
        }
        if (!at_line_end() && current() != ',')
            throw input_error(
                here_,
                std::string("expected ',' or the end of the line after a quoted cell, found '") +
                    current() + "'");
        return c;
    }

    std::string_view text_;
    std::size_t next_ = 0;
    position here_;
};

}  // namespace

position csv_cell::place_of(std::size_t offset) const noexcept {
    position p = start;
    for (std::size_t i = 0; i < offset && i < text.size(); ++i) {
        if (quoted && text[i] == '"') ++p.column;  // doubled in the file
        advance(p, text[i]);
    }
    return p;
}

std::vector<csv_row> read_csv(std::string_view text) { return csv_reader(text).rows(); }

std::string format_csv_row(std::span<const std::string> cells) {
    std::string line;
    for (const std::string& cell : cells) {
        if (!line.empty() || &cell != cells.data()) line += ',';
        if (cell.find_first_of(",\"\r\n") == std::string::npos) {
            line += cell;
            continue;
        }
        line += '"';
        for (const char c : cell) {
            if (c == '"') line += '"';
            line += c;
        }
        line += '"';
    }
    return line + '\n';
}

}  // namespace heddle::litmus
