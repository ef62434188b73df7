// The part of the parser between expressions and statements: the names of locations, their numbers,
// what they are used for and their initial values.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "expressions.hpp"

namespace heddle::litmus {

class location_parser : protected expression_parser {
public:
    using expression_parser::expression_parser;

protected:
    // What follows the '[' that begins a program.
    void initial_values();

    // `name`, which has been read, and the index that may follow, into `i`. Whether it may be a
    // mutex, or must not be one, is checked here; that it is data is said by `used_as_data`.
    void name_location(instruction& i, const token& name, bool mutex);
    void used_as_data(base_index base, bool plain);

private:
    base_index base_of(const token& name);
    location_index number_location(base_index base, std::optional<std::int64_t> index);

    // By base: where a value other than 0 was given; otherwise a token of kind `end`.
    std::vector<token> initial_places_;
};

}  // namespace heddle::litmus
