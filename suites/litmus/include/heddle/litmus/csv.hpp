// Comma-separated values as RFC 4180 has them, with the place of every character.
//
// Quoted cells may hold commas, line ends and doubled quotes; lines end with LF or CRLF; a byte
// order mark and empty lines are passed over. Lines and columns count from 1; a column is a
// character (one code point of UTF-8). Source: Shafranovich, "Common Format and MIME Type for
// Comma-Separated Values (CSV) Files", RFC 4180, 2005.
#pragma once

#include <cstddef>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace heddle::litmus {

struct position {
    std::size_t line = 1, column = 1;
    friend bool operator==(const position&, const position&) = default;
};

// What is wrong with a file, and where; what() does not repeat the place.
class input_error : public std::runtime_error {
public:
    input_error(position where, const std::string& message)
        : std::runtime_error(message), where_(where) {}
    position where() const noexcept { return where_; }

private:
    position where_;
};

struct csv_cell {
    std::string text;  // without the quotes around it, doubled quotes single
    position start;    // of the first character of `text`
    bool quoted = false;

    // Where text[offset] stands in the file; offset may be text.size(). Cost: linear in the offset.
    position place_of(std::size_t offset) const noexcept;
};

using csv_row = std::vector<csv_cell>;

// Fails: input_error, for a quote that is not closed, or in the middle of a cell, or followed by
// text.
std::vector<csv_row> read_csv(std::string_view text);

// One line with its line end; cells with a comma, a quote or a line end are quoted.
std::string format_csv_row(std::span<const std::string> cells);

}  // namespace heddle::litmus
