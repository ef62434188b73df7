// The notation of suites/litmus/README.md to a `program`.
//
//   heddle::litmus::program p = heddle::litmus::parse("x.store(1,rlx) | r0=x.load(acq)");
//
// Errors name what was expected and what was found, and where: as an offset into the text, which
// the caller turns into a line and a column of its file. The first error ends the parse.
#pragma once

#include <cstddef>
#include <heddle/litmus/program.hpp>
#include <stdexcept>
#include <string>
#include <string_view>

namespace heddle::litmus {

class parse_error : public std::runtime_error {
public:
    parse_error(std::size_t offset, const std::string& message)
        : std::runtime_error(message), offset_(offset) {}
    std::size_t offset() const noexcept { return offset_; }

private:
    std::size_t offset_;
};

// Fails: parse_error.
program parse(std::string_view text);

}  // namespace heddle::litmus
