// heddle-litmus without its main: the arguments, the streams and the runner are handed in, so that
// tests can.
#pragma once

#include <functional>
#include <heddle/litmus/runner.hpp>
#include <iosfwd>
#include <span>
#include <string_view>

namespace heddle::litmus {

using runner = std::function<row_result(const program&, const run_options&)>;

// Returns the exit status (see `help_text`). Every file is read and every program parsed before the
// first one runs, so that a mistake in the last row costs no search; all of them are reported.
int run_application(std::span<const std::string_view> arguments, std::ostream& out,
                    std::ostream& err, const runner& explore);

}  // namespace heddle::litmus
